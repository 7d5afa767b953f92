"""The journal, the failed jobs and the categories: who may read them, and what administrators do with them."""

import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from helpdesk.administration import failed_jobs
from helpdesk.administration.models import FailedJob
from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.identity.models import StaffPermission
from helpdesk.identity.rules import Permission, Role
from helpdesk.jobs import runner
from helpdesk.jobs.rounds import retry_failed
from helpdesk.jobs.work import JOBS
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.i18n import spoken
from helpdesk.routing.models import Category
from helpdesk.routing.queries import category, forget, matching
from helpdesk.routing.rules import Priority
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import SignIn, Town, employ

COLUMNS = [column.key for column in Category.__table__.columns]

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def irina(town: Town, sign_in: SignIn) -> FlaskClient:
    """The city administrator's browser; the city is the top of the tree."""
    return sign_in(town.admin)


@pytest.fixture
def qanat(town: Town, sign_in: SignIn) -> FlaskClient:
    """The browser of an administrator of one district."""
    with transaction():
        person = employ("Қанат Ибраев", "qanat@1450.test", ["ru"], (Role.ADMINISTRATOR, town.district))
    return sign_in(person)


def test_the_journal_is_filtered_by_kind_person_ticket_and_days(
    irina: FlaskClient, town: Town, set_clock: SetClock
) -> None:
    ticket = filed(organization_id=town.school905.id).ticket
    with transaction():
        journal.note("staff.changed", by=staff(town.erlan.id), desk_id=town.district.id, staff_id=town.aigul.id)
    page = irina.get("/journal").text
    assert "<code>ticket.opened</code>" in page
    assert "<code>staff.changed</code>" in page
    assert "Айгүл Қасымова" in page
    only = irina.get("/journal?subject=staff").text
    assert "<code>ticket.opened</code>" not in only
    assert "<code>staff.changed</code>" in only
    assert "<code>ticket.opened</code>" not in irina.get(f"/journal?address={town.erlan.email}").text
    assert "<code>staff.changed</code>" not in irina.get(f"/journal?number={ticket.number}").text
    set_clock.forward(days=20)
    assert "<code>" not in irina.get("/journal").text
    assert "<code>ticket.opened</code>" in irina.get("/journal?since=2026-11-23&until=2026-11-23").text


def test_a_part_of_the_tree_reads_its_own_journal(irina: FlaskClient, qanat: FlaskClient, town: Town) -> None:
    here = filed(organization_id=town.school905.id).ticket.number
    elsewhere = filed(organization_id=town.school911.id).ticket.number
    assert elsewhere in irina.get("/journal").text
    for page in (qanat.get("/journal").text, qanat.get("/journal/export.csv").text):
        assert here in page
        assert elsewhere not in page
    assert elsewhere not in qanat.get(f"/journal?number={elsewhere}").text.replace(f'value="{elsewhere}"', "").replace(
        f"number={elsewhere}", ""
    )


def test_data_officers_read_it_and_operators_and_supervisors_do_not(
    town: Town, sign_in: SignIn, client: FlaskClient
) -> None:
    with transaction():
        session().add(
            StaffPermission(
                staff_id=town.erlan.id, permission=Permission.DATA_OFFICER, organization_id=town.district.id
            )
        )
    assert sign_in(town.erlan).get("/journal").status_code == 200
    assert sign_in(town.erlan).get("/staff").status_code == 403
    for page in ("/journal", "/journal/export.csv"):
        for person in (town.aigul, town.asel):
            assert sign_in(person).get(page).status_code == 403
        assert "/sign-in" in client.get(page).headers["Location"]


def test_the_export_is_written_down_and_computes_nothing_in_a_spreadsheet(irina: FlaskClient, town: Town) -> None:
    with transaction():
        employ("=cmd()", "formula@1450.test", ["kk"], (Role.OPERATOR, town.city))
    formula = session().execute(text("SELECT id FROM staff WHERE email = 'formula@1450.test'")).scalar_one()
    with transaction():
        journal.note("staff.changed", by=staff(formula), desk_id=town.city.id, staff_id=formula)
    answer = irina.get("/journal/export.csv?subject=staff")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert rows[1][1:4] == ["staff.changed", "'=cmd()", "'=cmd()"]
    assert "<code>journal.exported</code>" in irina.get("/journal?subject=journal").text


def test_the_journal_goes_on_page_by_page_and_takes_few_statements(irina: FlaskClient, town: Town) -> None:
    with transaction():
        for number in range(120):
            journal.note("presence.changed", by=SYSTEM, desk_id=town.city.id, staff_id=town.aigul.id, number=number)
    irina.get("/journal")
    with counted_statements() as sent:
        page = irina.get("/journal").text
    assert len(sent) <= 10, "\n".join(sent)
    numbers = re.findall(r"number: (\d+)", page)
    while (more := re.search(r'href="(/journal\?[^"]*before=[^"]*)" rel="next"', page)) is not None:
        page = irina.get(more.group(1).replace("&amp;", "&")).text
        numbers += re.findall(r"number: (\d+)", page)
    assert numbers == [str(number) for number in reversed(range(120))]


@pytest.mark.parametrize(
    "query", ["since=x", "until=9999-01-01", "before=x", "subject=king", "number=1", "since=0001-01-01"]
)
def test_nonsense_in_the_address_is_no_error(irina: FlaskClient, query: str) -> None:
    assert irina.get(f"/journal?{query}").status_code == 200


# ── failed jobs ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_job_that_breaks_stands_in_the_list_and_is_tried_again(
    irina: FlaskClient, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[list[int]] = []

    def broken(ids: list[int]) -> None:
        tried.append(ids)
        raise ZeroDivisionError("nothing is divided by nothing")

    monkeypatch.setitem(JOBS, "read_lists", broken)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            runner.run("read_lists", [7, 8])
    page = irina.get("/failed-jobs").text
    assert page.count("nothing is divided by nothing") == 1, "the same job is one line"
    job = session().query(FailedJob).one()
    assert job.times == 2
    assert irina.post(f"/failed-jobs/{job.id}/retry").status_code == 303
    given: list[tuple[str, list[int]]] = []
    retry_failed(lambda name, ids, *_rest, **_more: given.append((name, list(ids))))
    retry_failed(lambda name, ids, *_rest, **_more: given.append((name, list(ids))))
    assert given == [("read_lists", [7, 8])], "handed out once"
    assert "nothing is divided" not in irina.get("/failed-jobs").text
    with pytest.raises(ZeroDivisionError):
        runner.run("read_lists", [8, 7])
    assert "nothing is divided" in irina.get("/failed-jobs").text
    assert irina.post(f"/failed-jobs/{job.id}/dismiss").status_code == 303
    assert irina.post(f"/failed-jobs/{job.id}/dismiss").status_code == 404


def test_failed_jobs_belong_to_the_top_of_the_tree(irina: FlaskClient, qanat: FlaskClient) -> None:
    with transaction():
        failed_jobs.record("dial", [1], ZeroDivisionError("secret words"))
    job = session().query(FailedJob).one()
    assert "secret words" in irina.get("/failed-jobs").text
    assert "secret words" not in qanat.get("/failed-jobs").text
    assert qanat.post(f"/failed-jobs/{job.id}/retry").status_code == 404
    assert qanat.post(f"/failed-jobs/{job.id}/dismiss").status_code == 404


# ── categories ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def t03() -> object:
    """Reference rows outlive a test: they are put back as they were."""
    before = {name: getattr(session().get_one(Category, "T03"), name) for name in COLUMNS}
    yield before
    with transaction():
        for name, value in before.items():
            setattr(session().get_one(Category, "T03"), name, value)
    forget()


def shown(browser: FlaskClient) -> dict[str, str]:
    one = session().get_one(Category, "T03")
    names = {name: getattr(one, name) for name in ("name_kk", "name_ru", "name_en", "fields")}
    return names | {
        "base_priority": one.base_priority.value,
        "choice": str(one.choice),
        "synonyms": "пароль",
        "on": "1",
    }


def test_a_category_is_renamed_raised_and_switched_off(irina: FlaskClient, town: Town, t03: dict[str, object]) -> None:
    assert irina.get("/categories/T03").status_code == 200
    form = shown(irina) | {"name_kk": "Құпиясөз ұмытылды", "base_priority": "P2", "synonyms": "парольчик"}
    assert irina.post("/categories/T03", data=form).status_code == 303
    assert category("T03").base_priority is Priority.P2
    assert [one.code for one in matching("парольчик")] == ["T03"]
    with spoken("kk"):
        assert category("T03").name("kk") == "Құпиясөз ұмытылды"
    assert irina.post("/categories/T03", data=form | {"on": ""}).status_code == 303
    assert matching("парольчик") == []
    assert category("T03").off, "tickets that have it keep it"


@pytest.mark.parametrize(
    ("field", "value"), [("name_en", " "), ("base_priority", "P9"), ("choice", "13"), ("fields", "x" * 201)]
)
def test_a_refused_category_keeps_what_was_typed(
    irina: FlaskClient, town: Town, t03: dict[str, object], field: str, value: str
) -> None:
    answer = irina.post("/categories/T03", data=shown(irina) | {"name_ru": "Другое имя", field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "Другое имя" in answer.text


def test_categories_are_edited_at_the_top_alone(irina: FlaskClient, qanat: FlaskClient, t03: dict[str, object]) -> None:
    assert qanat.get("/categories").status_code == 200
    assert irina.get("/categories/T03").status_code == 200
    assert qanat.get("/categories/T03").status_code == 404
    assert qanat.post("/categories/T03", data=shown(qanat)).status_code == 404
    assert irina.get("/categories/T99").status_code == 404
