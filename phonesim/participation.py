"""Being in a conference: what a leg hears there while it waits, is held or is spoken to, and how it gets out."""

from __future__ import annotations

from collections.abc import Mapping

from phonesim.calls import Call, ConferenceChanged
from phonesim.conferences import HUNG_UP, KICKED, Announcement, Conference, Participant
from phonesim.interpreter import ApplicationError, execute, load
from phonesim.queues import wait_loop
from phonesim.recordings import CONFERENCE, Wanted, callback_of
from phonesim.script import Interruption, Key, Redirected, Routine, Source, Wait
from phonesim.states import StatusCallback
from phonesim.transport import absolute
from phonesim.twiml import Manner


def in_conference(
    call: Call, member: Participant, time_limit: float | None = None, leaves_on_star: bool = False
) -> Routine[None]:
    """Be in the conference until it ends, somebody takes this leg out, its time is over, or the leg ends or is
    redirected."""
    conference = member.conference
    reason = HUNG_UP
    conference.join(member)
    limit = call.network.clock.after(time_limit, conference.remove, member, HUNG_UP) if time_limit else None
    try:
        while not member.gone:
            try:
                yield from _listening(call, member, leaves_on_star)
            except ConferenceChanged:
                continue
        reason = member.gone
    except Redirected:
        reason = KICKED
        raise
    finally:
        if limit is not None:
            limit.cancel()
        conference.leave(member, reason)
        if call.participant is member:
            call.participant = None


def _listening(call: Call, member: Participant, leaves_on_star: bool) -> Routine[None]:
    """What is heard until the next ConferenceChanged: an announcement first, then music, then the others."""
    if member.announcement is not None:
        yield from _announcement(call, member, member.announcement)
    music = member.music()
    if music is not None:
        try:
            yield from wait_loop(call, *music, dict, Manner.CONFERENCE_WAIT)
        except ApplicationError:
            call.note("conference", {"what": "silence", "conference": member.conference.name})
    while True:
        key: Key = yield Wait(None, (Key,) if leaves_on_star else ())
        if key.digit == "*":
            member.gone = HUNG_UP
            return


def _announcement(call: Call, member: Participant, announcement: Announcement) -> Routine[None]:
    member.announcement = None
    source: Source | None = Source(announcement.url, announcement.method)
    failed = False
    try:
        while source is not None:
            document = yield from load(call, source, Manner.CONFERENCE_WAIT)
            source = yield from execute(call, document, Manner.CONFERENCE_WAIT)
    except ApplicationError:
        failed = True
    except Interruption:
        member.conference.announced(member, announcement, failed)
        raise
    member.conference.announced(member, announcement, failed)


def participant_from(call: Call, conference: Conference, given: Mapping[str, str], base: str) -> Participant:
    """A participant as the attributes of <Conference> (or the same names of the REST interface) describe it."""
    wait = given.get("waitUrl", "")
    return Participant(
        conference,
        call,
        label=given.get("participantLabel", ""),
        muted=given.get("muted") == "true",
        coaching=given.get("coach") or None,
        start_on_enter=given.get("startConferenceOnEnter", "true") == "true",
        end_on_exit=given.get("endConferenceOnExit", "false") == "true",
        wait_url=absolute(base, wait) if wait else None,
        wait_method=given.get("waitMethod", "POST").upper(),
    )


def set_up(conference: Conference, given: Mapping[str, str], base: str) -> None:
    """What the first participant says of the whole conference; later ones are not asked."""
    if conference.participants:
        return
    conference.callback = conference.callback or callback_from(given, base)
    if conference.wanted is None and given.get("record") in ("true", "record-from-start"):
        conference.wanted = Wanted(CONFERENCE, callback=callback_of(given, base))


def callback_from(given: Mapping[str, str], base: str) -> StatusCallback | None:
    url = given.get("statusCallback")
    if not url:
        return None
    events = frozenset(given.get("statusCallbackEvent", "start end").split())
    return StatusCallback(absolute(base, url), given.get("statusCallbackMethod", "POST").upper(), events)
