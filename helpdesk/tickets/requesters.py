"""What a desk may know of the people who ask: their tickets in its part of the tree, and whom it can search for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Exists, exists, func, not_, or_, select, true

from helpdesk.contacts.models import Contact, ContactPhone
from helpdesk.identity.queries import Asker
from helpdesk.kernel import phones
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import fold
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible
from helpdesk.tickets.rules import TicketState


@dataclass(frozen=True)
class PastTicket:
    """One of a person's tickets."""

    number: str
    subject: str
    state: TicketState
    category_code: str | None
    created_at: datetime


@dataclass(frozen=True)
class History:
    """The newest tickets of a person that the asker may see; of all others only how many and when the last one came."""

    tickets: Sequence[PastTicket] = ()
    elsewhere: int = 0
    elsewhere_latest: datetime | None = None


def history(asker: Asker, contact_id: int, limit: int = 5, without: int | None = None) -> History:
    """The last tickets of a person, but for the one `without` that is being looked at. One statement."""
    seen = visible(asker)
    columns = (Ticket.number, Ticket.subject, Ticket.state, Ticket.category_code, Ticket.created_at)
    elsewhere = func.count().filter(not_(seen)).over()
    latest = func.max(Ticket.created_at).filter(not_(seen)).over()
    query = (
        select(*columns, seen, elsewhere, latest)
        .where(Ticket.contact_id == contact_id, true() if without is None else Ticket.id != without)
        .order_by(seen.desc(), Ticket.id.desc())
        .limit(limit)
    )
    found = session().execute(query).all()
    if not found:
        return History()
    return History(tuple(PastTicket(*row[:5]) for row in found if row[5]), found[0][6], found[0][7])


def _known_to(asker: Asker) -> Exists:
    return exists().where(Ticket.contact_id == Contact.id, visible(asker))


def matching(asker: Asker, typed: str, limit: int = 8) -> Sequence[Contact]:
    """People whom a phone number reaches, or whose name begins so and who asked in the asker's part of the tree.

    A whole number is known to whoever was told it, so it finds anybody; a name searches the asker's own people only.
    """
    number = phones.written(typed)
    beginning = fold(typed.strip())
    if number is not None:
        reached = select(ContactPhone.contact_id).where(ContactPhone.number == number)
        wanted: ColumnElement[bool] = Contact.id.in_(reached)
    elif len(beginning) >= 2 and not beginning.isdigit():
        wanted = Contact.search.startswith(beginning, autoescape=True) & _known_to(asker)
    else:
        return ()
    return session().scalars(select(Contact).where(wanted).order_by(Contact.sort_key, Contact.id).limit(limit)).all()


def contact_for(asker: Asker, contact_id: int, typed: str) -> Contact:
    """A person whom the asker chose among `matching`; `typed` may end in the number after a comma. Raises NotFound."""
    number = phones.written(typed.rsplit(",", 1)[-1])
    reached = exists().where(ContactPhone.contact_id == Contact.id, ContactPhone.number == number)
    query = select(Contact).where(Contact.id == contact_id, or_(_known_to(asker), reached))
    found = session().scalars(query).first()
    if found is None:
        raise NotFound
    return found
