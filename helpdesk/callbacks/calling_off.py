"""Nobody needs to be called about a ticket any more."""

from sqlalchemy import select

from helpdesk.audit.actor import Actor
from helpdesk.callbacks import actions
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import UNDIALLED
from helpdesk.kernel.db import session


def call_off(ticket_id: int, by: Actor) -> None:
    """Take back the promises to call about this ticket; a telephone that rings already is left ringing."""
    query = select(Callback).where(Callback.ticket_id == ticket_id, Callback.state.in_(UNDIALLED))
    for one in session().scalars(query.order_by(Callback.id).with_for_update()):
        actions.cancel(one, by)
