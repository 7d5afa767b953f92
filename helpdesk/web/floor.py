"""What a supervisor does from the wallboard: joins talks, moves and ends calls, sends operators, closes queues."""

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.identity.queries import subordinate
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.queries import desk
from helpdesk.routing.rules import Queue
from helpdesk.telephony import interventions, queues, supervision
from helpdesk.telephony.conversation_rules import SupervisionMode
from helpdesk.telephony.rules import PresenceState
from helpdesk.web.access import current, staff_only, wants_json

door = Blueprint("floor", __name__, url_prefix="/wallboard")


@door.post("/calls/<int:call_id>/supervise")
@staff_only(Role.SUPERVISOR)
def supervise(call_id: int) -> ResponseReturnValue:
    """Listen, whisper or speak: the token with which my softphone connects next; empty when it is in already."""
    try:
        mode = SupervisionMode(request.form.get("mode", ""))
    except ValueError:
        raise NotFound from None
    with transaction():
        row = supervision.start(supervision.supervised_call(current(), call_id), mode, current().id)
        token = row.token if row.leg_sid is None else ""
    return jsonify(token=token)


@door.post("/leave")
@staff_only(Role.SUPERVISOR)
def leave() -> ResponseReturnValue:
    """I leave the conversation; those who talk go on."""
    with transaction():
        row = supervision.of_staff(current().id)
        if row is not None:
            supervision.end(row, staff(current().id))
    return _done()


@door.post("/calls/<int:call_id>/move")
@staff_only(Role.SUPERVISOR)
def move(call_id: int) -> ResponseReturnValue:
    """A caller who waits goes into another line, or to the front."""
    with transaction():
        call = supervision.supervised_call(current(), call_id)
        typed = request.form.get("desk", "")
        desk_id = _supervised_desk(typed) if typed else None
        queue = _queue() if request.form.get("queue") else None
        front = "front" in request.form
        interventions.move_waiting(interventions.place_of(call), call, desk_id, queue, front, staff(current().id))
    return _done()


@door.post("/calls/<int:call_id>/end")
@staff_only(Role.SUPERVISOR)
def end(call_id: int) -> ResponseReturnValue:
    """This call is over."""
    with transaction():
        interventions.end_call(supervision.supervised_call(current(), call_id), staff(current().id))
    return _done()


@door.post("/operators/<int:staff_id>/send")
@staff_only(Role.SUPERVISOR)
def send(staff_id: int) -> ResponseReturnValue:
    """A forgotten break ends, or somebody is put on one, or offline."""
    try:
        state = PresenceState(request.form.get("state", ""))
    except ValueError:
        raise NotFound from None
    with transaction():
        person = subordinate(current(), staff_id)
        interventions.send(person.id, state, request.form.get("note", ""), staff(current().id))
    return _done()


@door.post("/queues/close")
@staff_only(Role.SUPERVISOR)
def close_queue() -> ResponseReturnValue:
    """Nobody new joins this queue, and why."""
    with transaction():
        desk_id = _supervised_desk(request.form.get("desk", ""))
        queues.close(desk_id, _queue(), request.form.get("reason", ""), staff(current().id))
    return _done()


@door.post("/queues/reopen")
@staff_only(Role.SUPERVISOR)
def reopen_queue() -> ResponseReturnValue:
    """People may join again."""
    with transaction():
        queues.reopen(_supervised_desk(request.form.get("desk", "")), _queue(), staff(current().id))
    return _done()


def _supervised_desk(typed: str) -> int:
    found = desk(int(typed)) if typed.isascii() and typed.isdecimal() else None
    if found is None or not current().holds(Role.SUPERVISOR, found.organization.path):
        raise NotFound
    return found.id


def _queue() -> Queue:
    try:
        return Queue(request.form.get("queue", ""))
    except ValueError:
        raise NotFound from None


def _done() -> ResponseReturnValue:
    """Nothing for our script, which draws the page anew; the page again for a plain form."""
    if wants_json():
        return "", 204
    place = request.form.get("place", "")
    return redirect(url_for("wallboard.wallboard", place=place if place.isdecimal() else None), 303)
