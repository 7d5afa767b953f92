"""Terms of keeping: what they are, who changed them, and the rounds that forget what is older."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, or_, select, update

from helpdesk.administration.models import ImportRun
from helpdesk.administration.queries import governs_all
from helpdesk.administration.rules import ImportState
from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.contacts.models import Contact
from helpdesk.identity.queries import Asker
from helpdesk.intake.models import MailState, RawMail
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.privacy import erasing
from helpdesk.privacy.erasing import Erased
from helpdesk.privacy.models import RetentionRule
from helpdesk.privacy.rules import LONGEST_TERM, TERMS, Kept
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import TicketState, TicketType

# So many rows in one transaction.
BATCH = 50
_SETTLED = (TicketState.RESOLVED, TicketState.CLOSED)
_APPEALS = (TicketType.APPEAL, TicketType.COMPLAINT)


@dataclass(frozen=True)
class Rule:
    """The term that holds for a kind; None keeps it for ever."""

    kind: Kept
    days: int | None
    changed_at: datetime | None = None


def rules() -> list[Rule]:
    """What holds now for every kind. One statement."""
    changed = {row.kind: row for row in session().scalars(select(RetentionRule))}
    return [
        Rule(kind, changed[kind].days, changed[kind].changed_at) if kind in changed else Rule(kind, term.days)
        for kind, term in TERMS.items()
    ]


def limit_of(kind: Kept, now: datetime) -> datetime | None:
    """What is older than this moment is forgotten; None: nothing is."""
    days = next(rule.days for rule in rules() if rule.kind is kind)
    return None if days is None else now - timedelta(days=days)


def change(asker: Asker, kind: Kept, typed: str) -> None:
    """Another term; nothing typed keeps the kind for ever. Raises NotFound below the top of the tree, and Refused."""
    if not governs_all(asker):
        raise NotFound
    days = _read(kind, typed.strip())
    row = session().get(RetentionRule, kind, with_for_update=True)
    before = row.days if row is not None else TERMS[kind].days
    if before == days:
        return
    if row is None:
        row = RetentionRule(kind=kind)
        session().add(row)
    row.days, row.changed_at, row.changed_by = days, clock.now(), asker.id
    session().flush()
    journal.note("retention.changed", by=staff(asker.id), kept=kind.value, days=days, before=before)


def _read(kind: Kept, typed: str) -> int | None:
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or len(typed) > 6:
        raise Refused(N_("Write the number of days, or nothing to keep it for ever"), field=kind.value)
    if int(typed) < TERMS[kind].least:
        raise Refused(N_("Fewer days are not allowed than: %(least)s"), field=kind.value, least=TERMS[kind].least)
    if int(typed) > LONGEST_TERM:
        raise Refused(N_("More days are not allowed than: %(most)s"), field=kind.value, most=LONGEST_TERM)
    return int(typed)


def forget_some(kind: Kept) -> tuple[int, set[str]]:
    """Forget one batch of a kind that is over its term; how many, and hashes of files nobody may need any more.

    Two at once skip each other's rows. Counts stand in the journal, in the same transaction.
    """
    before = limit_of(kind, clock.now())
    if before is None:
        return 0, set()
    gone = _FORGET[kind](before)
    number = sum(gone.counts.values())
    if number:
        counts = {name: count for name, count in gone.counts.items() if count}
        journal.note("retention.forgot", by=SYSTEM, kept=kind.value, before=before.date().isoformat(), counts=counts)
    return number, gone.files


def _tickets(before: datetime) -> Erased:
    return _settled_before(before, appeals=False)


def _appeals(before: datetime) -> Erased:
    return _settled_before(before, appeals=True)


def _settled_before(before: datetime, appeals: bool) -> Erased:
    query = select(Ticket.id, Ticket.contact_id).where(
        Ticket.erased_at.is_(None),
        Ticket.state.in_(_SETTLED),
        Ticket.updated_at < before,
        Ticket.type.in_(_APPEALS) if appeals else Ticket.type.not_in(_APPEALS),
    )
    found = session().execute(
        query.order_by(Ticket.updated_at).limit(BATCH).with_for_update(skip_locked=True, of=Ticket)
    )
    all_ = Erased()
    people: set[int] = set()
    for ticket_id, contact_id in found.all():
        _into(all_, erasing.ticket(ticket_id, SYSTEM))
        if contact_id is not None:
            people.add(contact_id)
    for contact_id in sorted(people):
        if _is_done_with(contact_id, before):
            _into(all_, erasing.person(contact_id))
            all_.counts["people"] += 1
    return all_


def _is_done_with(contact_id: int, before: datetime) -> bool:
    """Whether nothing of this person is kept any more and nobody called lately."""
    kept = select(Ticket.id).where(Ticket.contact_id == contact_id, Ticket.erased_at.is_(None))
    called = select(Call.id).where(Call.contact_id == contact_id, Call.started_at >= before)
    known = select(Contact.id).where(Contact.id == contact_id, Contact.erased_at.is_(None))
    return bool(session().scalar(select(known.exists() & ~or_(kept.exists(), called.exists()))))


def _calls(before: datetime) -> Erased:
    query = select(Call.id).where(
        Call.started_at < before, Call.from_number.is_not(None), Call.state == CallState.ENDED
    )
    ids = session().scalars(query.order_by(Call.started_at).limit(BATCH).with_for_update(skip_locked=True)).all()
    gone = Erased()
    erasing.calls(Call.id.in_(ids), gone)
    return gone


def _rejected_mail(before: datetime) -> Erased:
    query = select(RawMail.id).where(
        RawMail.received_at < before, RawMail.state == MailState.REJECTED, func.cardinality(RawMail.envelope_to) > 0
    )
    ids = session().scalars(query.order_by(RawMail.received_at).limit(BATCH).with_for_update(skip_locked=True)).all()
    session().execute(
        update(RawMail)
        .where(RawMail.id.in_(ids))
        .values(content=b"", envelope_from="", envelope_to=[])
        .execution_options(synchronize_session=False)
    )
    return Erased(Counter(raw_mails=len(ids)))


def _lists(before: datetime) -> Erased:
    # a list that nobody had read in is nothing any more; of the others the page says what became of them
    old = ImportRun.created_at < before
    unread = delete(ImportRun).where(old, ImportRun.state == ImportState.CHECKED)
    done = session().execute(unread.execution_options(synchronize_session=False))
    over = ImportRun.state.not_in((ImportState.CHECKED, ImportState.RUNNING, ImportState.UNDOING))
    query = select(ImportRun.id).where(old, over, func.length(ImportRun.content) > 0)
    ids = session().scalars(query.order_by(ImportRun.id).limit(BATCH).with_for_update(skip_locked=True)).all()
    emptied = update(ImportRun).where(ImportRun.id.in_(ids)).values(content=b"", refused={}, file_name="")
    session().execute(emptied.execution_options(synchronize_session=False))
    return Erased(Counter(lists=len(ids) + cast("CursorResult[Any]", done).rowcount))


def _journal(before: datetime) -> Erased:
    # the first rows are the oldest: only they are looked at, however long the journal is
    first = select(JournalEntry.id, JournalEntry.at, JournalEntry.announced_at).order_by(JournalEntry.id)
    oldest = first.limit(BATCH * 20).subquery()
    old = select(oldest.c.id).where(oldest.c.at < before, oldest.c.announced_at.is_not(None))
    statement = delete(JournalEntry).where(JournalEntry.id.in_(old))
    done = session().execute(statement.execution_options(synchronize_session=False))
    return Erased(Counter(entries=cast("CursorResult[Any]", done).rowcount))


def _into(all_: Erased, one: Erased) -> None:
    all_.counts += one.counts
    all_.files |= one.files


_FORGET = {
    Kept.TICKETS: _tickets,
    Kept.APPEALS: _appeals,
    Kept.CALLS: _calls,
    Kept.REJECTED_MAIL: _rejected_mail,
    Kept.LISTS: _lists,
    Kept.JOURNAL: _journal,
}
