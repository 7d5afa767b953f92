"""Nobody takes calls: the hours, a voice message, a callback at the next opening, and help for a child in danger."""

from helpdesk.audit.actor import requester
from helpdesk.intake import phone
from helpdesk.kernel import clock
from helpdesk.organizations.queries import desk
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.queries import calendar_of
from helpdesk.telephony import actions, danger, overflow, speech, twiml
from helpdesk.telephony.actions import voices
from helpdesk.telephony.heard import Heard
from helpdesk.telephony.menu import Do, Step, next_step
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import LegState, Outcome
from helpdesk.telephony.speech import Clips
from helpdesk.telephony.twiml import each, path
from helpdesk.webhooks import said, voicemail
from helpdesk.webhooks.access import attempt, carrier_door, document
from helpdesk.webhooks.promises import this_or_another

door = carrier_door("closed", __name__, twiml.VOICE)

EMERGENCY = "112"
# Why nobody takes calls, as it is kept with the call.
HOURS, SUPERVISOR = "hours", "supervisor"


def turned_away(call: Call, *before: str) -> str:
    """No level of the call's desk takes new calls: because of the hours, or because a supervisor closed the queue."""
    within_hours = overflow.taking(call.desk_id or 0)
    actions.remember(call, closed=SUPERVISOR if within_hours else HOURS)
    return prompt(call, 1, *before)


def prompt(call: Call, attempt: int, *before: str) -> str:
    """Why nobody answers, and what can be done: P46K."""

    def say(language: str) -> Clips:
        told = tuple(clip for one in before for clip in speech.prompt(language, one))
        return told + _reason(call, language) + speech.prompt(language, "P46K")

    return twiml.ask(path("closed", n=attempt), each(voices(call), say))


def _reason(call: Call, language: str) -> Clips:
    if call.keys.get("closed") == SUPERVISOR:
        return speech.prompt(language, "P43")
    own = desk(call.desk_id or 0)
    calendar = calendar_of(own)
    first, opening = overflow.opens_first(own.id)
    today = calendar.local_day(clock.now())
    if first.id != own.id:
        return speech.prompt(language, "P36", time=said.moment(language, opening, calendar.zone))
    if today in calendar.days_off:
        day = opening.astimezone(calendar.zone).date()
        return speech.prompt(language, "P46H", date=speech.day(language, day, today))
    return speech.prompt(language, "P46", hours=speech.opening_hours(language, week(calendar)))


def week(calendar: Calendar) -> list[speech.Opening]:
    """The usual week of a desk as it is said."""
    return [(day, hours.opens, hours.closes) for day, all_hours in enumerate(calendar.week) for hours in all_hours]


@door.post("/closed")
@document
def closed(heard: Heard) -> str:
    """1 a message, 2 call this number, 3 another one, 0 a child is in danger. Who presses nothing is called back."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    chosen, tries = next_step(Step.CLOSED, heard.keys, attempt()), attempt()
    match chosen.do:
        case Do.REPEAT:
            return prompt(call, tries)
        case Do.AGAIN:
            return prompt(call, tries + 1, *(("P18",) if heard.keys else ()))
        case Do.VOICEMAIL:
            return voicemail.begin(call)
        case Do.DANGER:
            return _danger(call)
    if not heard.keys and said.own_number(call) is None:
        actions.end(call, Outcome.CLOSED)
        return twiml.hang_up(twiml.prompt(voices(call), "P23"))
    return this_or_another(call, chosen.do)


def _danger(call: Call) -> str:
    """The supervisors know at once, whatever the caller presses next."""
    danger.raise_alarm(call, requester(call.contact_id))
    if desk(call.desk_id or 0).dials_service_numbers:
        return _offer_connection(call, 1)
    return _number_spoken(call)


def _offer_connection(call: Call, attempt: int) -> str:
    return twiml.ask(path("danger", n=attempt), twiml.prompt(voices(call), "P20"))


def _number_spoken(call: Call) -> str:
    """The number to dial, twice; whoever stays may still leave a message."""

    def say(language: str) -> Clips:
        once = speech.prompt(language, "P42", digits=speech.service_number(language, EMERGENCY))
        return once + once + speech.prompt(language, "P46K")

    return twiml.ask(path("closed", n=1), each(voices(call), say))


@door.post("/danger")
@document
def in_danger(heard: Heard) -> str:
    """1: to the emergency service; nothing: the number once more, and what else can be done."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    chosen, tries = next_step(Step.DANGER, heard.keys, attempt()), attempt()
    if chosen.do is Do.CONNECT:
        actions.remember(call, served=EMERGENCY)
        return twiml.connect(EMERGENCY, twiml.prompt(voices(call), "P41"), path("danger-left"))
    if chosen.do is Do.BACK:
        return _number_spoken(call)
    return _offer_connection(call, tries + (chosen.do is Do.AGAIN))


@door.post("/danger-left")
@document
def danger_left(heard: Heard) -> str:
    """After the emergency service: goodbye; when it did not answer, its number."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    if heard.dialled == LegState.COMPLETED:
        actions.end(call, Outcome.SELF_SERVED)
        return twiml.hang_up()
    actions.remember(call, served=None)
    return _number_spoken(call)
