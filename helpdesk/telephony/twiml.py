"""Documents for the carrier: functions from values to the text of a `<Response>`. All that is said is recorded."""

from collections.abc import Callable, Iterable
from functools import cache

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from helpdesk.kernel import settings
from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.telephony import speech, voices
from helpdesk.telephony.carrier_errors import RETRIES
from helpdesk.telephony.prompts.manifest import file_name
from helpdesk.telephony.speech import Clips

VOICE = "/twilio/voice"
PROMPTS = "/prompts"
KEY_SECONDS = 5
NUMBER_SECONDS = 10
WAIT_KEY_SECONDS = 1
VOICEMAIL_SECONDS = 120
# So much silence ends a voice message.
SILENCE_SECONDS = 10
# An emergency service is given this long to pick up.
OUTSIDE_SECONDS = 45
CONFERENCE_EVENTS = "start end join leave"
Voices = tuple[str, ...]


def each(voices: Voices, say: Callable[[str], Clips]) -> Clips:
    """The same in every language of the caller, one after the other."""
    return tuple(clip for language in voices for clip in say(language))


def prompt(voices: Voices, prompt_id: str) -> Clips:
    """A prompt without slots in every language of the caller."""
    return each(voices, lambda language: speech.prompt(language, prompt_id))


def path(step: str, **values: int | str) -> str:
    """The address of a step; ids and counters only, never anything about a person."""
    query = "&".join(f"{name}={value}" for name, value in values.items())
    return f"{VOICE}/{step}" + (f"?{query}" if query else "")


def ask(action: str, clips: Clips, digits: int | None = 1) -> str:
    """Say something and wait for keys: one, or (`digits` None) as many as come before the hash.

    Keys may come while it is still being said; silence is an answer too.
    """
    response = VoiceResponse()
    kind = {"num_digits": digits} if digits else {"finish_on_key": "#"}
    seconds = KEY_SECONDS if digits else NUMBER_SECONDS
    _play(response.gather(action=action, input="dtmf", timeout=seconds, action_on_empty_result=True, **kind), clips)
    return str(response)


def enqueue(name: str, clips: Clips = ()) -> str:
    """Join the carrier's waiting room. Who is next is decided here, not there: the name only keeps rooms apart."""
    response = VoiceResponse()
    _play(response, clips)
    response.enqueue(name, wait_url=path("wait"), action=path("queue-left"), max_queue_size=1000)
    return str(response)


def wait(turn: int, clips: Clips) -> str:
    """One turn of waiting: something is said, music plays, a key may be pressed; then the next turn."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, input="dtmf", timeout=WAIT_KEY_SECONDS, action=path("wait-key", n=turn))
    _play(gather, clips)
    response.append(gather)
    response.redirect(path("wait", n=turn + 1))
    return str(response)


def go_on_waiting(turn: int) -> str:
    """From a key pressed in the waiting room back to waiting."""
    response = VoiceResponse()
    response.redirect(path("wait", n=turn))
    return str(response)


def leave() -> str:
    """Out of the waiting room: the carrier asks what to do next at the room's action."""
    response = VoiceResponse()
    response.leave()
    return str(response)


def say_and_go(clips: Clips, action: str) -> str:
    """Say something, then execute another document."""
    response = VoiceResponse()
    _play(response, clips)
    response.redirect(action)
    return str(response)


def hang_up(clips: Clips = ()) -> str:
    """Say goodbye, if anything, and end."""
    response = VoiceResponse()
    _play(response, clips)
    response.hangup()
    return str(response)


def caller_into(conference: str, call_id: int) -> str:
    """The caller joins the operator; when the caller leaves, the conference ends."""
    return _conference(conference, call_id, "caller", ends=True, action=path("caller-left"))


def operator_into(conference: str, call_id: int) -> str:
    """The operator opens the conference and waits for the caller; the caller stays when the operator is lost."""
    return _conference(conference, call_id, "operator", ends=False, action=path("operator-left"))


def supervisor_into(conference: str, call_id: int, muted: bool, coached: str | None) -> str:
    """A supervisor beside those who talk: heard by nobody, by the leg `coached` only, or by all."""
    heard_by = {"coach": coached} if coached else {}
    return _conference(
        conference,
        call_id,
        "supervisor",
        ends=False,
        action=path("supervisor-left"),
        starts=False,
        muted=muted,
        **heard_by,
    )


def _conference(
    name: str, call_id: int, label: str, ends: bool, action: str, starts: bool = True, **more: bool | str
) -> str:
    response = VoiceResponse()
    dial = Dial(action=action)
    dial.conference(
        name,
        beep="false",
        wait_url="",
        start_conference_on_enter=starts,
        end_conference_on_exit=ends,
        participant_label=label,
        status_callback=_report(path("conference", call=call_id)),
        status_callback_event=CONFERENCE_EVENTS,
        **more,
    )
    response.append(dial)
    return str(response)


def reject() -> str:
    """Turn the call away with the busy tone before it is answered: it costs nobody anything."""
    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)


def record(clips: Clips, recording_id: int) -> str:
    """A voice message after a tone, up to two minutes or the hash. Silence falls through to the same next step."""
    response = VoiceResponse()
    _play(response, clips)
    response.record(
        action=path("voicemail-left"),
        max_length=VOICEMAIL_SECONDS,
        timeout=SILENCE_SECONDS,
        play_beep=True,
        finish_on_key="#",
        trim="do-not-trim",
        recording_status_callback=_report(path("recording", id=recording_id)),
        recording_status_callback_event="completed absent",
    )
    response.redirect(path("voicemail-left"))
    return str(response)


def connect(number: str, clips: Clips, action: str) -> str:
    """Say something and connect the caller with a number outside; `action` hears what became of it."""
    response = VoiceResponse()
    _play(response, clips)
    dial = Dial(action=action, timeout=OUTSIDE_SECONDS)
    dial.number(number)
    response.append(dial)
    return str(response)


@cache
def apology() -> str:
    """For a house that cannot look anything up: sorry, in all languages, please call again."""
    response = VoiceResponse()
    _play(response, prompt(LANGUAGES, "P26"), _synthetic)
    response.hangup()
    return str(response)


@cache
def music() -> str:
    """For a waiting caller while nothing can be looked up: music, and the same question again."""
    response = VoiceResponse()
    _play(response, speech.music("kk"), _synthetic)
    return str(response)


def _report(to: str) -> str:
    """A status callback's address: absolute, and repeated when it fails."""
    return settings.current().public_base_url + to + RETRIES


def _synthetic(clip: speech.Clip) -> str:
    return file_name(*clip)


def _play(
    into: VoiceResponse | Gather, clips: Iterable[speech.Clip], file: Callable[[speech.Clip], str] = voices.file_of
) -> None:
    for clip in clips:
        into.play(f"{PROMPTS}/{file(clip)}")
