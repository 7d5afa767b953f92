"""A voice message: the ticket and the row of the recording stand before the tone is heard."""

from helpdesk.audit.actor import requester
from helpdesk.intake import phone
from helpdesk.telephony import actions, recordings, twiml
from helpdesk.telephony.heard import Heard
from helpdesk.telephony.menu import Topic
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState, Outcome
from helpdesk.webhooks import said
from helpdesk.webhooks.access import carrier_door, document

door = carrier_door("voicemail", __name__, twiml.VOICE)


def begin(call: Call) -> str:
    """The caller leaves a message instead of waiting: the place in the line is free for others."""
    phone.take(call, Topic.OPERATOR)
    kept = recordings.begin_voicemail(call)
    actions.remember(call, voicemail=kept.id, ticket=phone.ticket_number(call.ticket_id or 0), wish=None)
    return said.voicemail(call)


@door.post("/voicemail-left")
@document
def voicemail_left(heard: Heard) -> str:
    """The message is spoken, or nothing was said, or the caller hung up while speaking."""
    call = phone.call_of(heard)
    if heard.recorded is not None and "voicemail" in call.keys:
        recordings.begun(int(call.keys["voicemail"]), heard.recorded)
    if call.state is CallState.VOICEMAIL:
        actions.remember(call, spoke=heard.recorded is not None or None)
        actions.end(call, Outcome.VOICEMAIL, by=requester(call.contact_id))
    return said.settled(call) or said.main_menu(call, 1)
