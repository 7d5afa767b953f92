"""Promises to call back: what my desks owe whom and until when, and a promise made from a ticket."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.callbacks import actions, dialling, queries, settle
from helpdesk.callbacks.labels import STATES
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import TRIES, UNDIALLED, WAITING, CallbackState
from helpdesk.identity.rules import Role
from helpdesk.kernel import phones
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_, gettext, moment_text
from helpdesk.organizations.queries import desk
from helpdesk.telephony import roster
from helpdesk.telephony.queries import call_of_operator, locked
from helpdesk.telephony.rules import PresenceState
from helpdesk.tickets.labels import QUEUES
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_by_number, ticket_for
from helpdesk.web.access import current, staff_only
from helpdesk.web.callbar import shown

door = Blueprint("callbacks", __name__)

_WITH_A_CALL = (PresenceState.TALKING, PresenceState.WRAPUP)


@door.get("/callbacks")
@staff_only()
def board() -> ResponseReturnValue:
    """The open promises of my desks, the first one to keep on top; or those that have ended."""
    ended = request.args.get("view") == "ended"
    page = queries.board(current(), ended, request.args.get("after"))
    return render_template(
        "callbacks/board.html",
        rows=page.rows,
        next=url_for("callbacks.board", view="ended" if ended else None, after=page.next) if page.next else "",
        first=url_for("callbacks.board", view="ended" if ended else None) if request.args.get("after") else "",
        ended=ended,
        state_words=STATES,
        queue_words=QUEUES,
        tries=TRIES,
        waiting=WAITING,
        stoppable=UNDIALLED | {CallbackState.DIALING},
    )


@door.post("/callbacks/<int:callback_id>/cancel")
@staff_only()
def cancel(callback_id: int) -> ResponseReturnValue:
    """Nobody is called back; a telephone that rings at this moment falls silent."""
    with transaction():
        actions.cancel(queries.callback_for(current(), callback_id, lock=True), staff(current().id))
    sid = queries.live_sid(callback_id)
    if sid is not None:
        dialling.hang_up(sid)
    flash(gettext("The callback is cancelled."), "calm")
    return redirect(url_for("callbacks.board"), 303)


@door.post("/callbacks/<int:callback_id>/call-now")
@staff_only()
def call_now(callback_id: int) -> ResponseReturnValue:
    """Before its time."""
    with transaction():
        actions.call_now(queries.callback_for(current(), callback_id, lock=True), staff(current().id))
    flash(gettext("The number is dialled as soon as possible."), "calm")
    return redirect(url_for("callbacks.board"), 303)


@door.post("/callbacks/machine")
@staff_only(Role.OPERATOR)
def machine() -> ResponseReturnValue:
    """The callback that I am making has reached an answering machine: hung up, and tried again later."""
    with transaction():
        mine = roster.presence_of(current().id)
        if mine is None or mine.state is not PresenceState.TALKING or mine.call_id is None:
            raise Refused(N_("You are not making a callback now"))
        settle.heard_a_machine(locked(mine.call_id), current().id)
    return shown()


@door.get("/tickets/<number>/callback")
@staff_only()
def ask(number: str) -> ResponseReturnValue:
    """Whom to call about this ticket, and when."""
    return _form(ticket_by_number(current(), number))


@door.post("/tickets/<number>/callback")
@staff_only()
def promise(number: str) -> ResponseReturnValue:
    """The operator promises a callback: as soon as possible, or at a moment ("tomorrow 10:00")."""
    try:
        with transaction():
            found = ticket_by_number(current(), number, lock=True)
            made = _promised(found)
    except Refused as refused:
        errors = {refused.field or "number": gettext(refused.message, **refused.values)}
        return _form(ticket_by_number(current(), number), errors), 422
    flash(gettext("A callback is promised, at the latest: %(moment)s", moment=moment_text(made.promised_at)), "calm")
    return redirect(url_for("tickets.ticket", number=number), 303)


@door.post("/calls/callback")
@staff_only(Role.OPERATOR)
def promise_to_caller() -> ResponseReturnValue:
    """The same out of the call bar, about the ticket of the call that I am on or write up."""
    with transaction():
        mine = roster.presence_of(current().id)
        call = call_of_operator(current().id, mine.call_id) if mine is not None and mine.call_id is not None else None
        if mine is None or call is None or call.ticket_id is None or mine.state not in _WITH_A_CALL:
            raise Refused(N_("You have no conversation now"))
        _promised(ticket_for(current(), call.ticket_id, lock=True))
    return shown()


def _promised(found: Ticket) -> Callback:
    """What the form asks for: as soon as possible or not before a moment, by the operator who asks or by anybody."""
    at_desk = desk(found.desk_id)
    wish = actions.wish_about(
        found,
        read_number(request.form.get("number", ""), at_desk.area_code),
        "operator",
        not_before=read_moment(request.form.get("at", ""), at_desk.organization.zone),
        staff_id=current().id if request.form.get("to_me") else None,
    )
    return actions.request(wish, by=staff(current().id))


def _form(found: Ticket, errors: dict[str, str] | None = None) -> str:
    known = [phone.number for phone in found.contact.phones] if found.contact else []
    return render_template(
        "callbacks/ask.html",
        ticket=found,
        errors=errors or {},
        number=request.form.get("number", known[0] if known else ""),
        at=request.form.get("at", ""),
        to_me=bool(request.form.get("to_me")),
    )


def read_number(typed: str, area_code: str = "") -> str:
    """The written form of a typed number. Raises Refused."""
    number = phones.written(typed[:60], area_code)
    if number is None:
        raise Refused(N_("This is not a phone number"), field="number")
    return number


def read_moment(typed: str, zone: str) -> datetime | None:
    """A moment on the wall clock of a place; None when none was given. Raises Refused."""
    if not typed.strip():
        return None
    try:
        return datetime.fromisoformat(typed.strip()[:30]).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise Refused(N_("Write day and time like 2026-11-24 10:00"), field="at") from None
