"""Conferences: who is in, when the talk begins and ends, and the events that the application hears about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phonesim.calls import Call, ConferenceChanged
from phonesim.interpreter import ApplicationError
from phonesim.queues import wait_loop
from phonesim.script import HungUp, Redirected, Routine, Wait
from phonesim.sids import rfc2822
from phonesim.states import StatusCallback
from phonesim.transport import absolute
from phonesim.twiml import Manner

if TYPE_CHECKING:
    from phonesim.network import Network

INIT, IN_PROGRESS, COMPLETED = "init", "in-progress", "completed"
EVENT_OF = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
}


@dataclass(eq=False)
class Participant:
    """One leg in a conference. `talks` becomes true when others can hear it, and stays so until it leaves."""

    conference: Conference
    call: Call
    label: str = ""
    muted: bool = False
    hold: bool = False
    coaching: str | None = None
    start_on_enter: bool = True
    end_on_exit: bool = False
    wait_url: str | None = None
    wait_method: str = "POST"
    hold_url: str | None = None
    hold_method: str = "POST"
    gone: str = ""

    def __post_init__(self) -> None:
        self.joined_at = self.updated_at = self.call.network.clock.now()
        self.talks = False

    def music(self) -> tuple[str, str] | None:
        """(url, method) of the documents this participant hears instead of the others."""
        if self.hold:
            return (self.hold_url, self.hold_method) if self.hold_url else None
        if self.conference.status == INIT and self.wait_url:
            return (self.wait_url, self.wait_method)
        return None


@dataclass(eq=False)
class Conference:
    network: Network
    sid: str
    name: str
    callback: StatusCallback | None = None
    participants: dict[str, Participant] = field(default_factory=dict)
    status: str = INIT
    ended_because: str = ""
    ended_by_call: str = ""

    def __post_init__(self) -> None:
        self.created_at = self.updated_at = self.network.clock.now()
        self._sequence = 0

    def join(self, member: Participant) -> None:
        self.participants[member.call.sid] = member
        member.call.participant = member
        self._tell("participant-join", member)
        if self.status == INIT and len(self.participants) > 1 and any(p.start_on_enter for p in self._all()):
            self.status = IN_PROGRESS
            self._tell("conference-start", member)
            for other in self._all():
                other.call.signal(ConferenceChanged(other))
        self._mix()

    def leave(self, member: Participant, reason: str) -> None:
        if self.participants.pop(member.call.sid, None) is None:
            return
        member.call.participant = None
        self.network.parted(member.call, self.sid)
        self._tell("participant-leave", member, {"ReasonParticipantLeft": reason})
        if self.status == COMPLETED:
            return
        if member.end_on_exit:
            self._end("participant-with-end-conference-on-exit-left", member)
        elif not self.participants:
            self._end("last-participant-left", member)

    def remove(self, member: Participant, reason: str = "participant_updated_via_api") -> None:
        """Take a participant out; its leg goes on behind <Dial>."""
        member.gone = reason
        member.call.signal(ConferenceChanged(member))

    def finish(self) -> None:
        """End it by the REST interface."""
        if self.status != COMPLETED:
            self._end("conference-ended-via-api", None)

    def update(self, member: Participant, changes: Mapping[str, object]) -> None:
        """Hold, mute, coach: apply what changed and tell about it."""
        for name, value in changes.items():
            if getattr(member, name) == value:
                continue
            setattr(member, name, value)
            if name == "muted":
                self._tell("participant-mute" if value else "participant-unmute", member)
            elif name == "hold":
                self._tell("participant-hold" if value else "participant-unhold", member)
                member.call.signal(ConferenceChanged(member))
            elif name in ("coaching", "end_on_exit"):
                self._tell("participant-modify", member)
        member.updated_at = self.network.clock.now()
        self._mix()

    def _all(self) -> list[Participant]:
        return list(self.participants.values())

    def _mix(self) -> None:
        """Whoever is neither a listener nor a coach talks with all the others who are neither."""
        if self.status != IN_PROGRESS:
            return
        for member in self._all():
            member.talks = member.talks or not (member.muted or member.coaching)
        talkers = [member for member in self._all() if member.talks]
        for place, member in enumerate(talkers):
            for other in talkers[place + 1 :]:
                self.network.met(member.call, other.call, self.sid)

    def _end(self, because: str, member: Participant | None) -> None:
        self.status, self.ended_because = COMPLETED, because
        self.ended_by_call = member.call.sid if member else ""
        self.network.forget_conference(self)
        for other in self._all():
            other.gone = "moderator_ended_conference"
            self.leave(other, other.gone)
            other.call.participant = other
            other.call.signal(ConferenceChanged(other))
        self._tell("conference-end", member, {"ReasonConferenceEnded": because})

    def _tell(self, event: str, member: Participant | None, more: Mapping[str, str] | None = None) -> None:
        self.updated_at = self.network.clock.now()
        sid = member.call.sid if member else ""
        self.network.note("conference", sid, {"what": event, "conference": self.name, "sid": self.sid})
        if self.callback is None or EVENT_OF[event] not in self.callback.events:
            return
        self._sequence += 1
        params = {
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "AccountSid": self.network.account_sid,
            "Timestamp": rfc2822(self.updated_at) or "",
            "StatusCallbackEvent": event,
            "SequenceNumber": str(self._sequence),
        }
        if event == "conference-end" and member is not None:
            params["CallSidEndingConference"] = sid
        elif member is not None:
            params |= {
                "CallSid": sid,
                "Muted": _word(member.muted),
                "Hold": _word(member.hold),
                "Coaching": _word(member.coaching is not None),
                "StartConferenceOnEnter": _word(member.start_on_enter),
                "EndConferenceOnExit": _word(member.end_on_exit),
            }
            if member.label:
                params["ParticipantLabel"] = member.label
        self.network.tell(sid, self.callback.url, {**params, **(more or {})}, self.callback.method)


def _word(value: bool) -> str:
    return "true" if value else "false"


def in_conference(call: Call, member: Participant) -> Routine[None]:
    """Be in the conference until it ends, somebody takes this leg out, or the leg ends or is redirected."""
    conference = member.conference
    reason = "participant_hung_up"
    conference.join(member)
    try:
        while not member.gone:
            music = member.music()
            try:
                if music is None:
                    yield Wait(None)
                else:
                    yield from wait_loop(call, *music, dict, Manner.CONFERENCE_WAIT)
            except ConferenceChanged:
                continue
            except ApplicationError:
                yield from _silence()
        reason = member.gone
    except Redirected:
        reason = "participant_updated_via_api"
        raise
    except HungUp:
        reason = "participant_hung_up"
        raise
    finally:
        conference.leave(member, reason)
        if call.participant is member:
            call.participant = None


def _silence() -> Routine[None]:
    try:
        yield Wait(None)
    except ConferenceChanged:
        return


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


def callback_from(given: Mapping[str, str], base: str) -> StatusCallback | None:
    url = given.get("statusCallback")
    if not url:
        return None
    events = frozenset(given.get("statusCallbackEvent", "start end").split())
    return StatusCallback(absolute(base, url), given.get("statusCallbackMethod", "POST").upper(), events)
