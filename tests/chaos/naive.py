"""The order that everybody writes first, call and then record, in the same worlds: what it costs is counted as ours is.

Nothing is in the database before the carrier was asked; whoever answers a leg that we asked for is served by it.
"""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import update

from helpdesk.callbacks import dialling
from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.callbacks.rules import OPEN_ATTEMPT, AttemptState, CallbackState
from helpdesk.jobs.work import JOBS
from helpdesk.kernel import clock, failpoints
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.rules import CallbackMode
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused
from helpdesk.telephony.gateway import carrier
from phonesim.transport import Incoming, Outgoing
from tests.chaos.harness import BrokenWire, World

_ADDRESS = "/twilio/callback/"


class NaiveWire(BrokenWire):
    """Makes a note of a leg when the carrier speaks of it, if the job did not come to that."""

    note: Callable[[str], None]

    def send(self, request: Outgoing) -> Incoming:
        """As ever, after the note."""
        path = urlsplit(request.url).path
        token = path.removeprefix(_ADDRESS).partition("/")[0] if path.startswith(_ADDRESS) else ""
        if token and not self.is_cut:
            self.note(token)
        return super().send(request)


class NaiveWorld(World):
    """A world whose telephones are dialled first and written down afterwards; jobs come twice and are often asleep."""

    ways = ((CallbackMode.CALLER_FIRST, CallbackMode.CALLER_FIRST),)
    wire = NaiveWire

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        assert isinstance(self.house.wire, NaiveWire)
        self.house.wire.note = self._note
        self._calling: dict[str, int] = {}
        self.bad.chances |= {"asleep": 0.5, "job_doubled": 0.5}
        self.jobs = JOBS | {"dial": self._dial}

    def _note(self, token: str) -> None:
        if token in self._calling:
            with self.house.app.app_context(), self._undisturbed(), transaction():
                _record(token, self._calling[token])

    def _dial(self, callback_ids: list[int]) -> None:
        for callback_id in callback_ids:
            with transaction():
                callback = session().get_one(Callback, callback_id)
                ripe = callback.state is CallbackState.DUE and callback.next_attempt_at <= clock.now()
                number = callback.number
            failpoints.hit("callback.claimed")
            if not ripe:
                continue
            token = str(uuid.uuid4())
            self._calling[token] = callback_id
            try:
                carrier().place_call(number, f"{_ADDRESS}{token}/answer", f"{_ADDRESS}{token}/status")
            except (CarrierAway, CarrierRefused):
                continue
            failpoints.hit("callback.placed")
            with transaction():
                _record(token, callback_id)


def _record(token: str, callback_id: int) -> None:
    if session().query(Attempt).filter_by(token=token).count():
        return
    callback = session().get_one(Callback, callback_id, with_for_update=True, populate_existing=True)
    opened = update(Attempt).where(Attempt.callback_id == callback_id, Attempt.state.in_(OPEN_ATTEMPT))
    session().execute(opened.values(state=AttemptState.DONE, ended_at=clock.now()))
    session().execute(
        update(Callback).where(Callback.id == callback_id).values(state=CallbackState.DIALING, ended_at=None)
    )
    session().refresh(callback)
    intent = dialling.intend(callback, clock.now(), asked_at=clock.now())
    session().execute(update(Attempt).where(Attempt.id == intent.attempt_id).values(token=token))
