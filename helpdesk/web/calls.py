"""The call bar of operators: where I am, what is held out to me, the call that I have."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from helpdesk.identity.rules import Role
from helpdesk.kernel import settings
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.telephony import actions, offers, operator_phones, presence, queries, roster
from helpdesk.telephony.gateway import carrier, identity
from helpdesk.telephony.rules import Device, PresenceState
from helpdesk.web.access import current, staff_only
from helpdesk.web.callbar import drawn, shown

door = Blueprint("calls", __name__, url_prefix="/calls")


@door.get("/card")
@staff_only(Role.OPERATOR)
def card() -> ResponseReturnValue:
    """The bar with my open offer or my call, as a piece of a page."""
    return drawn()


@door.post("/presence")
@staff_only(Role.OPERATOR)
def change_presence() -> ResponseReturnValue:
    """Ready, on a break, offline."""
    wanted = request.form.get("state", "")
    if wanted not in PresenceState.__members__.values():
        raise Refused(N_("You can be ready, on a break or offline"), field="state")
    with transaction():
        presence.choose(current().id, PresenceState(wanted), request.form.get("reason", ""))
    return shown()


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
    return shown()


@door.post("/hangup")
@staff_only(Role.OPERATOR)
def hang_up() -> ResponseReturnValue:
    """End my conversation: the caller is hung up after this."""
    with transaction():
        mine = roster.presence_of(current().id)
        if mine is not None and mine.state is PresenceState.TALKING and mine.call_id is not None:
            actions.close(queries.locked(mine.call_id), current().id)
    return shown()


@door.post("/device")
@staff_only(Role.OPERATOR)
def change_device() -> ResponseReturnValue:
    """Answer in the browser or on my mobile telephone."""
    wanted = request.form.get("device", "")
    if wanted not in Device.__members__.values():
        raise Refused(N_("You can answer in the browser or on your telephone"), field="device")
    with transaction():
        operator_phones.choose(current().id, Device(wanted))
    return shown()


@door.get("/softphone-token")
@staff_only(Role.OPERATOR, Role.SUPERVISOR)
def softphone_token() -> ResponseReturnValue:
    """Which telephone the browser is to use, and the pass to it."""
    known, me = settings.current(), current().id
    if known.simulator_url:
        return jsonify(driver="simulator", url=known.simulator_url, identity=identity(me))
    if known.twilio_api_key_sid and known.twilio_application_sid:
        return jsonify(driver="twilio", token=carrier().softphone_token(me), identity=identity(me))
    return jsonify(driver="none", identity=identity(me))
