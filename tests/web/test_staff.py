"""Staff by pages alone: invited, let in, given roles, sent away, and never out of one's own part of the tree."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from helpdesk.audit.models import JournalEntry
from helpdesk.identity.access_models import StaffLink
from helpdesk.identity.links import word
from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.rules import Permission, Role
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications.models import Letter
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import PASSWORD, SignIn, Town, employ

pytestmark = pytest.mark.usefixtures("set_clock")

NEW = {
    "name": "Әлия Нұрланова",
    "email": "aliya@1450.test",
    "language": "kk",
    "languages": ["kk", "ru"],
    "skills": ["technical"],
    "mobile": "8 709 000 12 34",
    "role": "operator",
}
CHOSEN = "жаңа орында бірінші күн"


@pytest.fixture
def irina(town: Town, sign_in: SignIn) -> FlaskClient:
    """The city administrator's browser, in Russian."""
    return sign_in(town.admin)


@pytest.fixture
def district_admin(town: Town) -> Staff:
    """Administers the district of school 905 and nothing else."""
    with transaction():
        return employ("Қанат Ибраев", "qanat@1450.test", ["kk"], (Role.ADMINISTRATOR, town.district))


def invited(browser: FlaskClient, at: int, **changes: object) -> Staff:
    answer = browser.post("/staff/invite", data=NEW | {"organization": str(at)} | changes)
    assert answer.status_code == 303, answer.text
    return session().query(Staff).filter_by(email=str(changes.get("email", NEW["email"]))).one()


def told(kind: str) -> list[JournalEntry]:
    return session().query(JournalEntry).filter_by(kind=kind).all()


def test_somebody_is_invited_chooses_a_password_once_and_signs_in(
    irina: FlaskClient, town: Town, client: FlaskClient, run_jobs: Callable[[], None]
) -> None:
    person = invited(irina, town.school905.id)
    assert (person.mobile, person.skills, person.languages) == ("+77090001234", ["technical"], ["kk", "ru"])
    run_jobs()
    letter = session().query(Letter).filter_by(address="aliya@1450.test").one()
    link = session().query(StaffLink).one()
    assert letter.language == "kk"
    assert "Құпиясөзіңізді" in letter.body
    assert word(link.id) not in letter.body, "what opens stands in no table"

    page = client.get(f"/welcome/{word(link.id)}")
    assert "Әлия Нұрланова" in page.text
    short = client.post(f"/welcome/{word(link.id)}", data={"password": "short", "again": "short"})
    assert short.status_code == 422
    assert client.post(f"/welcome/{word(link.id)}", data={"password": CHOSEN, "again": CHOSEN}).status_code == 303
    assert client.get(f"/welcome/{word(link.id)}").status_code == 404, "a link opens once"
    answer = client.post("/sign-in", data={"email": "aliya@1450.test", "password": CHOSEN})
    assert answer.headers["Location"].endswith("/board")
    assert client.get("/board").status_code == 200


def test_the_letter_that_leaves_carries_the_link(irina: FlaskClient, town: Town, run_jobs: Callable[[], None]) -> None:
    person = invited(irina, town.school905.id)
    run_jobs()
    link = session().query(StaffLink).one()
    assert f"/welcome/{word(link.id)}" in irina.get(f"/staff/{person.id}").text, "kept post can be looked at in a demo"


def test_an_invitation_is_good_for_seven_days_and_not_after_a_newer_one(
    irina: FlaskClient, town: Town, client: FlaskClient, set_clock: SetClock
) -> None:
    person = invited(irina, town.school905.id)
    first = session().query(StaffLink).one()
    assert irina.post(f"/staff/{person.id}/link").status_code == 303
    second = session().query(StaffLink).order_by(StaffLink.id.desc()).first()
    assert second is not None
    assert client.get(f"/welcome/{word(first.id)}").status_code == 404
    assert client.get(f"/welcome/{word(second.id)}").status_code == 200
    set_clock.forward(days=7, seconds=1)
    assert client.get(f"/welcome/{word(second.id)}").status_code == 404


@pytest.mark.parametrize("given", ["", "1-aaaa", "zz-1", "fffffffffffffffffffff-a", "1-"])
def test_a_made_up_link_opens_nothing(client: FlaskClient, town: Town, given: str) -> None:
    assert client.get(f"/welcome/{given}").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("email", "kein"),
        ("email", "AIGUL@1450.test"),
        ("languages", []),
        ("mobile", "12"),
        ("role", "king"),
        ("organization", "999999"),
    ],
)
def test_a_refused_invitation_names_the_field_and_keeps_what_was_typed(
    irina: FlaskClient, town: Town, field: str, value: object
) -> None:
    given = NEW | {"organization": str(town.school905.id), "organization_text": "№ 905 мектеп"} | {field: value}
    answer = irina.post("/staff/invite", data=given)
    assert answer.status_code == 422
    name = "organization_text" if field == "organization" else field
    assert f'href="#{name}"' in answer.text
    assert 'value="№ 905 мектеп"' in answer.text
    assert session().query(Staff).filter_by(name=NEW["name"]).count() == 0


def test_the_list_is_in_the_kazakh_alphabet_and_found_by_any_beginning(irina: FlaskClient, town: Town) -> None:
    with transaction():
        for name in ("Үсен Серік", "Ұлан Серік", "Әбіш Серік", "Аман Серік", "Уәли Серік"):
            employ(name, f"{name.split()[0]}@1450.test", ["kk"], (Role.OPERATOR, town.school905))
    page = irina.get("/staff?q=серик").text
    found = re.findall(r"(\w+) Серік</a>", page)
    assert found == ["Аман", "Әбіш", "Уәли", "Ұлан", "Үсен"]
    assert "Әбіш Серік" in irina.get("/staff?q=абиш").text
    assert "Никого не нашли" in irina.get("/staff?q=жоқ").text


def test_the_list_goes_on_where_the_page_ended_and_takes_few_statements(irina: FlaskClient, town: Town) -> None:
    with transaction():
        for number in range(45):
            employ(f"Адам {number:03d}", f"a{number}@1450.test", ["kk"], (Role.OPERATOR, town.school905))
    irina.get("/staff")
    with counted_statements() as sent:
        page = irina.get("/staff?q=адам")
    assert len(sent) <= 10, "\n".join(sent)
    more = re.search(r'href="(/staff\?[^"]*after=[^"]*)"', page.text)
    assert more is not None
    rest = irina.get(more.group(1).replace("&amp;", "&")).text
    found = re.findall(r"Адам (\d+)</a>", page.text) + re.findall(r"Адам (\d+)</a>", rest)
    assert found == [f"{number:03d}" for number in range(45)]


def test_roles_are_given_and_taken_but_the_last_one_stays(irina: FlaskClient, town: Town) -> None:
    one = f"/staff/{town.bekzat.id}"
    given = {"role": "psychologist", "organization": str(town.school911.id)}
    assert irina.post(f"{one}/roles", data=given).status_code == 303
    assert irina.post(f"{one}/roles", data=given).status_code == 303, "given again, nothing changes"
    assert len(told("staff.role_given")) == 1
    assert irina.post(f"{one}/roles/take", data=given).status_code == 303
    last = irina.post(f"{one}/roles/take", data={"role": "operator", "organization": str(town.school911.id)})
    assert last.status_code == 422
    assert session().query(StaffRole).filter_by(staff_id=town.bekzat.id).count() == 1


def test_nobody_gives_roles_to_themselves_or_deactivates_themselves(irina: FlaskClient, town: Town) -> None:
    mine = f"/staff/{town.admin.id}"
    given = {"role": Permission.CONTROL.value, "organization": str(town.city.id)}
    assert irina.post(f"{mine}/roles", data=given).status_code == 422
    assert irina.post(f"{mine}/deactivate").status_code == 422
    assert session().get_one(Staff, town.admin.id).active


def test_a_deactivated_person_is_out_at_once_and_the_tickets_go_back(
    irina: FlaskClient, town: Town, sign_in: SignIn, run_jobs: Callable[[], None]
) -> None:
    ticket_id = filed(organization_id=town.school905.id).ticket.id
    with transaction():
        actions.assign(session().get_one(Ticket, ticket_id), town.aigul.id, actions.SYSTEM)
    aigul = sign_in(town.aigul)
    assert aigul.get("/board").status_code == 200
    assert irina.post(f"/staff/{town.aigul.id}/deactivate").status_code == 303
    assert "/sign-in" in aigul.get("/board").headers["Location"]
    run_jobs()
    session().expire_all()
    assert session().get_one(Ticket, ticket_id).assignee_id is None
    assert "Айгүл" not in irina.get("/staff").text
    assert "Айгүл" in irina.get("/staff?gone=1").text
    wrong = irina.application.test_client().post("/sign-in", data={"email": town.aigul.email, "password": PASSWORD})
    assert wrong.status_code == 422


def test_who_is_let_in_again_keeps_the_roles_and_needs_a_new_password(
    irina: FlaskClient, town: Town, client: FlaskClient, run_jobs: Callable[[], None]
) -> None:
    irina.post(f"/staff/{town.aigul.id}/deactivate")
    irina.post(f"/staff/{town.aigul.id}/activate")
    run_jobs()
    assert client.post("/sign-in", data={"email": town.aigul.email, "password": PASSWORD}).status_code == 422
    link = session().query(StaffLink).filter_by(staff_id=town.aigul.id).one()
    client.post(f"/welcome/{word(link.id)}", data={"password": CHOSEN, "again": CHOSEN})
    client.post("/sign-in", data={"email": town.aigul.email, "password": CHOSEN})
    assert client.get("/board").status_code == 200


def test_signing_out_everywhere_ends_every_session(irina: FlaskClient, town: Town, sign_in: SignIn) -> None:
    browser = sign_in(town.aigul)
    assert irina.post(f"/staff/{town.aigul.id}/sign-out").status_code == 303
    assert browser.get("/board").status_code == 302


# ── rights ────────────────────────────────────────────────────────────────────────────────────────────────────────


PAGES = ("", "/roles", "/roles/take", "/link", "/sign-out", "/second-factor/remove", "/deactivate", "/activate")


def test_staff_of_another_part_do_not_exist(
    town: Town, sign_in: SignIn, district_admin: Staff, irina: FlaskClient
) -> None:
    browser = sign_in(district_admin)
    assert irina.get(f"/staff/{town.bekzat.id}").status_code == 200
    assert browser.get(f"/staff/{town.bekzat.id}").status_code == 404
    for page in PAGES:
        data = NEW | {"organization": str(town.school905.id)}
        assert browser.post(f"/staff/{town.bekzat.id}{page}", data=data).status_code == 404, page
    listed = browser.get("/staff").text
    assert "Айгүл" in listed
    assert "Бекзат" not in listed
    assert "Ирина" not in listed


def test_no_role_is_given_above_or_beside_ones_own_part(town: Town, sign_in: SignIn, district_admin: Staff) -> None:
    browser = sign_in(district_admin)
    for at in (town.city, town.school911):
        data = {"role": "administrator", "organization": str(at.id)}
        assert browser.post(f"/staff/{town.aigul.id}/roles", data=data).status_code == 422
        assert browser.post("/staff/invite", data=NEW | {"organization": str(at.id)}).status_code == 422
        assert browser.get(f"/staff/invite?at={at.id}").status_code == 404
    assert session().query(StaffRole).filter_by(staff_id=town.aigul.id).count() == 1


def test_whoever_also_works_above_is_seen_but_not_sent_away(town: Town, sign_in: SignIn, district_admin: Staff) -> None:
    with transaction():
        session().add(StaffRole(staff_id=town.asel.id, role=Role.SUPERVISOR, organization_id=town.school905.id))
    browser = sign_in(district_admin)
    assert browser.get(f"/staff/{town.asel.id}").status_code == 200
    for page in ("", "/link", "/sign-out", "/second-factor/remove", "/deactivate"):
        assert browser.post(f"/staff/{town.asel.id}{page}", data=NEW).status_code == 422, page
    assert session().get_one(Staff, town.asel.id).active
    taken = {"role": "supervisor", "organization": str(town.city.id)}
    assert browser.post(f"/staff/{town.asel.id}/roles/take", data=taken).status_code == 404


@pytest.mark.parametrize("page", ["/staff", "/staff/invite", "/administration", "/organizations", "/desks", "/imports"])
def test_only_administrators_open_these_pages(town: Town, sign_in: SignIn, client: FlaskClient, page: str) -> None:
    assert sign_in(town.admin).get(page).status_code == 200
    for person in (town.aigul, town.erlan):
        assert sign_in(person).get(page).status_code == 403
    assert "/sign-in" in client.get(page).headers["Location"]
