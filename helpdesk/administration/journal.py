"""The journal for those who answer for it: who did what and when, in their part of the tree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ARRAY, Integer, Select, any_, func, literal, not_, select

from helpdesk.administration.queries import governs_all
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, desks_under, within
from helpdesk.identity.rules import MAY_READ_RESTRICTED, RESTRICTED, Permission, Role
from helpdesk.kernel.db import session
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import read_ticket_number

READERS = (Role.ADMINISTRATOR, Permission.DATA_OFFICER)
# The first part of a kind: what the fact is about.
SUBJECTS: tuple[str, ...] = ("ticket", "call", "callback", "letter", "mail", "presence", "recording", "number")
SUBJECTS += ("staff", "organization", "desk", "category", "import", "job", "journal", "token", "webhook")
SUBJECTS += ("person", "retention", "breach")
# A reader looks at days, not at years: longer spans are read in pieces.
LONGEST = timedelta(days=31)
MOST_EXPORTED = 50_000
_PIECE = 2_000


@dataclass(frozen=True)
class Filter:
    """What is looked for: from the moment `since` on, until `before`, and narrowed by what is not empty."""

    since: datetime
    before: datetime
    subject: str = ""
    address: str = ""
    number: str = ""


@dataclass(frozen=True)
class Told:
    """An entry with the names that belong to its numbers."""

    entry: JournalEntry
    by: str
    about: str
    ticket: str


@dataclass(frozen=True)
class JournalPage:
    """Entries newest first, and the cursor of the next page (None at the end)."""

    rows: Sequence[Told]
    next: int | None


def entries(asker: Asker, wanted: Filter, before: int | None = None, limit: int = 50) -> JournalPage:
    """One page of what the asker may read: nothing of restricted tickets that they may not. At most four statements."""
    query = _query(asker, wanted)
    if before is not None:
        query = query.where(JournalEntry.id < before)
    rows = session().scalars(query.limit(limit + 1)).all()
    return JournalPage(_told(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


def exported(asker: Asker, wanted: Filter) -> Iterator[Told]:
    """The same as a whole, at most 50,000 entries, read in pieces."""
    before: int | None = None
    for _ in range(MOST_EXPORTED // _PIECE):
        page = entries(asker, wanted, before, _PIECE)
        yield from page.rows
        before = page.next
        session().expunge_all()
        if before is None:
            return


def note_export(asker: Asker, wanted: Filter) -> None:
    """Who takes the journal away as a file stands in the journal."""
    journal.note(
        "journal.exported",
        by=staff(asker.id),
        since=wanted.since.isoformat(),
        before=wanted.before.isoformat(),
        subject=wanted.subject,
    )


def days(first: date, last: date) -> tuple[date, date]:
    """The two days in their order, the first at most a month before the last."""
    first, last = min(first, last), max(first, last)
    return max(first, last - LONGEST), last


def _query(asker: Asker, wanted: Filter) -> Select[JournalEntry]:
    query = select(JournalEntry).where(JournalEntry.at >= wanted.since, JournalEntry.at < wanted.before)
    if not (governs_all(asker) or any(root.count("/") == 2 for root in asker.roots(Permission.DATA_OFFICER))):
        ids = desks_under(asker.roots(*READERS))
        query = query.where(JournalEntry.desk_id == any_(literal(ids, ARRAY(Integer))))
    restricted = select(Ticket.id).where(
        Ticket.id == JournalEntry.ticket_id,
        Ticket.category_code.in_(RESTRICTED),
        not_(within(Ticket.desk_id, asker.roots(*MAY_READ_RESTRICTED))),
    )
    query = query.where(not_(restricted.exists()))
    if wanted.subject in SUBJECTS:
        query = query.where(JournalEntry.kind.startswith(f"{wanted.subject}.", autoescape=True))
    if wanted.address:
        who = select(Staff.id).where(func.lower(Staff.email) == wanted.address.strip().lower()).scalar_subquery()
        query = query.where(JournalEntry.actor_kind == "staff", JournalEntry.actor_id == who)
    if wanted.number:
        number = read_ticket_number(wanted.number) or ""
        query = query.where(
            JournalEntry.ticket_id == select(Ticket.id).where(Ticket.number == number).scalar_subquery()
        )
    return query.order_by(JournalEntry.id.desc())


def _told(rows: Sequence[JournalEntry]) -> list[Told]:
    actors = {row.actor_id for row in rows if row.actor_kind == "staff" and row.actor_id is not None}
    actors |= {row.details["staff_id"] for row in rows if isinstance(row.details.get("staff_id"), int)}
    people: dict[int, str] = {}
    if actors:
        people = {
            id_: name for id_, name in session().execute(select(Staff.id, Staff.name).where(Staff.id.in_(actors)))
        }
    ids = {row.ticket_id for row in rows if row.ticket_id is not None}
    numbers: dict[int, str] = {}
    if ids:
        numbers = {
            id_: number for id_, number in session().execute(select(Ticket.id, Ticket.number).where(Ticket.id.in_(ids)))
        }
    return [
        Told(
            row,
            people.get(row.actor_id or 0, "") if row.actor_kind == "staff" else "",
            people.get(row.details.get("staff_id") or 0, ""),
            numbers.get(row.ticket_id or 0, ""),
        )
        for row in rows
    ]
