"""A person is erased: not a word is left in any table or file, whatever dies in between, and the figures stay."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.contacts.models import HouseholdCategoryPeriod
from helpdesk.identity.models import StaffPermission
from helpdesk.identity.rules import Permission
from helpdesk.jobs.privacy import erase_people
from helpdesk.kernel import failpoints, settings, store
from helpdesk.kernel.db import Base, session, transaction
from helpdesk.privacy.models import Erasure
from helpdesk.privacy.rules import ErasureState
from helpdesk.search.actions import index_tickets
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Resolution, TicketType
from tests.factories import filed
from tests.people import SignIn, Town, employ
from tests.privacy.life import ADDRESS, IIN, PHONE, PHOTO, SECRET, SOUND, lived

FORM = {"basis": "demand", "reference": "15-ЖТ", "sure": "1"}
# The stem under which search knows the name.
TRACES = (SECRET, SECRET[:6], PHONE[2:], ADDRESS, IIN, SECRET.encode().hex())

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def dana(town: Town, sign_in: SignIn) -> FlaskClient:
    """The data officer's browser."""
    return sign_in(town.dana)


@pytest.fixture
def person(town: Town, run_jobs: Callable[[], None]) -> int:
    """Somebody who left everything that can be left, long after the jobs have run."""
    contact_id, _ = lived(town)
    run_jobs()
    return contact_id


def traces() -> dict[str, int]:
    """Rows of each table in which a trace of the person stands."""
    found = {}
    for table in Base.metadata.sorted_tables:
        asked = text(f"SELECT count(*) FROM {table.name} t WHERE t::text ILIKE :it")
        count = sum(session().execute(asked, {"it": f"%{it}%"}).scalar() or 0 for it in TRACES)
        if count:
            found[table.name] = count
    session().rollback()
    return found


def in_store() -> list[bytes]:
    root = settings.current().var_dir
    paths = {one: store.path(root, hashlib.sha256(one).hexdigest()) for one in (PHOTO, SOUND)}
    return [one for one, path in paths.items() if path.exists()]


def act() -> Erasure:
    session().expire_all()
    return session().scalars(select(Erasure).order_by(Erasure.id.desc())).one()


def test_not_a_word_is_left_in_any_table_or_file(person: int, dana: FlaskClient, run_jobs: Callable[[], None]) -> None:
    before = traces()
    assert {"contacts", "contact_phones", "contact_emails", "messages", "raw_mails", "letters", "ticket_words"} <= set(
        before
    )
    assert {"calls", "callbacks", "drafts", "opinions", "tickets", "pupils", "ticket_pauses", "handovers"} <= set(
        before
    )
    assert in_store() == [PHOTO, SOUND]
    answer = dana.post(f"/privacy/people/{person}/erase", data=FORM)
    assert answer.status_code == 303
    run_jobs()
    assert traces() == {}
    assert in_store() == []
    assert act().state is ErasureState.DONE
    assert session().query(HouseholdCategoryPeriod).count() == 0


def test_the_act_says_what_was_counted_and_not_of_whom(
    person: int, dana: FlaskClient, town: Town, run_jobs: Callable[[], None]
) -> None:
    shown = dana.post(f"/privacy/people/{person}/erase", data=FORM).headers["Location"]
    run_jobs()
    counts = act().counts
    assert {
        name: counts[name] for name in ("tickets", "attachments", "raw_mails", "calls", "recordings", "callbacks")
    } == {
        "tickets": 2,
        "attachments": 1,
        "raw_mails": 1,
        "calls": 1,
        "recordings": 1,
        "callbacks": 1,
    }
    page = dana.get(shown).text
    assert town.dana.name in page
    assert "15-ЖТ" in page
    assert not any(trace in page for trace in TRACES)
    kinds = session().scalars(select(JournalEntry.kind).where(JournalEntry.kind.startswith("person."))).all()
    assert sorted(kinds) == ["person.erased", "person.erasing"]


def test_figures_and_the_ledger_of_letters_stay(person: int, dana: FlaskClient, run_jobs: Callable[[], None]) -> None:
    query = "SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM messages), (SELECT count(*) FROM raw_mails)"
    states = select(Ticket.state, Ticket.queue, Ticket.resolved_at).order_by(Ticket.id)
    before = session().execute(text(query)).all(), session().execute(states).all()
    session().rollback()
    dana.post(f"/privacy/people/{person}/erase", data=FORM)
    run_jobs()
    assert (session().execute(text(query)).all(), session().execute(states).all()) == before


def test_a_worker_that_dies_at_every_step_loses_and_doubles_nothing(person: int, dana: FlaskClient) -> None:
    dana.post(f"/privacy/people/{person}/erase", data=FORM)
    erasure_id = act().id

    def die() -> None:
        raise ZeroDivisionError

    with failpoints.armed("erasure.step", die), pytest.raises(ZeroDivisionError):
        erase_people([erasure_id])
    assert act().counts == {}
    for _ in range(3):
        erase_people([erasure_id])
    assert act().counts["tickets"] == 2
    assert act().state is ErasureState.DONE
    assert traces() == {}


def test_a_late_job_of_search_brings_no_word_back(person: int, dana: FlaskClient, run_jobs: Callable[[], None]) -> None:
    dana.post(f"/privacy/people/{person}/erase", data=FORM)
    run_jobs()
    with transaction():
        index_tickets([one.id for one in session().query(Ticket).filter_by(contact_id=person)])
    assert traces() == {}


def test_asked_for_twice_it_is_one_erasure(person: int, dana: FlaskClient, run_jobs: Callable[[], None]) -> None:
    first = dana.post(f"/privacy/people/{person}/erase", data=FORM).headers["Location"]
    run_jobs()
    assert dana.post(f"/privacy/people/{person}/erase", data=FORM).headers["Location"] == first
    assert session().query(Erasure).count() == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (FORM | {"basis": ""}, "basis"),
        (FORM | {"sure": ""}, "sure"),
        (FORM | {"reference": "Айдос Жусанбай"}, "reference"),
    ],
)
def test_what_is_missing_is_named_and_the_rest_stays_typed(
    person: int, dana: FlaskClient, form: dict[str, str], field: str
) -> None:
    answer = dana.post(f"/privacy/people/{person}/erase", data=form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert session().query(Erasure).count() == 0


def test_what_still_goes_on_or_the_law_keeps_is_not_erased(person: int, dana: FlaskClient, town: Town) -> None:
    with transaction():
        ticket = session().query(Ticket).filter_by(contact_id=person).order_by(Ticket.id).first()
        assert ticket is not None
        ticket.type = TicketType.APPEAL
    answer = dana.post(f"/privacy/people/{person}/erase", data=FORM)
    assert answer.status_code == 422
    assert ticket.number in answer.text
    later = filed(contact_id=person, organization_id=town.school905.id).ticket
    answer = dana.post(f"/privacy/people/{person}/erase", data=FORM)
    assert answer.status_code == 422
    assert later.number in answer.text
    assert session().query(Erasure).count() == 0


def test_the_archive_holds_every_word_file_and_letter(person: int, dana: FlaskClient) -> None:
    answer = dana.post(f"/privacy/people/{person}/export")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    data = json.loads(archive.read("data.json"))
    assert data["person"]["phones"] == [PHONE]
    assert data["person"]["emails"] == [ADDRESS]
    assert len(data["tickets"]) == 2
    assert IIN in data["tickets"][0]["messages"][0]["text"]
    contents = [archive.read(name) for name in archive.namelist()]
    assert PHOTO in contents
    assert SOUND in contents
    assert any(ADDRESS.encode() in archive.read(name) for name in archive.namelist() if name.endswith(".eml"))
    page = archive.read("index.html").decode()
    assert f"Құрметті {SECRET}" in page
    assert "Айгүл Қасымова" not in page
    noted = session().scalars(select(JournalEntry).where(JournalEntry.kind == "person.exported")).one()
    assert noted.details == {"contact_id": person, "tickets": 2}


def test_only_the_data_officer_of_that_part_finds_and_opens_a_person(
    person: int, dana: FlaskClient, town: Town, sign_in: SignIn
) -> None:
    for typed in ("8 709 000 00 77", ADDRESS, f"Айдос {SECRET}"):
        assert f"/privacy/people/{person}" in dana.get("/privacy", query_string={"q": typed}).text
    for one in (town.admin, town.erlan, town.aigul):
        assert sign_in(one).get(f"/privacy/people/{person}").status_code == 404
        assert sign_in(one).get("/privacy").status_code == 403


def test_who_also_asked_elsewhere_is_the_officers_above(
    person: int, dana: FlaskClient, town: Town, sign_in: SignIn
) -> None:
    with transaction():
        lower = employ("Жанат", "zhanat@1450.test", ["kk"])
        lower.permissions = [StaffPermission(permission=Permission.DATA_OFFICER, organization_id=town.district.id)]
    ticket = filed(contact_id=person, organization_id=town.school911.id, text="басқа мектеп").ticket
    with transaction():
        actions.resolve(session().get_one(Ticket, ticket.id), Resolution.SOLVED, staff(town.bekzat.id))
    browser = sign_in(lower)
    assert browser.post(f"/privacy/people/{person}/erase", data=FORM).status_code == 422
    archive = zipfile.ZipFile(io.BytesIO(browser.post(f"/privacy/people/{person}/export").data))
    assert "басқа мектеп" not in archive.read("data.json").decode()
    assert dana.post(f"/privacy/people/{person}/erase", data=FORM).status_code == 303
