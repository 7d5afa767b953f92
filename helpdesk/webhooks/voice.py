"""The way of a call from the first ring to the line: language, notice, topic."""

import structlog
from flask import Response, request

from helpdesk.intake import phone
from helpdesk.telephony import actions, overflow, twiml
from helpdesk.telephony.heard import Heard
from helpdesk.telephony.menu import QUEUES, Do, Next, Step, Topic, next_step
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import Outcome
from helpdesk.webhooks import closed, said
from helpdesk.webhooks.access import attempt, carrier_door, document

log = structlog.get_logger()
door = carrier_door("voice", __name__, twiml.VOICE)


@door.post("/incoming")
@document
def incoming(heard: Heard) -> str:
    """Somebody calls. The same call again, or one that is further on, hears what belongs to its state."""
    call = phone.call_of(heard)
    if (why := call.keys.get("reject")) is not None:
        actions.set_values(call, failure=why)
        actions.end(call, Outcome.REJECTED)
        return twiml.reject()
    return said.settled(call) or said.greeting(call, 1)


@door.post("/language")
@document
def language(heard: Heard) -> str:
    """1 Kazakh, 2 Russian, 3 English; who presses nothing hears Kazakh and Russian."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    chosen, tries = next_step(Step.LANGUAGE, heard.keys, attempt()), attempt()
    if chosen.do is Do.REPEAT:
        return said.greeting(call, tries)
    if chosen.do is Do.AGAIN:
        return said.greeting(call, tries + 1, "P18" if heard.keys else None)
    actions.speak(call, chosen.value if chosen.do is Do.SPEAK else None, said.notice(call))
    if not overflow.taking(call.desk_id or 0):
        return closed.turned_away(call, said.notice(call))
    if chosen.do is Do.QUEUE:
        return into_line(call, chosen)
    return said.main_menu(call, 1, said.notice(call))


@door.post("/menu")
@document
def menu(heard: Heard) -> str:
    """The topic: from here on there is a ticket and a place in the line."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    chosen, tries = next_step(Step.MENU, heard.keys, attempt()), attempt()
    match chosen.do:
        case Do.REPEAT:
            return said.main_menu(call, tries)
        case Do.AGAIN:
            return said.main_menu(call, tries + 1, "P18")
        case Do.UNRECORDED:
            actions.set_values(call, recording_refused=True)
            return said.main_menu(call, tries, "P35")
        case Do.TECHNICAL:
            return said.technical_menu(call, 1)
        case Do.STATUS if not said.asked_enough(call):
            return said.status_number(call)
    return into_line(call, chosen)


@door.post("/technical")
@document
def technical(heard: Heard) -> str:
    """What the technical trouble is about; star goes back, anything else twice leads to an operator."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    chosen, tries = next_step(Step.TECHNICAL, heard.keys, attempt()), attempt()
    match chosen.do:
        case Do.BACK:
            return said.main_menu(call, 1)
        case Do.AGAIN:
            return said.technical_menu(call, tries + 1, "P18")
        case Do.UNRECORDED:
            actions.set_values(call, recording_refused=True)
            return said.technical_menu(call, tries, "P35")
    return into_line(call, chosen)


def into_line(call: Call, chosen: Next) -> str:
    """To the operators, about a topic or about anything: of the own desk, or of the next one that takes calls."""
    topic = Topic(chosen.value) if chosen.do is Do.QUEUE else Topic.OPERATOR
    levels = overflow.taking(call.desk_id or 0, QUEUES[topic])
    if not levels:
        phone.take(call, topic)
        return closed.turned_away(call)
    phone.queue_up(call, topic)
    if 0 in levels:
        return said.queue(call)
    return said.queue_above(call, overflow.levels(call.desk_id or 0).desks[levels[0]].organization.kind.value)


@door.post("/status-number")
@document
def status_number(heard: Heard) -> str:
    """The number of a ticket: its state is told to a telephone of its requester, to others after the secret."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    known = phone.ticket_of_caller(call, heard.keys)
    if known is not None:
        actions.remember(call, served=True)
        return said.ticket_status(call, known)
    if phone.is_ticket_number(heard.keys):
        actions.remember(call, asks=heard.keys)
        return said.secret(call)
    return _not_found(call)


@door.post("/status-secret")
@document
def status_secret(heard: Heard) -> str:
    """The secret that opens a ticket to somebody who calls from another telephone."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    known = phone.ticket_with_secret(call.keys.get("asks", ""), heard.keys)
    if known is None:
        return _not_found(call)
    actions.remember(call, served=True, asks=None)
    return said.ticket_status(call, known)


def _not_found(call: Call) -> str:
    """A wrong number and a wrong secret sound the same; after three of them this call learns nothing more."""
    actions.remember(call, misses=call.keys.get("misses", 0) + 1, asks=None)
    if said.asked_enough(call):
        return said.main_menu(call, 1, "P16N")
    return said.status_number(call, "P16N")


@door.post("/fallback")
def fallback() -> Response:
    """The carrier could not get a document from us: no database here, only words."""
    log.error(
        "carrier fell back", code=request.form.get("ErrorCode", "")[:10], url=request.form.get("ErrorUrl", "")[:200]
    )
    return Response(twiml.apology(), mimetype="text/xml")
