"""Operators' softphones: a client that calls the application's TwiML App and can be called as client:NAME."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from phonesim.account import Application
from phonesim.calls import Call
from phonesim.states import IN_PROGRESS, INBOUND
from phonesim.world import FarEnd

if TYPE_CHECKING:
    from phonesim.network import Network

Listener = Callable[[str, Call], None]


class Softphone(FarEnd):
    """The twin of `Device` of Twilio's voice SDK.

    `answer_after`: seconds until an incoming call is taken; None leaves it to `call.answer()`. `talk`: hang up after so
    many seconds of conversation; None leaves it to the other side or to `hang_up`.
    """

    def __init__(
        self,
        network: Network,
        identity: str,
        application: Application,
        answer_after: float | None = None,
        talk: float | None = None,
    ) -> None:
        self.network = network
        self.identity = identity
        self.application = application
        self.answer_after = answer_after
        self.talk = talk
        self.calls: list[Call] = []
        self.readers = 0
        self._listeners: list[Listener] = []

    @property
    def address(self) -> str:
        return f"client:{self.identity}"

    @property
    def active(self) -> Call | None:
        """The call that is going on, if any."""
        return next((call for call in reversed(self.calls) if not call.over), None)

    def connect(self, **params: str) -> Call:
        """`device.connect({params})`: a call from client:NAME to the TwiML App, with these parameters besides."""
        call = self.network.client_call(self, {key: str(value) for key, value in params.items()})
        self.calls.append(call)
        self._tell("connecting", call)
        return call

    def state_of(self, call: Call) -> str:
        """The event that tells where a call of this softphone stands."""
        if call.status == IN_PROGRESS:
            return "talking" if call.in_conversation else "connected"
        return "connecting" if call.direction == INBOUND else "incoming"

    def mute(self, muted: bool) -> None:
        """As in the SDK this is local: the network sends silence and tells nobody."""
        if self.active is not None:
            self.active.mute(muted)

    def press(self, digits: str) -> None:
        """`call.sendDigits()`: the others in the conversation hear the tones."""
        if self.active is not None:
            self.active.press(digits)

    def hang_up(self) -> None:
        if self.active is not None:
            self.active.hang_up()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """`listener(event, call)` with connecting, incoming, connected, disconnected; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def rings(self, call: Call) -> None:
        self.calls.append(call)
        self._tell("incoming", call)
        if self.answer_after is not None:
            self.network.clock.after(self.answer_after, call.answer)

    def answered(self, call: Call) -> None:
        self._tell("connected", call)

    def met(self, call: Call) -> None:
        self._tell("talking", call)
        if self.talk is not None:
            self.network.clock.after(self.talk, call.hang_up)

    def over(self, call: Call) -> None:
        self.calls = [other for other in self.calls if other is not call]
        self._tell("disconnected", call)

    def _tell(self, event: str, call: Call) -> None:
        for listener in list(self._listeners):
            listener(event, call)
