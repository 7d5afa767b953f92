"""Write down what tickets are found by: anew from the whole ticket, so it may run twice, late and out of order."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ARRAY, BigInteger, Integer, Text, and_, cast, column, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import TSVECTOR, insert

from helpdesk.contacts.models import Contact
from helpdesk.kernel.db import session
from helpdesk.kernel.masking import masked
from helpdesk.kernel.words import EDITION, lexemes, name_words
from helpdesk.search.models import TicketWords
from helpdesk.search.traces import traces
from helpdesk.tickets.models import Message, Ticket

# Of one message so much is read; the longest letters are journals of machines.
READ_OF_A_MESSAGE = 20_000
MOST_WORDS = 8_000

# Two that make the words of one ticket anew take turns by an advisory lock of this class.
_LOCK, _PLACES = 1451, 2**31
_BIGINTS, _TEXTS = ARRAY(BigInteger), ARRAY(Text)


def index_tickets(ids: Collection[int]) -> None:
    """Make the words of these tickets anew. Four statements for any number of them."""
    wanted = sorted(set(ids))
    if not wanted:
        return
    # Locked first and read afterwards: of two that come at once, the later one has read everything.
    turn = func.unnest(literal(wanted, type_=_BIGINTS)).column_valued("id")
    session().execute(select(func.pg_advisory_xact_lock(_LOCK, cast(turn % _PLACES, Integer))))
    said: dict[int, list[str]] = defaultdict(list)
    bodies = select(Message.ticket_id, func.left(Message.body, READ_OF_A_MESSAGE)).where(Message.ticket_id.in_(wanted))
    for ticket_id, body in session().execute(bodies):
        said[ticket_id].append(body)
    about = (
        select(Ticket.id, Ticket.desk_id, Ticket.subject, Ticket.pupil_note, Contact.name)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .where(Ticket.id.in_(wanted))
    )
    found = [
        # a number is found by its trace, and by nothing else: whoever searches must not learn that it stands somewhere
        (id_, desk_id, vector(subject, (name or "", pupil), map(masked, said[id_]), traces(said[id_])))
        for id_, desk_id, subject, pupil, name in session().execute(about)
    ]
    if found:
        _write(*map(list, zip(*found, strict=True)))


def _write(ids: list[int], desk_ids: list[int], words: list[str]) -> None:
    given = (
        func.unnest(literal(ids, type_=_BIGINTS), literal(desk_ids, type_=_BIGINTS), literal(words, type_=_TEXTS))
        .table_valued(column("id", BigInteger), column("desk", BigInteger), column("words", Text), name="given")
        .render_derived()
    )
    rows = select(given.c.id, given.c.desk, cast(given.c.words, TSVECTOR), literal(EDITION))
    written = insert(TicketWords).from_select(["ticket_id", "desk_id", "words", "edition"], rows)
    fresh = {name: written.excluded[name] for name in ("desk_id", "words", "edition")}
    # every word is a row of the index: what is the same is not written again
    differs = or_(*(getattr(TicketWords, name) != value for name, value in fresh.items()))
    session().execute(written.on_conflict_do_update(index_elements=["ticket_id"], set_=fresh, where=differs))


def vector(subject: str, names: Iterable[str], said: Iterable[str], traces: Iterable[str] = ()) -> str:
    """The words of a ticket as the text of a tsvector: the subject weighs A, names B, what was said and `traces` D."""
    heavy = lexemes(subject)
    people = {one for name in names for one in (*name_words(name), *lexemes(name)) if len(one) > 1} - heavy
    light = {one for body in said for one in lexemes(body)} - heavy - people
    hidden = [f"'{one}'" for one in sorted(traces)]
    weighed = [f"'{one}':1A" for one in sorted(heavy)] + [f"'{one}':1B" for one in sorted(people)]
    return " ".join((weighed + hidden + [f"'{one}'" for one in sorted(light)])[:MOST_WORDS])


def missing(below: int | None = None, limit: int = 500) -> Sequence[int]:
    """Ids of tickets without words of this edition, newest first, below `below`."""
    done = and_(TicketWords.ticket_id == Ticket.id, TicketWords.edition == EDITION)
    query = select(Ticket.id).outerjoin(TicketWords, done).where(TicketWords.ticket_id.is_(None))
    if below is not None:
        query = query.where(Ticket.id < below)
    return session().scalars(query.order_by(Ticket.id.desc()).limit(limit)).all()


def name_people(above: int, limit: int = 1000) -> int | None:
    """Give the next people after the id `above` the words of their names; the last id, None when there were none."""
    people = (
        session()
        .execute(
            select(Contact.id, Contact.name, Contact.name_words)
            .where(Contact.id > above)
            .order_by(Contact.id)
            .limit(limit)
        )
        .all()
    )
    for id_, name, words in people:
        wanted = " ".join(name_words(name))[:400]
        if wanted != words:
            session().execute(
                update(Contact)
                .where(Contact.id == id_, Contact.name == name)
                .values(name_words=wanted)
                .execution_options(synchronize_session=False)
            )
    return people[-1].id if people else None
