"""Supervisors' softphones: into a conversation and out of it again."""

from helpdesk.telephony import actions, supervision, twiml
from helpdesk.telephony.conversation_rules import SupervisionMode
from helpdesk.telephony.heard import Heard
from helpdesk.telephony.rules import LegState
from helpdesk.webhooks.access import carrier_door, document

door = carrier_door("supervisors", __name__, twiml.VOICE)


def into(token: str, staff_id: int, heard: Heard) -> str:
    """A supervisor's softphone connects: the browser's word, so the row behind the token decides."""
    joining = supervision.join(token, staff_id, heard.sid)
    if joining is None or joining.call.conference is None:
        return twiml.hang_up()
    # nobody to whisper to in this moment: then nobody hears it
    whispers = joining.mode is SupervisionMode.WHISPER and joining.coached is not None
    return twiml.supervisor_into(
        joining.call.conference,
        joining.call.id,
        muted=joining.mode is not SupervisionMode.BARGE and not whispers,
        coached=joining.coached if whispers else None,
    )


@door.post("/supervisor-left")
@document
def supervisor_left(heard: Heard) -> str:
    """The supervisor's leg is out of the conference: hung up, or the conversation is over."""
    actions.leg_reported(heard.sid, LegState.COMPLETED)
    return twiml.hang_up()
