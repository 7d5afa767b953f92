"""What a search finds: tickets and people, with the asker's rights in the same statement."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    and_,
    any_,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from helpdesk.contacts.models import Contact, ContactEmail, ContactPhone
from helpdesk.identity.queries import Asker, desks_under
from helpdesk.identity.rules import RESTRICTED
from helpdesk.kernel import clock, phones
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.masking import masked
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desks
from helpdesk.search.excerpts import READ
from helpdesk.search.models import TicketWords
from helpdesk.search.rules import Asked, name_query, query_text
from helpdesk.tickets.board import BoardRow, rows_of
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import visible
from helpdesk.tickets.rules import UNFINISHED, MessageKind
from helpdesk.tickets.tags import tagged

# Ranked among so many of the newest hits; above it a count says "more than".
NEWEST = 1000
# Looked through one after the other, then all: a word that everybody says has its newest thousand among the newest
# tickets, and one that few say is found quickly wherever it stands.
FIRST_AMONG = (30_000, 300_000)
# The share of all desks below which an index of their tickets is worth its reading.
FEW_DESKS = 0.1
# The planner takes comparing stored words for as cheap as comparing numbers and would compare those of every ticket of
# a window; reading them costs a hundred times that. With these plans out of its way it reads the index of words.
_NEWEST_BY_WORDS = text(
    "SELECT (SELECT max(id) FROM tickets), set_config('enable_indexscan', 'off', true), "
    "set_config('enable_seqscan', 'off', true)"
)
_AS_BEFORE = text("SELECT set_config('enable_indexscan', 'on', true), set_config('enable_seqscan', 'on', true)")
PEOPLE = 8
PAGE = 25
# Of each ticket of a page so many texts are looked through for an excerpt.
SAID = 12


@dataclass(frozen=True)
class Page:
    """Tickets, best first; `count` is honest up to NEWEST and NEWEST + 1 above it; `next` is a cursor or None."""

    rows: tuple[BoardRow, ...]
    count: int
    next: str | None


@dataclass(frozen=True)
class Person:
    """Somebody who asked in the asker's part of the tree."""

    id: int
    name: str
    phones: tuple[str, ...]
    newest: str | None


def schools_of(number: str) -> Sequence[int]:
    """Ids of the organizations with this number."""
    return session().scalars(select(Organization.id).where(Organization.number == number)).all()


def tickets(asker: Asker, asked: Asked, zone: ZoneInfo, after: str | None = None, limit: int = PAGE) -> Page:
    """Tickets of the asker's part of the tree with all the words, ranked among the newest NEWEST of them.

    At most seven statements. A telephone number finds the tickets of the people whom it reaches, too.
    """
    words, number = query_text(asked.terms), phones.written(asked.words)
    conditions = [visible(asker), *narrowed(asker, asked, zone)]
    newest_first = select(Ticket.id).where(*conditions).order_by(Ticket.id.desc())
    if number is not None:
        reached = select(ContactPhone.contact_id).where(ContactPhone.number == number)
        theirs = select(Ticket.id).where(Ticket.contact_id.in_(reached))
        said = select(TicketWords.ticket_id).where(TicketWords.words.op("@@")(_tsquery(f"'{number}'")))
        # + 0: few fit, so walking all tickets backwards until a thousand of them do would never end
        few = select(Ticket.id).where(Ticket.id.in_(theirs.union(said)), *conditions)
        found = _ranked(few.order_by((Ticket.id + 0).desc()), None, after, limit)
    elif words:
        query = _tsquery(words)
        newest = session().execute(_NEWEST_BY_WORDS).scalar() or 0
        for among in (*(one for one in FIRST_AMONG if one < newest), newest):
            found = _ranked(_matching(asker, asked, query, conditions, newest - among), query, after, limit)
            if found and found[0].total > NEWEST:
                break
        session().execute(_AS_BEFORE)
    elif asked.filtered:
        found = _ranked(newest_first, None, after, limit)
    else:
        return Page((), 0, None)
    rows = rows_of(asker, [row.id for row in found[:limit]]) if found else {}
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        tuple(rows[row.id] for row in found[:limit] if row.id in rows),
        found[0].total if found else 0,
        f"{last.score}_{last.id}" if last else None,
    )


def people(asker: Asker, words: str, limit: int = PEOPLE) -> list[Person]:
    """People with that name in either language's spelling, that telephone or that address, in the order of the Kazakh
    alphabet. One statement, two for their telephones.

    A whole number is known to whoever was told it, so it finds anybody; a name searches the asker's own people only.
    """
    number = phones.written(words)
    if number is not None:
        wanted: ColumnElement[bool] = Contact.id.in_(
            select(ContactPhone.contact_id).where(ContactPhone.number == number)
        )
    elif "@" in words and " " not in words.strip():
        address = select(ContactEmail.contact_id).where(ContactEmail.address == words.strip().lower())
        wanted = and_(Contact.id.in_(address), _known_to(asker))
    elif names := name_query(words):
        # as in the index ix_contacts_name_words, so that the planner knows it again
        found = literal_column("to_tsvector('simple', contacts.name_words)").op("@@")(_tsquery(names))
        # few at first: who of them asked here is looked up for each
        some = select(Contact.id).where(found).order_by(Contact.id.desc()).limit(NEWEST)
        wanted = and_(Contact.id.in_(some), _known_to(asker))
    else:
        return []
    newest = (
        select(Ticket.number)
        .where(Ticket.contact_id == Contact.id, visible(asker))
        .order_by(Ticket.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    reached = select(func.array_agg(ContactPhone.number)).where(ContactPhone.contact_id == Contact.id).scalar_subquery()
    query = select(Contact.id, Contact.name, reached, newest).where(wanted).order_by(Contact.sort_key, Contact.id)
    return [
        Person(id_, name, tuple(numbers or ()), number)
        for id_, name, numbers, number in session().execute(query.limit(limit))
    ]


def _known_to(asker: Asker) -> ColumnElement[bool]:
    return exists().where(Ticket.contact_id == Contact.id, visible(asker))


def _tsquery(query: str) -> ColumnElement[Any]:
    return cast(literal(query), TSQUERY)


def _matching(
    asker: Asker,
    asked: Asked,
    query: ColumnElement[Any],
    conditions: Sequence[ColumnElement[bool]],
    above: int,
) -> Select[Any]:
    """Ids of tickets with the words, newest first.

    The words and the desk decide on the narrow rows of `ticket_words`, and of what they leave one ticket after the
    other is asked for, until there are enough: the planner, left alone, reads all tickets of the desks for it.
    """
    found = select(TicketWords.ticket_id).where(TicketWords.words.op("@@")(query), _at_desks(asker))
    if above > 0:
        found = found.where(TicketWords.ticket_id > above)
    hits = found.cte("hits").prefix_with("MATERIALIZED")
    if asked.filtered:
        joined = select(Ticket.id).join(hits, hits.c.ticket_id == Ticket.id).where(*conditions)
        return joined.order_by((Ticket.id + 0).desc())
    in_order = select(hits.c.ticket_id).order_by(hits.c.ticket_id.desc()).subquery("in_order")
    seen = select(Ticket.id).where(Ticket.id == in_order.c.ticket_id, *conditions).offset(0).lateral("seen")
    return select(seen.c.id).select_from(in_order.join(seen, true())).order_by(in_order.c.ticket_id.desc())


def _at_desks(asker: Asker) -> ColumnElement[bool]:
    ids = desks_under(asker.roots())
    if not ids:
        return false()
    few = len(ids) < len(desks()) * FEW_DESKS
    # + 0: where most desks are the asker's, every search would read their tickets from the index first
    return (TicketWords.desk_id if few else TicketWords.desk_id + 0) == any_(literal(ids, ARRAY(Integer)))


def _ranked(matching: Select[Any], query: ColumnElement[Any] | None, after: str | None, limit: int) -> Sequence[Any]:
    """(id, score, total) of a page of the newest NEWEST + 1 matches, best first, the newer first of equals."""
    newest = matching.limit(NEWEST + 1).cte("newest").prefix_with("MATERIALIZED")
    score: ColumnElement[int] = literal(0)
    ranked = select(newest.c.id, score.label("score"))
    if query is not None:
        score = cast(func.ts_rank(TicketWords.words, query) * 100_000, Integer)
        ranked = select(newest.c.id, score.label("score")).join(TicketWords, TicketWords.ticket_id == newest.c.id)
    scored = ranked.cte("scored")
    total = select(func.count()).select_from(newest).scalar_subquery()
    page = select(scored.c.id, scored.c.score, total.label("total"))
    if after:
        page = page.where(tuple_(scored.c.score, scored.c.id) < tuple_(*map(literal, _read_cursor(after))))
    return session().execute(page.order_by(scored.c.score.desc(), scored.c.id.desc()).limit(limit + 1)).all()


def _read_cursor(cursor: str) -> tuple[int, int]:
    score, _, last_id = cursor.partition("_")
    if not (score.isdigit() and last_id.isdigit() and len(score) < 10 and len(last_id) < 19):
        raise NotFound
    return int(score), int(last_id)


def narrowed(asker: Asker, asked: Asked, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """What the filters ask of a ticket. A statement for a school's number, none otherwise."""
    now = clock.now()
    found: list[ColumnElement[bool]] = []
    if asked.queue is not None:
        found.append(Ticket.queue == asked.queue)
    if asked.states:
        found.append(Ticket.state.in_(asked.states))
    if asked.due_within is not None:
        found.append(and_(Ticket.state.in_(UNFINISHED), Ticket.due_at < now + asked.due_within))
    if asked.due_after is not None:
        found.append(and_(Ticket.state.in_(UNFINISHED), Ticket.due_at > now + asked.due_after))
    if asked.overdue:
        found.append(and_(Ticket.state.in_(UNFINISHED), Ticket.due_at < now))
    if asked.school:
        ids = schools_of(asked.school)
        found.append(or_(Ticket.organization_id.in_(ids), Ticket.desk_id.in_(ids)) if ids else false())
    if asked.language:
        found.append(Ticket.language == asked.language)
    if asked.assigned_to_me:
        found.append(Ticket.assignee_id == asker.id)
    if asked.unassigned:
        found.append(Ticket.assignee_id.is_(None))
    if asked.category:
        found.append(Ticket.category_code == asked.category)
    if asked.since is not None:
        found.append(Ticket.created_at >= datetime.combine(asked.since, time(), zone))
    if asked.before is not None:
        found.append(Ticket.created_at < datetime.combine(asked.before, time(), zone))
    if asked.channel is not None:
        found.append(Ticket.channel == asked.channel)
    if asked.priority is not None:
        found.append(Ticket.priority == asked.priority)
    if asked.tag:
        found.append(tagged(asked.tag))
    return found


def said_on(asker: Asker, rows: Collection[BoardRow]) -> dict[int, list[tuple[MessageKind, str]]]:
    """What was said last on each of these tickets, newest first: at most SAID texts of each. One statement.

    Nothing of restricted tickets: each look at one is noted, and a list of hits is no look.
    """
    ids = [row.id for row in rows if row.category_code not in RESTRICTED]
    if not ids:
        return {}
    last = (
        select(Message.id)
        .where(Message.ticket_id == Ticket.id)
        .order_by(Message.id.desc())
        .limit(SAID)
        .correlate(Ticket)
        .lateral("last")
    )
    query = (
        select(Message.ticket_id, Message.kind, func.left(Message.body, READ))
        .select_from(Ticket)
        .join(last, true())
        .join(Message, Message.id == last.c.id)
        .where(Ticket.id.in_(ids), visible(asker))
        .order_by(Message.id.desc())
    )
    found: dict[int, list[tuple[MessageKind, str]]] = defaultdict(list)
    for ticket_id, kind, body in session().execute(query):
        found[ticket_id].append((kind, masked(body)))
    return found
