"""What an operator sees of a callback before it is made, while it rings, and when nobody answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.callbacks.labels import ORIGINS, RESULTS, STATES
from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.callbacks.queries import attempts_of, of_operator
from helpdesk.callbacks.rules import TRIES
from helpdesk.kernel.errors import NotFound
from helpdesk.telephony.models import Call, Offer
from helpdesk.telephony.rules import OfferKind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_for
from helpdesk.tickets.requesters import History, history
from helpdesk.web.access import current

WORDS = {"states": STATES, "results": RESULTS, "origins": ORIGINS, "tries": TRIES}


@dataclass(frozen=True)
class Preview:
    """A callback, what was tried before, and who it is about. `ticket` is None when the asker may not see it."""

    callback: Callback
    attempts: Sequence[Attempt]
    ticket: Ticket | None
    past: History

    @property
    def last(self) -> Attempt | None:
        """The newest attempt."""
        return self.attempts[-1] if self.attempts else None


def preview_of(offer: Offer | None, call: Call | None) -> Preview | None:
    """The callback that is held out to the asker, or that the asker's call was made for; None for other calls."""
    asker = current()
    held_out = offer is not None and offer.kind is OfferKind.PREVIEW and offer.callback_id
    callback_id = held_out or (call.callback_id if call is not None and offer is None else None)
    callback = of_operator(asker.id, callback_id) if callback_id else None
    if callback is None:
        return None
    try:
        ticket = ticket_for(asker, callback.ticket_id)
    except NotFound:
        ticket = None
    known = ticket.contact_id if ticket is not None and held_out else None
    past = history(asker, known, 6) if known is not None else History()
    return Preview(callback, attempts_of(callback.id), ticket, past)
