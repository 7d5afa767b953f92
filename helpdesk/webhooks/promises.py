"""A caller who does not want to wait: which number, and the promise."""

from helpdesk.audit.actor import requester
from helpdesk.callbacks import actions as callbacks
from helpdesk.intake import phone
from helpdesk.kernel import phones
from helpdesk.telephony import actions, line, offers, overflow, twiml
from helpdesk.telephony.heard import Heard
from helpdesk.telephony.menu import NUMBER_ATTEMPTS, QUEUES, Do, Step, Topic, next_step
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import Outcome
from helpdesk.webhooks import said, voicemail
from helpdesk.webhooks.access import attempt, carrier_door, document

door = carrier_door("promises", __name__, twiml.VOICE)

# What the house wishes for somebody who has waited as long as anybody may.
TOO_LONG = "too_long"


def promise(call: Call, number: str) -> str:
    """Promise to call back: in the books before the caller hears it. The place in the line goes with the promise."""
    phone.take(call, Topic.OPERATOR)
    offers.withdraw(call)
    entry = line.entry_of(call.id)
    language = actions.voices(call)[0]
    queue = call.queue or QUEUES[Topic.OPERATOR]
    origin = "closed" if call.keys.get("closed") else "queue"
    calls_back, _ = overflow.opens_first(call.desk_id or 0)
    wish = callbacks.Wish(
        number=number,
        language=language,
        queue=queue,
        desk_id=calls_back.id,
        ticket_id=call.ticket_id or 0,
        origin=origin,
        virtual_at=entry.virtual_at if entry else call.started_at,
        call_id=call.id,
        entry_id=entry.id if entry else None,
    )
    made = callbacks.request(wish)
    kept = {
        "callback": made.id,
        "ticket": phone.ticket_number(made.ticket_id),
        "at": made.promised_at.isoformat(),
        "known": made.call_id != call.id,
        "before": "P25" if call.keys.get("wish") == TOO_LONG else None,
    }
    actions.remember(call, promised=kept, number=None, wish=None)
    actions.end(call, Outcome.CALLBACK_REQUESTED, by=requester(call.contact_id))
    return said.promise(call)


@door.post("/callback")
@document
def callback(heard: Heard) -> str:
    """P07 outside the waiting room: 1 this number, 2 another one, 3 or nothing goes back to the line."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    chosen, tries = next_step(Step.CALLBACK, heard.keys, attempt()), attempt()
    if chosen.do in (Do.REPEAT, Do.AGAIN):
        return said.callback_offer(call, tries + (chosen.do is Do.AGAIN), "P18" if heard.keys != "*" else None)
    if chosen.do is Do.STAY:
        return back_to_line(call)
    if chosen.do is Do.VOICEMAIL:
        return voicemail.begin(call)
    return this_or_another(call, chosen.do)


def this_or_another(call: Call, do: Do) -> str:
    """Call the number that the caller has, or ask for one: hidden and foreign ones cannot be called."""
    own = said.own_number(call)
    if do is Do.CALL_ME and own is not None:
        return promise(call, own)
    return said.number(call, 1, "P31" if do is Do.CALL_ME and call.from_number else None)


@door.post("/number")
@document
def number(heard: Heard) -> str:
    """The number to call: ten digits in Kazakhstan; after three vain tries back to where the caller came from."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    typed = phones.written(heard.keys) if heard.keys.strip("*#") else None
    if typed is not None and phones.is_in_kazakhstan(typed):
        actions.remember(call, number=typed)
        return said.confirm(call, 1)
    if attempt() >= NUMBER_ATTEMPTS:
        return back_to_line(call)
    return said.number(call, attempt() + 1, "P31" if heard.keys else "P18")


@door.post("/number-right")
@document
def number_right(heard: Heard) -> str:
    """1 it is right, 2 once more."""
    call = phone.call_of(heard)
    if (elsewhere := said.settled(call)) is not None:
        return elsewhere
    typed = call.keys.get("number")
    chosen, tries = next_step(Step.CONFIRM, heard.keys, attempt()), attempt()
    if typed is None or (not heard.keys and tries >= NUMBER_ATTEMPTS):
        return back_to_line(call)
    if chosen.do is Do.RIGHT:
        return promise(call, typed)
    if chosen.do is Do.WRONG and heard.keys:
        return said.number(call, 2)
    return said.confirm(call, tries + 1)


def back_to_line(call: Call) -> str:
    """No callback after all: back to the kept place; outside the hours there is none, so goodbye."""
    if call.keys.get("closed") and line.entry_of(call.id) is None:
        actions.end(call, Outcome.CLOSED)
        return twiml.hang_up(twiml.prompt(actions.voices(call), "P23"))
    phone.queue_up(call, Topic.OPERATOR)
    actions.remember(call, stays=True, wish=None, number=None)
    return said.queue(call)
