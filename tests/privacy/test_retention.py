"""What is over its term is forgotten by the clock, and the journal says how much it was."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from helpdesk.administration.models import ImportRun
from helpdesk.administration.rules import ImportState, ListKind
from helpdesk.audit.models import JournalEntry
from helpdesk.contacts.models import Contact
from helpdesk.intake.mailroom import store
from helpdesk.intake.models import MailState, RawMail
from helpdesk.jobs.privacy import forget
from helpdesk.kernel.db import session, transaction
from helpdesk.privacy.models import RetentionRule
from helpdesk.privacy.rules import Kept
from helpdesk.telephony.models import Call
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import TicketType
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import SignIn, Town
from tests.privacy.life import PHONE, lived

FORM = {"tickets": "1095", "appeals": "1825", "calls": "365", "rejected_mail": "30", "lists": "30", "journal": "1825"}


def bodies(ids: list[int]) -> set[str]:
    session().expire_all()
    return set(session().scalars(select(Message.body).where(Message.ticket_id.in_(ids))))


def forgotten() -> dict[str, dict[str, int]]:
    query = select(JournalEntry.details).where(JournalEntry.kind == "retention.forgot").order_by(JournalEntry.id)
    return {details["kept"]: details["counts"] for details in session().scalars(query)}


def test_settled_tickets_lose_their_words_after_three_years_and_open_ones_never(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
) -> None:
    contact_id, ids = lived(town)
    open_ = filed(contact_id=town.gulnar.id, organization_id=town.school905.id, text="әлі ашық").ticket
    run_jobs()
    set_clock.forward(days=3 * 365 - 30)
    forget([0])
    assert bodies(ids) != {""}
    set_clock.forward(days=60)
    forget([0])
    assert bodies(ids) == {""}
    assert bodies([open_.id]) == {"әлі ашық"}
    assert session().get_one(Contact, contact_id).erased_at is not None
    assert session().get_one(Contact, town.gulnar.id).erased_at is None
    assert forgotten()["tickets"]["tickets"] == 2
    count = session().scalar(select(func.count()).select_from(JournalEntry))
    forget([0])
    assert session().scalar(select(func.count()).select_from(JournalEntry)) == count


def test_a_registered_appeal_is_kept_for_five_years(town: Town, set_clock: SetClock) -> None:
    _, ids = lived(town)
    with transaction():
        session().execute(update(Ticket).where(Ticket.id.in_(ids)).values(type=TicketType.APPEAL))
    set_clock.forward(days=4 * 365)
    forget([0])
    assert bodies(ids) != {""}
    set_clock.forward(days=366)
    forget([0])
    assert bodies(ids) == {""}


def test_numbers_of_callers_go_after_a_year_and_their_calls_are_still_counted(town: Town, set_clock: SetClock) -> None:
    lived(town)
    set_clock.forward(days=364)
    forget([0])
    assert session().scalars(select(Call.from_number)).all() == [PHONE]
    set_clock.forward(days=2)
    forget([0])
    assert session().scalars(select(Call.from_number)).all() == [None]
    assert session().scalars(select(Call.outcome)).all() != [None]


def test_rejected_letters_lose_their_content_and_stay_in_the_ledger(town: Town, set_clock: SetClock) -> None:
    with transaction():
        raw = session().get_one(RawMail, store(b"From: x@spam.test\n\nbuy", "x@spam.test", ["905@1450.test"]))
        raw.state = MailState.REJECTED
    set_clock.forward(days=31)
    forget([0])
    session().expire_all()
    row = session().scalars(select(RawMail)).one()
    assert (row.content, row.envelope_from, row.state) == (b"", "", MailState.REJECTED)
    assert forgotten()["rejected_mail"] == {"raw_mails": 1}


def test_lists_of_people_lose_their_lines_after_a_month_and_unread_ones_are_gone(
    town: Town, set_clock: SetClock
) -> None:
    with transaction():
        for state in (ImportState.CHECKED, ImportState.RUNNING, ImportState.DONE):
            run = ImportRun(by_id=town.admin.id, kind=ListKind.CONTACTS, state=state, created_at=set_clock(), total=1)
            run.file_name, run.content, run.added = "list.csv", b"kept", 1
            session().add(run)
    set_clock.forward(days=31)
    forget([0])
    session().expire_all()
    left = session().scalars(select(ImportRun).order_by(ImportRun.id)).all()
    assert [(one.state, one.content, one.file_name, one.added) for one in left] == [
        (ImportState.RUNNING, b"kept", "list.csv", 1),
        (ImportState.DONE, b"", "", 1),
    ]
    assert forgotten()["lists"] == {"lists": 2}


def test_the_journal_itself_ends_after_five_years(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
) -> None:
    filed(contact_id=town.gulnar.id)
    run_jobs()
    old = session().scalars(select(JournalEntry.id)).all()
    assert old
    set_clock.forward(days=5 * 365 + 1)
    forget([0])
    session().expire_all()
    assert not set(old) & set(session().scalars(select(JournalEntry.id)))
    assert forgotten()["journal"] == {"entries": len(old)}


def test_terms_are_changed_at_the_top_of_the_tree_alone(town: Town, sign_in: SignIn) -> None:
    browser = sign_in(town.admin)
    assert browser.post("/retention", data=FORM | {"tickets": "400", "calls": ""}).status_code == 303
    rows = {row.kind: row.days for row in session().scalars(select(RetentionRule))}
    assert rows == {Kept.TICKETS: 400, Kept.CALLS: None}
    noted = session().scalars(select(JournalEntry.details).where(JournalEntry.kind == "retention.changed")).all()
    assert {"kept": "tickets", "days": 400, "before": 1095} in noted
    assert sign_in(town.dana).get("/retention").status_code == 200
    assert sign_in(town.dana).post("/retention", data=FORM).status_code == 403
    assert sign_in(town.erlan).get("/retention").status_code == 403


def test_a_kind_that_is_kept_for_ever_is_never_forgotten(town: Town, set_clock: SetClock, sign_in: SignIn) -> None:
    _, ids = lived(town)
    sign_in(town.admin).post("/retention", data=FORM | {"tickets": ""})
    set_clock.forward(days=20 * 365)
    forget([0])
    assert bodies(ids) != {""}


@pytest.mark.parametrize(
    ("field", "typed"), [("tickets", "3"), ("appeals", "365"), ("calls", "көп"), ("journal", "99999")]
)
def test_terms_below_the_law_are_refused_by_name_and_nothing_typed_is_lost(
    town: Town, sign_in: SignIn, field: str, typed: str
) -> None:
    answer = sign_in(town.admin).post("/retention", data=FORM | {field: typed})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert session().scalars(select(RetentionRule)).all() == []


def test_a_batch_is_small_and_the_next_one_goes_on(
    town: Town, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.privacy.retention.BATCH", 1)
    _, ids = lived(town)
    set_clock.forward(days=4 * 365)
    forget([0])
    assert bodies(ids) == {""}
    entries = session().scalars(select(JournalEntry.details).where(JournalEntry.kind == "retention.forgot")).all()
    assert sum(one["kept"] == "tickets" for one in entries) == 2
