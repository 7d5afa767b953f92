"""How the states of callbacks, their origins and the results of attempts are called on pages: English msgids."""

from helpdesk.callbacks.rules import AttemptResult, CallbackState
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

RESULTS: dict[AttemptResult, str] = {
    AttemptResult.CONNECTED: N_("connected"),
    AttemptResult.BUSY: N_("busy"),
    AttemptResult.NO_ANSWER: N_("no answer"),
    AttemptResult.MACHINE: N_("an answering machine"),
    AttemptResult.NO_KEY: N_("answered, but nobody confirmed"),
    AttemptResult.LEFT: N_("hung up while waiting"),
    AttemptResult.LATER: N_("asked to be called later"),
    AttemptResult.DECLINED: N_("does not want to be called"),
    AttemptResult.TOO_LATE: N_("answered outside the hours for calls"),
    AttemptResult.FAILED: N_("the connection failed"),
    AttemptResult.BAD_NUMBER: N_("the number does not exist"),
    AttemptResult.TECHNICAL: N_("an error on our side"),
}

ORIGINS: dict[str, str] = {
    "queue": N_("left the line for a callback"),
    "closed": N_("called outside the hours"),
    "web": N_("asked on the website"),
    "operator": N_("agreed with an operator"),
    "api": N_("asked by another system"),
    "abandoned": N_("waited and hung up"),
}
