"""How the states of callbacks are called on pages: English msgids."""

from helpdesk.callbacks.rules import CallbackState
from helpdesk.kernel.i18n import N_

STATES: dict[CallbackState, str] = {
    CallbackState.REQUESTED: N_("is promised"),
    CallbackState.DUE: N_("due, waits for an operator"),
    CallbackState.OFFERED: N_("offered to an operator"),
    CallbackState.DIALING: N_("being dialled"),
    CallbackState.ANSWERED: N_("answered"),
    CallbackState.CONNECTED: N_("in conversation"),
    CallbackState.RETRY_WAIT: N_("will be tried again"),
    CallbackState.DONE: N_("promise kept"),
    CallbackState.EXHAUSTED: N_("could not be reached"),
    CallbackState.EXPIRED: N_("could not be tried"),
    CallbackState.CANCELLED: N_("cancelled"),
    CallbackState.SUPERSEDED: N_("called by themselves"),
}
