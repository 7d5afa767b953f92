"""How letters, their kinds and states are called on pages: English msgids."""

from helpdesk.kernel.i18n import N_
from helpdesk.notifications.rules import Kind, LetterState, Medium

MEDIA: dict[Medium, str] = {Medium.EMAIL: N_("E-mail"), Medium.SMS: N_("SMS")}
STATES: dict[LetterState, str] = {
    LetterState.PENDING: N_("waits to be sent"),
    LetterState.SENDING: N_("is being sent"),
    LetterState.SENT: N_("sent"),
    LetterState.DELIVERED: N_("delivered"),
    LetterState.KEPT: N_("kept"),
    LetterState.FAILED: N_("could not be delivered"),
    LetterState.DOUBLED: N_("left out: the same text was sent just before"),
}
KINDS: dict[Kind, str] = {
    Kind.OPENED: N_("Registered"),
    Kind.SECRET: N_("Access code"),
    Kind.REPLIED: N_("Answer"),
    Kind.NEED_INFO: N_("Question"),
    Kind.REMINDED: N_("Reminder"),
    Kind.UNANSWERED: N_("Settled without an answer"),
    Kind.RESOLVED: N_("Resolved"),
    Kind.CALLBACK_SET: N_("Callback promised"),
    Kind.CALLBACK_MISSED: N_("Callback missed"),
    Kind.CALLBACK_FAILED: N_("Callback failed"),
    Kind.VOICEMAIL_RECEIVED: N_("Voice message received"),
    Kind.ALARM: N_("Alarm"),
}
