"""What an operator does inside a conversation and right after it: hold, transfer, danger, recording, writing up."""

from typing import NamedTuple

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import LANGUAGES, N_, gettext, language, spoken
from helpdesk.routing.rules import Queue
from helpdesk.telephony import danger, emergency, holding, queries, recordings, roster, targets, transfers, wrapup
from helpdesk.telephony.conversation_rules import RecordingState
from helpdesk.telephony.danger_rules import Service
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import PresenceState
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.lineage import locked_survivor
from helpdesk.web.access import current, staff_only
from helpdesk.web.callbar import QUEUES, shown
from helpdesk.web.supervisor import PRESENCE_WORDS

door = Blueprint("conversations", __name__, url_prefix="/calls")

MOST_TARGETS = 10


def _locked() -> Call:
    """The call that I talk on, locked. Raises Refused when there is none."""
    mine = roster.presence_of(current().id)
    if mine is None or mine.state is not PresenceState.TALKING or mine.call_id is None:
        raise Refused(N_("You have no conversation now"))
    return queries.locked(mine.call_id)


def _own() -> Call:
    """The same, where the call is mine and not a colleague's."""
    call = _locked()
    if call.operator_id != current().id:
        raise Refused(N_("This is your colleague's call"))
    return call


@door.post("/hold")
@staff_only(Role.OPERATOR)
def hold() -> ResponseReturnValue:
    """Music for the caller, or the caller back into the conversation."""
    with transaction():
        call = _own()
        (holding.unhold if call.held_at is not None else holding.hold)(call, staff(current().id))
    return shown()


# ── transfers ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Target(NamedTuple):
    """What a choice of the transfer field stands for: exactly one of these is given."""

    to_staff_id: int | None = None
    to_desk_id: int | None = None
    to_queue: Queue | None = None


@door.get("/targets")
@staff_only(Role.OPERATOR)
def suggested() -> ResponseReturnValue:
    """Colleagues, queues and desks whose names begin like what is typed."""
    typed = request.args.get("q", "").strip()[:80]
    mine = roster.presence_of(current().id)
    call = queries.call_of_operator(current().id, mine.call_id or 0) if mine is not None else None
    if call is None or not typed:
        return jsonify([])
    found = [
        {"value": f"staff:{one.staff_id}", "text": one.name, "hint": gettext(PRESENCE_WORDS[one.state])}
        for one in targets.colleagues(call, current())
        if targets.begins(typed, one.name)
    ]
    for queue, words in QUEUES.items():
        if queue != (call.queue.value if call.queue else "") and targets.begins(typed, _in_all_languages(words)):
            found.append({"value": f"queue:{queue}", "text": gettext(words), "hint": gettext(N_("queue"))})
    for desk in targets.desks_in_reach(current(), without=call.desk_id):
        if len(found) >= MOST_TARGETS:
            break
        if targets.begins(typed, desk.organization.search):
            hint = N_("desk") if targets.is_open(desk) else N_("desk, closed now")
            found.append(
                {"value": f"desk:{desk.id}", "text": desk.organization.short(language()), "hint": gettext(hint)}
            )
    return jsonify(found[:MOST_TARGETS])


@door.post("/transfer")
@staff_only(Role.OPERATOR)
def transfer() -> ResponseReturnValue:
    """Send the caller on at once, or (`how` is "ask") ask a colleague first."""
    asks = request.form.get("how") == "ask"
    with transaction():
        call = _own()
        target = _target(call)
        if asks and target.to_staff_id is None:
            raise Refused(N_("Only a colleague can be asked first"), field="to")
        if asks and target.to_staff_id is not None:
            transfers.consult(call, current().id, target.to_staff_id)
        else:
            transfers.hand_on(call, current().id, **target._asdict())
    return shown()


def _in_all_languages(words: str) -> str:
    said = []
    for code in LANGUAGES:
        with spoken(code):
            said.append(gettext(words))
    return " ".join(said)


def _target(call: Call) -> Target:
    """Where to, checked against what I may name. Raises Refused and NotFound."""
    kind, _, given = request.form.get("to", "").partition(":")
    if kind == "queue" and given in Queue.__members__.values():
        return Target(to_queue=Queue(given))
    if kind in ("staff", "desk") and given.isascii() and given.isdigit():
        if kind == "staff":
            return Target(to_staff_id=targets.colleague(call, current(), int(given)).staff_id)
        return Target(to_desk_id=targets.desk_in_reach(current(), int(given), without=call.desk_id).id)
    raise Refused(N_("Choose a colleague, a queue or a desk from the list"), field="to")


@door.post("/transfer/complete")
@staff_only(Role.OPERATOR)
def complete() -> ResponseReturnValue:
    """The colleague has the caller; I am out."""
    with transaction():
        transfers.complete(_own(), current().id)
    return shown()


@door.post("/transfer/cancel")
@staff_only(Role.OPERATOR)
def cancel() -> ResponseReturnValue:
    """Back to the caller without the colleague; the colleague may leave by this too."""
    with transaction():
        transfers.cancel(_locked(), current().id)
    return shown()


# ── a child in danger, recording ──────────────────────────────────────────────────────────────────────────────────


@door.post("/danger")
@staff_only(Role.OPERATOR)
def raise_alarm() -> ResponseReturnValue:
    """A child is in danger: every supervisor above hears of it; with `service` 112 or 111 is called in as well."""
    service = request.form.get("service", "")
    with transaction():
        danger.raise_alarm(_locked(), staff(current().id))
    # apart: what keeps a service from being rung takes no alarm back
    if service in Service.__members__.values():
        with transaction():
            emergency.call_in(_locked(), Service(service), staff(current().id))
    return shown()


@door.post("/recording")
@staff_only(Role.OPERATOR)
def pause() -> ResponseReturnValue:
    """Leave out of the recording what may not be kept, or go on."""
    with transaction():
        call = _own()
        row = recordings.running(call)
        paused = row is not None and row.state is RecordingState.PAUSED
        (recordings.resume if paused else recordings.pause)(call, staff(current().id))
    return shown()


# ── writing up ────────────────────────────────────────────────────────────────────────────────────────────────────


@door.post("/<int:call_id>/wrapup")
@staff_only(Role.OPERATOR)
def wrap_up(call_id: int) -> ResponseReturnValue:
    """What came of the call, a note for its ticket, and what I do next."""
    form, me = request.form, current()
    _mine(call_id)
    reason, note = form.get("break", ""), form.get("note", "")
    then = PresenceState.BREAK if reason else PresenceState.READY
    with transaction():
        call = wrapup.save(me.id, call_id, form.get("code", ""), note, then, reason)
        if call is not None and call.ticket_id is not None and note.strip():
            ticket = locked_survivor(call.ticket_id)
            tickets.note(ticket, note, staff(me.id))
    return shown()


@door.post("/<int:call_id>/more-time")
@staff_only(Role.OPERATOR)
def more_time(call_id: int) -> ResponseReturnValue:
    """As much time again for writing."""
    _mine(call_id)
    with transaction():
        wrapup.extend(current().id, call_id)
    return shown()


def _mine(call_id: int) -> None:
    if queries.call_of_operator(current().id, call_id) is None:
        raise NotFound
