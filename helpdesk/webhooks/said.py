"""The documents of each situation: the same call in the same state always hears the same."""

from datetime import datetime
from zoneinfo import ZoneInfo

from helpdesk.intake.phone import TicketStatus
from helpdesk.kernel import clock, phones
from helpdesk.organizations.queries import desk
from helpdesk.sla.queries import calendar_of
from helpdesk.telephony import speech, twiml
from helpdesk.telephony.actions import voices
from helpdesk.telephony.menu import NUMBER_ATTEMPTS
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState, Outcome
from helpdesk.telephony.speech import Clips
from helpdesk.telephony.twiml import each, path


def settled(call: Call) -> str | None:
    """The document of a call that is beyond the menu; None while it is still being asked.

    Late and doubled webhooks end here, and so does whichever of two documents the carrier executes after a redirect.
    """
    match call.state:
        case CallState.QUEUED | CallState.OFFERED:
            return queue(call)
        case CallState.CONNECTED:
            return twiml.caller_into(call.conference or f"c-{call.id}", call.id)
        case CallState.VOICEMAIL:
            return voicemail(call)
        case CallState.ENDED if call.outcome is Outcome.CALLBACK_REQUESTED:
            return promise(call)
        case CallState.ENDED if call.outcome is Outcome.VOICEMAIL:
            return voicemail_kept(call)
        case CallState.ENDED:
            return twiml.hang_up()
        case _:
            return None


def greeting(call: Call, attempt: int, before: str | None = None) -> str:
    """Hello in three languages, the remembered one first."""
    order = sorted(("kk", "ru", "en"), key=lambda language: language != call.keys.get("remembered"))
    clips = tuple(clip for language in order for clip in speech.prompt(language, "P00"))
    if before is not None:
        clips = twiml.prompt(voices(call), before) + clips
    return twiml.ask(path("language", n=attempt), clips)


def notice(call: Call) -> str:
    """Which notice of processing belongs to the call's desk."""
    return "P01" if desk(call.desk_id or 0).records_calls else "P01N"


def main_menu(call: Call, attempt: int, *before: str) -> str:
    """The topics; `before` are prompts that are said first (the notice, or what went wrong)."""
    return _menu(call, path("menu", n=attempt), *before, "P02")


def technical_menu(call: Call, attempt: int, *before: str) -> str:
    """What the technical trouble is about."""
    return _menu(call, path("technical", n=attempt), *before, "P03")


def _menu(call: Call, action: str, *prompts: str) -> str:
    clips = each(voices(call), lambda language: tuple(c for p in prompts for c in speech.prompt(language, p)))
    return twiml.ask(action, clips)


def queue(call: Call, before: str | None = None) -> str:
    """Into the carrier's waiting room."""
    return _enqueue(call, twiml.prompt(voices(call), before) if before else ())


def queue_above(call: Call, kind: str) -> str:
    """Into the waiting room, and an organization of this kind answers: the own desk takes no calls now."""
    said = each(
        voices(call), lambda language: speech.prompt(language, "P19", org=speech.organization_kind(language, kind))
    )
    return _enqueue(call, said)


def _enqueue(call: Call, clips: Clips) -> str:
    kind = call.queue.value if call.queue else "technical"
    return twiml.enqueue(f"desk-{call.desk_id}-{kind}", clips)


def callback_offer(call: Call, attempt: int, before: str | None = None) -> str:
    """P07 outside the waiting room; a message can be left too."""
    return _menu(call, path("callback", n=attempt), *((before,) if before else ()), "P07", "P47")


def voicemail(call: Call) -> str:
    """A voice message after the tone: its row was written before."""
    return twiml.record(twiml.prompt(voices(call), "P15"), int(call.keys["voicemail"]))


def voicemail_kept(call: Call) -> str:
    """The ticket's number, and goodbye; a message without a word is called that."""
    prompt = "P40" if call.keys.get("spoke") else "P40N"
    number = call.keys.get("ticket", "")
    return twiml.hang_up(each(voices(call), lambda language: speech.prompt(language, prompt, ticket=number)))


def number(call: Call, attempt: int, before: str | None = None) -> str:
    """Which number shall we call?"""
    spoken = voices(call)
    clips = twiml.prompt(spoken, before) if before else ()
    return twiml.ask(path("number", n=attempt), clips + twiml.prompt(spoken, "P08"), digits=None)


def confirm(call: Call, attempt: int) -> str:
    """The typed number, read back."""
    digits = str(call.keys.get("number", "")).removeprefix("+7")
    said = each(voices(call), lambda language: speech.prompt(language, "P09", digits=digits))
    return twiml.ask(path("number-right", n=attempt), said)


def asked_enough(call: Call) -> bool:
    """Whether this call has guessed at ticket numbers and secrets often enough."""
    return int(call.keys.get("misses", 0)) >= NUMBER_ATTEMPTS


def status_number(call: Call, before: str | None = None) -> str:
    """Which ticket?"""
    spoken = voices(call)
    clips = twiml.prompt(spoken, before) if before else ()
    return twiml.ask(path("status-number"), clips + twiml.prompt(spoken, "P16"), digits=None)


def secret(call: Call) -> str:
    """And the secret that came with it."""
    return twiml.ask(path("status-secret"), twiml.prompt(voices(call), "P16S"), digits=None)


def ticket_status(call: Call, ticket: TicketStatus) -> str:
    """How the ticket stands and until when it is answered; then the menu again."""
    today = calendar_of(desk(call.desk_id or 0)).local_day(clock.now())

    def say(language: str) -> Clips:
        state = speech.ticket_state(language, ticket.state)
        if ticket.due_on is None:
            status = speech.prompt(language, "P17N", ticket=ticket.number, status=state)
        else:
            due = speech.day(language, ticket.due_on, today)
            status = speech.prompt(language, "P17", ticket=ticket.number, status=state, date=due)
        return status + speech.prompt(language, "P02")

    return twiml.ask(path("menu", n=1), each(voices(call), say))


def promise(call: Call) -> str:
    """What was promised, and goodbye."""
    kept = call.keys.get("promised")
    if not kept:
        return twiml.hang_up(twiml.prompt(voices(call), "P23"))
    zone = calendar_of(desk(call.desk_id or 0)).zone
    prompt = "P32" if kept["known"] else "P10"
    at = datetime.fromisoformat(kept["at"])

    def say(language: str) -> Clips:
        before = speech.prompt(language, kept["before"]) if kept.get("before") else ()
        when = moment(language, at, zone)
        return before + speech.prompt(language, prompt, ticket=kept["ticket"], time=when)

    return twiml.hang_up(each(voices(call), say))


def moment(language: str, at: datetime, zone: ZoneInfo) -> Clips:
    """A moment as it is said at a place."""
    return speech.moment(language, at.astimezone(zone), clock.now().astimezone(zone).date())


def own_number(call: Call) -> str | None:
    """The number that this caller can be called back on, None when it is hidden or not ours to dial."""
    known = call.from_number
    return known if known and phones.is_in_kazakhstan(known) else None
