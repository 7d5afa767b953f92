"""Voice messages and recorded conversations: their page, the reason to listen, and the sound."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity.rules import Role
from helpdesk.kernel import store
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import gettext
from helpdesk.telephony.conversation_rules import RecordingKind
from helpdesk.tickets.recordings import REASONS, give_reason, listened, may_listen, recording_for
from helpdesk.web.access import current, staff_only

door = Blueprint("recordings", __name__)


@door.get("/recordings/<int:recording_id>")
@staff_only()
def recording(recording_id: int) -> ResponseReturnValue:
    """A recording of a ticket: its player, or for a conversation first the question why."""
    row, ticket = recording_for(current(), recording_id)
    return render_template(
        "recordings/recording.html",
        row=row,
        ticket=ticket,
        is_message=row.kind is RecordingKind.VOICEMAIL,
        playable=row.stored is not None and may_listen(current(), row),
        reasons_said=[(code, gettext(words)) for code, words in REASONS.items()],
    )


@door.post("/recordings/<int:recording_id>/reason")
@staff_only(Role.SUPERVISOR)
def say_why(recording_id: int) -> ResponseReturnValue:
    """A supervisor's reason, noted before anything is heard."""
    with transaction():
        row, ticket = recording_for(current(), recording_id)
        give_reason(current(), row, ticket, request.form.get("reason", ""))
    return redirect(url_for("recordings.recording", recording_id=recording_id), 303)


@door.get("/recordings/<int:recording_id>/sound")
@staff_only()
def sound(recording_id: int) -> ResponseReturnValue:
    """The sound, for whoever may hear it now; kept by no browser."""
    row, ticket = recording_for(current(), recording_id)
    if row.stored is None or not may_listen(current(), row):
        raise NotFound
    path = store.path(current_app.extensions["settings"].var_dir, row.stored)
    if not path.is_file():
        raise NotFound
    with transaction():
        listened(current(), row, ticket)
    answer: Response = send_file(path, mimetype="audio/wav", conditional=True)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
