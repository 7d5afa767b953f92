"""How states, channels, resolutions and the like are called on pages and in letters: English msgids."""

from helpdesk.contacts.rules import RequesterRole
from helpdesk.kernel.i18n import N_
from helpdesk.routing.rules import Queue
from helpdesk.tickets.rules import Channel, MessageKind, Resolution, TicketState

STATES: dict[TicketState, str] = {
    TicketState.NEW: N_("new"),
    TicketState.OPEN: N_("in progress"),
    TicketState.WAITING_REQUESTER: N_("waiting for the requester"),
    TicketState.WAITING: N_("waiting for another organization"),
    TicketState.RESOLVED: N_("resolved"),
    TicketState.CLOSED: N_("closed"),
}

QUEUES: dict[Queue, str] = {
    Queue.TECHNICAL: N_("technical"),
    Queue.METHODOLOGICAL: N_("methodological"),
}

CHANNELS: dict[Channel, str] = {
    Channel.PHONE: N_("call"),
    Channel.WEB: N_("web form"),
    Channel.EMAIL: N_("e-mail"),
    Channel.MESSENGER: N_("messenger"),
    Channel.SOCIAL: N_("social network"),
    Channel.POST: N_("letter by post"),
    Channel.WALK_IN: N_("came in person"),
    Channel.OUTGOING_CALL: N_("outgoing call"),
}

RESOLUTIONS: dict[Resolution, str] = {
    Resolution.SOLVED: N_("The problem is solved"),
    Resolution.WORKAROUND: N_("There is a workaround"),
    Resolution.ANSWERED: N_("The question is answered"),
    Resolution.REDIRECTED: N_("Passed on to those who decide it"),
    Resolution.DUPLICATE: N_("The same as another ticket"),
    Resolution.NOT_REACHED: N_("The requester could not be reached"),
    Resolution.WITHDRAWN: N_("The requester took it back"),
    Resolution.SPAM: N_("Wrong number or spam"),
}

ROLES: dict[RequesterRole, str] = {
    RequesterRole.PARENT: N_("parent"),
    RequesterRole.PUPIL: N_("pupil"),
    RequesterRole.STUDENT: N_("student"),
    RequesterRole.TEACHER: N_("teacher"),
    RequesterRole.ADMINISTRATOR: N_("school administrator"),
    RequesterRole.OFFICIAL: N_("official"),
    RequesterRole.OTHER: N_("other"),
}

MESSAGES: dict[MessageKind, str] = {
    MessageKind.PUBLIC: N_("message"),
    MessageKind.NOTE: N_("internal note"),
    MessageKind.CALL: N_("notes of a call"),
    MessageKind.SMS: N_("SMS"),
    MessageKind.EMAIL: N_("e-mail"),
}
