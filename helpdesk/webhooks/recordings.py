"""What the carrier tells of recordings: /twilio/voice/recording?id=…"""

from flask import request

from helpdesk.telephony import recordings, twiml
from helpdesk.telephony.heard import Mangled, sound
from helpdesk.webhooks.access import carrier_door, status

door = carrier_door("recording_webhooks", __name__, twiml.VOICE)


@door.post("/recording")
@status
def recording_status() -> None:
    """It has begun, it is complete, or there is nothing; in any order, any number of times."""
    recording_id, told = request.args.get("id", type=int), request.form.get("RecordingStatus", "")
    heard = sound(request.form)
    if recording_id is None or not 0 < recording_id < 2**63:
        raise Mangled("id")
    if heard is None:
        raise Mangled("RecordingSid")
    match told:
        case "in-progress":
            recordings.begun(recording_id, heard)
        case "completed":
            recordings.completed(recording_id, heard)
        case "absent":
            recordings.absent(recording_id)
        case _:
            raise Mangled("RecordingStatus")
