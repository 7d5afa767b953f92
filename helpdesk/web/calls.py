"""The call bar of operators: where I am, what is held out to me, the call that I have."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity.rules import Role
from helpdesk.kernel import settings
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.telephony import actions, offers, presence, queries, roster
from helpdesk.telephony.gateway import carrier, identity
from helpdesk.telephony.models import Call, Offer
from helpdesk.telephony.queries import LineNow
from helpdesk.telephony.rules import PresenceState
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_for
from helpdesk.tickets.requesters import History, history
from helpdesk.web.access import current, staff_only, wants_json

door = Blueprint("calls", __name__, url_prefix="/calls")

STATES = {
    PresenceState.OFFLINE: N_("offline"),
    PresenceState.READY: N_("ready for calls"),
    PresenceState.BREAK: N_("on a break"),
    PresenceState.RESERVED: N_("a call for you"),
    PresenceState.TALKING: N_("talking"),
    PresenceState.WRAPUP: N_("writing up"),
}
QUEUES = {"technical": N_("technical"), "methodological": N_("methodological")}


@dataclass(frozen=True)
class Situation:
    """What the bar and the card show."""

    state: PresenceState
    reason: str
    since: datetime | None
    line: LineNow
    offer: Offer | None
    call: Call | None
    ticket: Ticket | None
    past: History


@door.get("/card")
@staff_only(Role.OPERATOR)
def card() -> ResponseReturnValue:
    """The bar with my open offer or my call, as a piece of a page."""
    return render_template("calls/card.html", now_=situation(), states=STATES, queues=QUEUES)


def situation() -> Situation:
    """Where the operator who asks is, in a handful of statements."""
    asker = current()
    mine = roster.presence_of(asker.id)
    state = mine.state if mine is not None else PresenceState.OFFLINE
    offer = queries.open_offer(asker.id) if state is PresenceState.RESERVED else None
    call_id = offer.call_id if offer is not None else mine.call_id if mine is not None else None
    call = queries.call_of_operator(asker.id, call_id) if call_id is not None else None
    past = history(asker, call.contact_id, 6) if call is not None and call.contact_id is not None else History()
    return Situation(
        state,
        mine.reason if mine is not None else "",
        mine.since if mine is not None else None,
        queries.line_now(asker),
        offer,
        call,
        _ticket(call),
        past,
    )


def _ticket(call: Call | None) -> Ticket | None:
    if call is None or call.ticket_id is None:
        return None
    try:
        return ticket_for(current(), call.ticket_id)
    except NotFound:
        return None


@door.post("/presence")
@staff_only(Role.OPERATOR)
def change_presence() -> ResponseReturnValue:
    """Ready, on a break, offline."""
    wanted = request.form.get("state", "")
    if wanted not in PresenceState.__members__.values():
        raise Refused(N_("You can be ready, on a break or offline"), field="state")
    with transaction():
        presence.choose(current().id, PresenceState(wanted), request.form.get("reason", ""))
    return _shown()


@door.post("/heartbeat")
@staff_only(Role.OPERATOR)
def heartbeat() -> ResponseReturnValue:
    """My browser is there."""
    with transaction():
        presence.heartbeat(current().id)
    return "", 204


@door.post("/decline")
@staff_only(Role.OPERATOR)
def decline() -> ResponseReturnValue:
    """Not me: the caller is offered on."""
    with transaction():
        offer = queries.open_offer(current().id)
        if offer is not None:
            offers.decline(offer)
    return _shown()


@door.post("/hangup")
@staff_only(Role.OPERATOR)
def hang_up() -> ResponseReturnValue:
    """End my conversation: the caller is hung up after this."""
    with transaction():
        mine = roster.presence_of(current().id)
        if mine is not None and mine.state is PresenceState.TALKING and mine.call_id is not None:
            actions.close(queries.locked(mine.call_id), current().id)
    return _shown()


@door.post("/<int:call_id>/wrapup")
@staff_only(Role.OPERATOR)
def wrap_up(call_id: int) -> ResponseReturnValue:
    """I have written everything down."""
    with transaction():
        presence.wrapped_up(current().id, call_id)
    return _shown()


@door.get("/softphone-token")
@staff_only(Role.OPERATOR)
def softphone_token() -> ResponseReturnValue:
    """Which telephone the browser is to use, and the pass to it."""
    known, me = settings.current(), current().id
    if known.simulator_url:
        return jsonify(driver="simulator", url=known.simulator_url, identity=identity(me))
    if known.twilio_api_key_sid and known.twilio_application_sid:
        return jsonify(driver="twilio", token=carrier().softphone_token(me), identity=identity(me))
    return jsonify(driver="none", identity=identity(me))


def _shown() -> ResponseReturnValue:
    """The new bar for our script, the page again for a plain form."""
    if wants_json():
        return card()
    return redirect(url_for("board.board"), 303)
