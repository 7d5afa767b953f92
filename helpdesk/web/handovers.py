"""A ticket goes up a level, down a level, or to the body whose matter it is; and what became of what we sent."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Conflict, NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext, language, spoken
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import desks
from helpdesk.organizations.search import words
from helpdesk.tickets import actions, handover_queries, handovers
from helpdesk.tickets.handover_rules import Way, level_of
from helpdesk.tickets.handovers import Errand
from helpdesk.tickets.labels import STATES
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import public_messages, ticket_by_number
from helpdesk.tickets.rules import UNFINISHED
from helpdesk.web.access import current, staff_only
from helpdesk.web.looks import note_look
from helpdesk.web.pages import form_values

door = Blueprint("handovers", __name__)

WAYS = {
    Way.UP: N_("A level up"),
    Way.DOWN: N_("A level down"),
    Way.REDIRECT: N_("To another body"),
}
CHANGED = N_("Somebody changed this ticket meanwhile: look at it again.")
SUGGESTED = 12
PAGE = 50


@door.get("/tickets/<number>/hand-on")
@staff_only()
def choose(number: str) -> ResponseReturnValue:
    """Where it is to go, why, and until when."""
    try:
        ticket = ticket_by_number(current(), number)
    except NotFound:
        return to_what_we_sent(number)
    return _form(ticket, _way(request.args.get("way", "")), {}, {})


@door.post("/tickets/<number>/hand-on")
@staff_only()
def hand_on(number: str) -> ResponseReturnValue:
    """Hand it on; what was typed survives a refusal. Sent twice it is handed on once."""
    given = form_values(request.form)
    way = _way(given.get("way", ""))
    try:
        with transaction():
            ticket = ticket_by_number(current(), number, lock=True)
            version = given.get("version", "")
            actions.check_version(ticket, int(version) if version.isdigit() else None)
            sent = handovers.hand_on(ticket, _errand(ticket, way, given), staff(current().id))
            sent_id = sent.id
    except NotFound:
        return to_what_we_sent(number)
    except Conflict:
        return _form(ticket_by_number(current(), number), way, given, {"": gettext(CHANGED)}), 409
    except Refused as refused:
        errors = {refused.field or "": gettext(refused.message, **refused.values)}
        return _form(ticket_by_number(current(), number), way, given, errors), 422
    flash(gettext("Handed on: %(number)s", number=number), "calm")
    return redirect(url_for("handovers.show", handover_id=sent_id), 303)


@door.post("/tickets/<number>/acknowledge")
@staff_only()
def acknowledge(number: str) -> ResponseReturnValue:
    """We have it."""
    by = staff(current().id)
    with transaction():
        ticket = ticket_by_number(current(), number, lock=True)
        actions.acknowledge(ticket, by)
        unchanged = ticket.acknowledge_by is not None
    if unchanged:
        flash(gettext("The receiving desk acknowledges it, not whoever handed it on"), "amber")
    return redirect(url_for("tickets.ticket", number=number), 303)


@door.post("/tickets/<number>/send-back")
@staff_only()
def send_back(number: str) -> ResponseReturnValue:
    """Back for rework, with a reason that both desks read."""
    given = form_values(request.form)
    try:
        with transaction():
            ticket = ticket_by_number(current(), number, lock=True)
            handovers.send_back(ticket, given.get("return_reason", ""), staff(current().id))
    except Refused as refused:
        errors = {refused.field or "": gettext(refused.message, **refused.values)}
        return _form(ticket_by_number(current(), number), Way.UP, given, errors, tried="send_back"), 422
    flash(gettext("Sent back for rework: %(number)s", number=number), "calm")
    return redirect(url_for("board.board", view="arrived"), 303)


@door.get("/handovers")
@staff_only()
def sent() -> str:
    """What our desks handed on, the newest first."""
    before = request.args.get("before", type=int)
    found = handover_queries.sent(current(), before, PAGE)
    rows, more = found[:PAGE], len(found) > PAGE
    return render_template(
        "handovers/sent.html",
        rows=rows,
        before=before,
        next=url_for("handovers.sent", before=rows[-1].handover.id) if more else "",
        **_words(),
    )


@door.get("/handovers/<int:handover_id>")
@staff_only()
def show(handover_id: int) -> str:
    """What became of one: who has it, until when, and what the requester reads. Without the other desk's notes."""
    one = handover_queries.sent_one(current(), handover_id)
    note_look(one.ticket)
    return render_template(
        "handovers/handover.html",
        one=one,
        messages=public_messages(one.ticket),
        may_take_back=one.ticket.acknowledge_by is not None and handovers.is_here(one.ticket, one.handover),
        whole=_visible(one.ticket.number),
        **_words(),
    )


@door.post("/handovers/<int:handover_id>/take-back")
@staff_only()
def take_back(handover_id: int) -> ResponseReturnValue:
    """It was a mistake: as long as nobody has acknowledged it."""
    one = handover_queries.sent_one(current(), handover_id)
    number = one.ticket.number
    try:
        with transaction():
            ticket = handover_queries.locked(one)
            if ticket.handover_id != handover_id:
                raise Refused(N_("This ticket was handed on further or is back already"))
            handovers.take_back(ticket, staff(current().id))
    except Refused as refused:
        flash(gettext(refused.message, **refused.values), "breach")
        return redirect(url_for("handovers.show", handover_id=handover_id), 303)
    flash(gettext("Taken back: %(number)s", number=number), "calm")
    return redirect(url_for("tickets.ticket", number=number), 303)


@door.get("/tickets/<number>/hand-on/desks")
@staff_only()
def suggest(number: str) -> ResponseReturnValue:
    """Desks on the way by typed words: [{value, text, hint}]."""
    ticket = ticket_by_number(current(), number)
    found = _matching(ticket, _way(request.args.get("way", "")), request.args.get("q", "")[:80])
    return jsonify(
        [
            {
                "value": str(one.id),
                "text": one.organization.short(language()),
                "hint": one.organization.name(language()),
            }
            for one in found[:SUGGESTED]
        ]
    )


def _visible(number: str) -> bool:
    try:
        ticket_by_number(current(), number)
    except NotFound:
        return False
    return True


def to_what_we_sent(number: str) -> ResponseReturnValue:
    """Whoever handed a ticket on finds there what became of it. Raises NotFound for everybody else."""
    found = handover_queries.last_sent(current(), number)
    if found is None:
        raise NotFound
    return redirect(url_for("handovers.show", handover_id=found), 303)


def _way(given: str) -> Way:
    return Way(given) if given in set(Way) else Way.UP


def _matching(ticket: Ticket, way: Way, typed: str) -> list[Desk]:
    """Desks in whose names every typed word begins a word."""
    wanted = words(typed)
    known = handover_queries.ways_from(ticket.desk_id)[way]
    return [one for one in known if all(f" {word}" in f" {one.organization.search}" for word in wanted)]


def _errand(ticket: Ticket, way: Way, given: Mapping[str, str]) -> Errand:
    typed = given.get("until", "")
    until = None
    if typed:
        zone = ZoneInfo(desks()[ticket.desk_id].organization.zone)
        try:
            until = datetime.fromisoformat(typed).replace(tzinfo=zone)
        except ValueError:
            raise Refused(N_("Say until when: day and time"), field="until") from None
    to = _desk(ticket, way, given)
    return Errand(
        way,
        reason=given.get("reason", "")[:2000],
        to=to,
        addressee=given.get("addressee", "")[:200],
        until=until,
        told=given.get("told", "")[:5000],
    )


def _desk(ticket: Ticket, way: Way, given: Mapping[str, str]) -> Desk | None:
    """The chosen desk, or without JavaScript the one whose name the words are."""
    chosen, typed = given.get("to", ""), given.get("to_text", "").strip()
    known = {str(one.id): one for one in handover_queries.ways_from(ticket.desk_id)[way]}
    if chosen:
        if chosen not in known:
            raise Refused(N_("This desk is not on that way"), field="to")
        return known[chosen]
    if not typed:
        return None
    found = _matching(ticket, way, typed)
    exact = [one for one in found if one.organization.short(language()).casefold() == typed.casefold()]
    if len(exact or found) != 1:
        raise Refused(N_("Choose one desk from the list"), field="to_text")
    return (exact or found)[0]


def _form(ticket: Ticket, way: Way, typed: Mapping[str, str], errors: Mapping[str, str], tried: str = "hand_on") -> str:
    ways = handover_queries.ways_from(ticket.desk_id)
    zone = ZoneInfo(desks()[ticket.desk_id].organization.zone)
    # first the desk of the requester's own school: a level down mostly goes there
    own = [one for one in ways[Way.DOWN] if one.id == ticket.organization_id]
    default = (own or ways[way])[0] if way is Way.DOWN and own else None
    first = ways[way][0] if ways[way] else None
    usual = handovers.usual_term(ticket, way, first)
    return render_template(
        "handovers/form.html",
        ticket=ticket,
        way=way,
        ways=[(one.value, gettext(told), bool(ways[one])) for one, told in WAYS.items()],
        possible=bool(ways[way]) or way is Way.REDIRECT,
        above=[
            (str(one.id), f"{level_of(one.organization.kind)} · {one.organization.short(language())}")
            for one in ways[Way.UP]
        ],
        to=default,
        until=usual.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        notice=_notice(ticket),
        redirect_due=handovers.redirect_due(ticket),
        late=clock.now() > handovers.redirect_due(ticket),
        held=handovers.is_here(ticket, ticket.handover),
        unfinished=ticket.state in UNFINISHED,
        typed=typed,
        errors=errors,
        tried=tried,
        **_words(),
    )


def _notice(ticket: Ticket) -> str:
    """What the requester is told of a redirect, in their language: to be finished by who redirects."""
    with spoken(ticket.language):
        return gettext(
            "Your request concerns a matter that another organization decides. By law we have passed it on. "
            "Organization: "
        )


def _words() -> dict[str, object]:
    return {"way_words": WAYS, "state_words": STATES, "desks": desks(), "spoken": language(), "now": clock.now()}
