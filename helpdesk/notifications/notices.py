"""Staff are told of what happened on tickets that are theirs: reactions to the journal, each safe to run twice."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.readers import readers, readers_at
from helpdesk.kernel.db import session
from helpdesk.notifications.notice_models import Notice, NoticeWish
from helpdesk.notifications.notice_rules import USUAL, NoticeKind, NoticeWay, Why, mentioned
from helpdesk.organizations.queries import desk
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.watch_models import Watcher

KINDS: dict[str, NoticeKind] = {
    "ticket.assigned": NoticeKind.ASSIGNED,
    "ticket.heard": NoticeKind.HEARD,
    "ticket.noted": NoticeKind.NOTED,
    "ticket.breached": NoticeKind.BREACHED,
    "ticket.acknowledged": NoticeKind.ACKNOWLEDGED,
    "ticket.sent_back": NoticeKind.SENT_BACK,
    "ticket.unacknowledged": NoticeKind.UNACKNOWLEDGED,
}
# Whoever is named in the entry hears of it, and nobody else.
_NAMES = {NoticeKind.ASSIGNED: "staff_id", NoticeKind.ACKNOWLEDGED: "sender_staff_id"}
_NAMES |= dict.fromkeys((NoticeKind.SENT_BACK, NoticeKind.UNACKNOWLEDGED), "sender_staff_id")


@dataclass(frozen=True)
class _About:
    id: int
    path: str
    category: str | None
    holder: int | None


def tell(entries: Sequence[JournalEntry]) -> None:
    """Tell the holder and the watchers of these tickets, or whom the entry names; never whoever did it.

    A fixed number of statements for all entries, so that ten thousand broken promises are few.
    """
    about = _tickets({entry.ticket_id for entry in entries if entry.ticket_id})
    watching = _watchers(about.keys())
    wanted = [(entry, one) for entry in entries if (one := about.get(entry.ticket_id or 0))]
    who = {id_ for one in about.values() for id_ in (one.holder, *watching[one.id]) if id_}
    who |= {entry.details[name] for entry in entries for name in set(_NAMES.values()) if entry.details.get(name)}
    known, named = readers(who), _mentioned_in([entry for entry in entries if entry.kind == "ticket.noted"])
    rows = []
    for entry, one in wanted:
        for staff_id, kind, why in _told(entry, one, watching[one.id]):
            reader = known.get(staff_id)
            # whoever handed it on may hear that it is acknowledged, though it is theirs no longer
            if (staff_id, entry.id) in named or reader is None:
                continue
            if why is Why.SENDER or reader.may_read(one.path, one.category):
                rows.append((staff_id, kind, why, entry))
    _write(rows)


def mention(entries: Sequence[JournalEntry]) -> None:
    """Whoever a note names with @ is told, and watches the ticket from then on, if they may read it."""
    rows = []
    for entry in entries:
        message = session().get(Message, entry.details.get("message_id", 0))
        one = _tickets({entry.ticket_id or 0}).get(entry.ticket_id or 0)
        if message is None or one is None or "@" not in message.body:
            continue
        people = {reader.id: reader.name for reader in readers_at(one.path, one.category)}
        for staff_id in sorted(mentioned(message.body, people) - {_actor(entry)}):
            row = {"ticket_id": one.id, "staff_id": staff_id, "since": entry.at}
            session().execute(insert(Watcher).values(row).on_conflict_do_nothing())
            rows.append((staff_id, NoticeKind.MENTIONED, Why.NAMED, entry))
    for staff_id, entry in _write(rows):
        journal.note(
            "ticket.mentioned",
            by=staff(_actor(entry) or 0),
            ticket_id=entry.ticket_id,
            desk_id=entry.desk_id,
            staff_id=staff_id,
        )


def _told(entry: JournalEntry, one: _About, watching: Collection[int]) -> Iterator[tuple[int, NoticeKind, Why]]:
    kind, by = KINDS.get(entry.kind, NoticeKind.CHANGED), _actor(entry)
    if kind in _NAMES:
        named = entry.details.get(_NAMES[kind])
        if named and named != by:
            yield named, kind, Why.HOLDER if kind is NoticeKind.ASSIGNED else Why.SENDER
        if kind is NoticeKind.ASSIGNED:
            return
        kind = NoticeKind.CHANGED
    for staff_id in {one.holder, *watching} - {by, None, entry.details.get("sender_staff_id")}:
        if staff_id is not None:
            yield staff_id, kind, Why.HOLDER if staff_id == one.holder else Why.WATCHER


def _actor(entry: JournalEntry) -> int | None:
    return entry.actor_id if entry.actor_kind == "staff" else None


def _tickets(ids: Collection[int]) -> Mapping[int, _About]:
    query = select(Ticket.id, Ticket.desk_id, Ticket.category_code, Ticket.assignee_id).where(Ticket.id.in_(ids))
    return {
        id_: _About(id_, desk(desk_id).organization.path, category, holder)
        for id_, desk_id, category, holder in session().execute(query)
    }


def _watchers(ids: Collection[int]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for ticket_id, staff_id in session().execute(
        select(Watcher.ticket_id, Watcher.staff_id).where(Watcher.ticket_id.in_(ids)).order_by(Watcher.since)
    ):
        found[ticket_id].append(staff_id)
    return found


def _write(
    rows: Sequence[tuple[int, NoticeKind, Why, JournalEntry]],
) -> list[tuple[int, JournalEntry]]:
    """Write them, the newest for each person, ticket and kind; gives back whom it is news to.

    What stands for this entry or a later one already is left as it is, read or not: a reaction may run twice.
    """
    wishes = {
        (one.staff_id, one.kind): one.way
        for one in session().scalars(select(NoticeWish).where(NoticeWish.staff_id.in_({row[0] for row in rows})))
    }
    newest: dict[tuple[int, int, NoticeKind], tuple[Why, JournalEntry, int]] = {}
    for staff_id, kind, why, entry in rows:
        key = (staff_id, entry.ticket_id or 0, kind)
        before = newest.get(key)
        newest[key] = (why, entry, before[2] + 1 if before else 1)
    told, values = [], []
    known = _known(newest.keys())
    for (staff_id, ticket_id, kind), (why, entry, times) in sorted(newest.items(), key=lambda one: one[0]):
        way = wishes.get((staff_id, kind), USUAL[kind])
        if way is NoticeWay.OFF or known.get((staff_id, ticket_id, kind), 0) >= entry.id:
            continue
        told.append((staff_id, entry))
        values.append(
            {
                "staff_id": staff_id,
                "ticket_id": ticket_id,
                "kind": kind,
                "why": why,
                "entry_id": entry.id,
                "by_id": _actor(entry),
                "at": entry.at,
                "times": times,
                "wants_letter": way is NoticeWay.LETTER,
            }
        )
    made = insert(Notice)
    made = made.on_conflict_do_update(
        index_elements=["staff_id", "ticket_id", "kind"],
        index_where=Notice.read_at.is_(None),
        set_={
            "entry_id": made.excluded.entry_id,
            "by_id": made.excluded.by_id,
            "at": made.excluded.at,
            "times": Notice.times + made.excluded.times,
        },
        where=Notice.entry_id < made.excluded.entry_id,
    )
    if values:
        session().execute(made, values)
    return told


def _mentioned_in(entries: Sequence[JournalEntry]) -> set[tuple[int, int]]:
    """Who hears of these notes already, because they are named in them."""
    if not entries:
        return set()
    query = select(Notice.staff_id, Notice.entry_id).where(
        Notice.kind == NoticeKind.MENTIONED,
        Notice.ticket_id.in_({entry.ticket_id for entry in entries}),
        Notice.entry_id.in_([entry.id for entry in entries]),
    )
    return {(staff_id, entry_id) for staff_id, entry_id in session().execute(query)}


def _known(keys: Collection[tuple[int, int, NoticeKind]]) -> Mapping[tuple[int, int, NoticeKind], int]:
    """The newest entry that a notice stands for already, by person, ticket and kind."""
    people, tickets = {key[0] for key in keys}, {key[1] for key in keys}
    query = select(Notice.staff_id, Notice.ticket_id, Notice.kind, Notice.entry_id)
    query = query.where(Notice.staff_id.in_(people), Notice.ticket_id.in_(tickets)).order_by(Notice.entry_id)
    return {(row[0], row[1], row[2]): row[3] for row in session().execute(query)}
