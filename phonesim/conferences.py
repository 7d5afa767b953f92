"""Conferences: who is in, when the talk begins and ends, and the events that the application hears about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phonesim.calls import Call, ConferenceChanged
from phonesim.recordings import Recording, Wanted, recording
from phonesim.sids import rfc2822
from phonesim.states import StatusCallback

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
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}
HUNG_UP, KICKED, NOT_ADDED = "participant_hung_up", "participant_updated_via_api", "participant_add_failed"
ENDED_BY_API, ENDED_BY_MODERATOR = "conference_ended_via_api", "moderator_ended_conference"


@dataclass(eq=False)
class Announcement:
    """A document that is heard once: by one participant, or by all who are in; then `waiting` are yet to hear it."""

    url: str
    method: str
    to_all: bool = False
    waiting: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Participant:
    """One leg in a conference, or on its way to it. `talks`: it was heard by all who talk, and is told apart from them
    only when it leaves or becomes a coach."""

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
    hold_method: str = "GET"
    announcement: Announcement | None = None
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
    """`participants` are in; `invited` are being called. Both by the sid of their leg. `wanted`: it is recorded."""

    network: Network
    sid: str
    name: str
    callback: StatusCallback | None = None
    participants: dict[str, Participant] = field(default_factory=dict)
    invited: dict[str, Participant] = field(default_factory=dict)
    status: str = INIT
    ended_because: str = ""
    ended_by_call: str = ""
    wanted: Wanted | None = None

    def __post_init__(self) -> None:
        self.created_at = self.updated_at = self.network.clock.now()
        self._sequence = 0
        self._recording: Recording | None = None

    def invite(self, member: Participant, early_media: bool) -> None:
        """A leg is being called in; with early media those who are in hear it ring."""
        self.invited[member.call.sid] = member
        member.call.on_over.append(lambda over: self._did_not_come(member))
        if early_media:
            member.call.on_ring.append(lambda ringing: self._ringback(ringing))

    def join(self, member: Participant) -> None:
        self.invited.pop(member.call.sid, None)
        self.participants[member.call.sid] = member
        member.call.participant = member
        member.joined_at = member.updated_at = self.network.clock.now()
        self._tell("participant-join", member)
        if self.status == INIT and len(self.participants) > 1 and any(p.start_on_enter for p in self._all()):
            self.status = IN_PROGRESS
            self._tell("conference-start", member)
            if self.wanted is not None:
                self._recording = recording(self.network, self.wanted, conference_sid=self.sid)
                self._recording.begin()
            for other in self._all():
                other.call.signal(ConferenceChanged(other))
        self.mix()

    def leave(self, member: Participant, reason: str) -> None:
        if self.participants.pop(member.call.sid, None) is None:
            return
        member.call.participant = None
        self.network.parted(member.call, self.sid)
        self._told_left(member, reason)
        if self.status == COMPLETED:
            return
        kicked = member.gone == KICKED
        if member.end_on_exit:
            self._end(f"participant-with-end-conference-on-exit-{'kicked' if kicked else 'left'}", member)
        elif not self.participants:
            self._end("last-participant-kicked" if kicked else "last-participant-left", member)

    def remove(self, member: Participant, reason: str = KICKED) -> None:
        """Take a participant out, whose leg goes on behind <Dial>; one who is still being called is not called on."""
        if member.call.sid in self.invited:
            member.call.end(None, "rest")
            return
        member.gone = reason
        member.call.signal(ConferenceChanged(member))

    def finish(self) -> None:
        """End it by the REST interface."""
        if self.status != COMPLETED:
            self._end("conference-ended-via-api", None)

    def announce(self, url: str, method: str) -> None:
        """Everybody who is in hears a document, once."""
        announcement = Announcement(url, method, True, set(self.participants))
        for member in self._all():
            self.update(member, {"announcement": announcement})

    def announced(self, member: Participant, announcement: Announcement, failed: bool) -> None:
        """A participant has heard an announcement to its end, or it could not be had; the last one's end is told."""
        announcement.waiting.discard(member.call.sid)
        if not announcement.waiting:
            event = "announcement-fail" if failed else "announcement-end"
            self._tell(event, None if announcement.to_all else member, {"AnnounceUrl": announcement.url})

    def update(self, member: Participant, changes: Mapping[str, object]) -> None:
        """Hold, mute, coach, announce: apply what changed and tell about it."""
        for name, value in changes.items():
            if getattr(member, name) == value:
                continue
            setattr(member, name, value)
            if member.call.sid not in self.participants:
                continue
            if name == "muted":
                self._tell("participant-mute" if value else "participant-unmute", member)
            elif name == "hold":
                self._tell("participant-hold" if value else "participant-unhold", member)
                member.call.signal(ConferenceChanged(member))
            elif name in ("coaching", "end_on_exit"):
                self._tell("participant-modify", member)
            elif name == "announcement":
                member.call.signal(ConferenceChanged(member))
        member.updated_at = self.network.clock.now()
        self.mix()

    def mix(self) -> None:
        """Whoever is neither a listener nor a coach talks with all the others who are neither; the ledger notes in
        which state each of them is there."""
        if self.status != IN_PROGRESS:
            return
        for member in self._all():
            self._note_state(member)
            if member.coaching is not None and member.talks:
                member.talks = False
                self.network.parted(member.call, self.sid, stays=True)
            member.talks = member.talks or not (member.muted or member.coaching)
        talkers = [member for member in self._all() if member.talks]
        for place, member in enumerate(talkers):
            for other in talkers[place + 1 :]:
                self.network.met(member.call, other.call, self.sid)

    def _all(self) -> list[Participant]:
        return list(self.participants.values())

    def _note_state(self, member: Participant) -> None:
        muted = member.muted or member.call.silent
        coaching = member.coaching or ""
        self.network.ledger.stay(member.call.sid, member.call.address, self.sid, muted, member.hold, coaching)

    def _ringback(self, ringing: Call) -> None:
        for member in self._all():
            member.call.hears("ringback", ringing.address, "", 0.0)

    def _did_not_come(self, member: Participant) -> None:
        if self.invited.pop(member.call.sid, None) is None:
            return
        if self.status != COMPLETED:
            self._told_left(member, NOT_ADDED)
            if self.status == INIT and not self.participants and not self.invited:
                self.finish()

    def _told_left(self, member: Participant, reason: str) -> None:
        more = {"ReasonParticipantLeft": reason, "ParticipantCallStatus": member.call.status}
        self._tell("participant-leave", member, more)

    def _end(self, because: str, member: Participant | None) -> None:
        self.status, self.ended_because = COMPLETED, because
        self.ended_by_call = member.call.sid if member else ""
        self.network.forget_conference(self)
        for other in self._all():
            other.gone = ENDED_BY_API if member is None else ENDED_BY_MODERATOR
            self.leave(other, other.gone)
            other.call.participant = other
            other.call.signal(ConferenceChanged(other))
        self._tell("conference-end", member, {"ReasonConferenceEnded": because})
        if self._recording is not None:
            self._recording.stop()

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
            if member.label:
                params["ParticipantLabelEndingConference"] = member.label
        elif member is not None:
            params |= _state(member)
        self.network.tell(sid, self.callback.url, {**params, **(more or {})}, self.callback.method)


def _state(member: Participant) -> dict[str, str]:
    state = {
        "CallSid": member.call.sid,
        "Muted": _word(member.muted),
        "Hold": _word(member.hold),
        "Coaching": _word(member.coaching is not None),
        "StartConferenceOnEnter": _word(member.start_on_enter),
        "EndConferenceOnExit": _word(member.end_on_exit),
    }
    if member.coaching is not None:
        state["CallSidToCoach"] = member.coaching
    if member.label:
        state["ParticipantLabel"] = member.label
    return state


def _word(value: bool) -> str:
    return "true" if value else "false"
