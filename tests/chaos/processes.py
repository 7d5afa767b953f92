"""The house in real processes: web server, RQ worker and clock, each its own, and a telephone network over HTTP.

All of them live on a faster clock, so that minutes fit into a test. Processes are killed by their ids with SIGKILL.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from helpdesk.callbacks import actions
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import ACTIVE, CallbackState
from helpdesk.identity.models import Staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import db, transaction
from helpdesk.kernel.settings import ROOT, Settings
from helpdesk.launcher import processes
from helpdesk.launcher.servers import Valkey, free_port
from helpdesk.organizations import queries as desks
from helpdesk.telephony import gateway, presence
from helpdesk.telephony.models import Offer
from helpdesk.telephony.rules import OfferState, PresenceState
from phonesim import HttpTransport, Network, RealClock
from phonesim.server import Server
from tests.chaos.fast import fast
from tests.conftest import settings
from tests.factories import filed
from tests.people import Town
from tests.twilio_rules import assert_kept

START = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
WORKER, CLOCK = ("worker.py",), ("helpdesk.cli", "clock")


@dataclass
class House:
    """Started by `open`, stopped by `close`; in between a test is the far ends' and the operators' hand."""

    settings: Settings
    valkey: Valkey
    directory: Path
    speed: float = 20.0
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    operators: list[Staff] = field(default_factory=list)

    def open(self, people: Sequence[Staff]) -> None:
        """Start web, worker, clock and network; these people answer calls."""
        self.operators = list(people)
        self.zero = time.time()
        self.now = fast(START, self.zero, self.speed)
        self._told = contextlib.ExitStack()
        self._told.enter_context(clock.told_by(self.now))
        desks.forget()
        base = self.settings.public_base_url
        self.network = Network(
            RealClock(self.speed, START),
            self.settings.twilio_account_sid,
            self.settings.twilio_auth_token,
            HttpTransport(base),
            cps=self.settings.dials_per_second,
        )
        self.network.number("+77272501450")
        port = int(self.settings.twilio_api_base_url.rsplit(":", 1)[1])
        self.server = Server(self.network, port=port).start()
        web = ["gunicorn", "wsgi:app", "--bind", base.removeprefix("http://"), "--worker-class", "gthread"]
        self.start("web", [*web, "--threads", "16", "--log-level", "error"])
        self.start("clock", CLOCK)
        self._wait_for(lambda: urllib.request.urlopen(base + "/healthz").status == 200)
        with transaction():
            for person in self.operators:
                presence.choose(person.id, PresenceState.READY)

    def start(self, name: str, program: Sequence[str], **environ: str) -> None:
        """One of our own programs, on the faster clock."""
        env = os.environ | environ | {key.upper(): _text(value) for key, value in self.settings.model_dump().items()}
        env |= {"CLOCK_START": START.isoformat(), "CLOCK_ZERO": repr(self.zero), "CLOCK_SPEED": repr(self.speed)}
        env.pop("FAILPOINTS", None) if "FAILPOINTS" not in environ else None
        with (self.directory / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", "tests.chaos.fast", *program]
            self.running[name] = processes.start(command, env=env, cwd=ROOT, log=log)

    def kill(self, name: str) -> None:
        """SIGKILL to a program and to the forks that it made, each by its id."""
        process = self.running.pop(name)
        forks = _forks(process.pid)
        process.kill()
        for pid in forks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def kill_horse(self) -> bool:
        """SIGKILL to the fork in which the worker does its job at this moment, if there is one."""
        forks = _forks(self.running["worker"].pid)
        for pid in forks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(forks)

    def close(self) -> None:
        """Stop what was started here."""
        for process in self.running.values():
            processes.stop(process)
        self.server.stop()
        self._told.close()
        db.session.remove()
        assert_kept(self.network)

    # ── the hands of people ───────────────────────────────────────────────────────────────────────────────────────

    def promise(self, town: Town, number: str, at: timedelta) -> None:
        """A callback at a moment from the start of the clock."""
        ticket = filed(organization_id=town.school905.id, contact_id=town.gulnar.id).ticket
        with transaction():
            actions.request(actions.wish_about(ticket, number, "web", not_before=START + at))

    def live(self, until: Callable[[], bool], seconds: float) -> bool:
        """Let operators answer whatever is offered until `until` or for so many real seconds; whether it came."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self._answer()
            if until():
                return True
            time.sleep(0.1)
        return False

    def _answer(self) -> None:
        with transaction():
            for person in self.operators:
                row = presence.presence_of(person.id)
                db.session.refresh(row)
                if row.state in (PresenceState.WRAPUP, PresenceState.BREAK, PresenceState.OFFLINE):
                    presence.choose(person.id, PresenceState.READY)
                presence.heartbeat(person.id)
            offers = db.session.execute(select(Offer.staff_id, Offer.token).where(Offer.state == OfferState.OPEN)).all()
        for staff_id, token in offers:
            phone = self.network.softphone(gateway.identity(staff_id), voice_url="/twilio/voice/operator")
            with self.network.clock.lock:
                if phone.active is None:
                    phone.connect(offer=token)

    def callbacks(self) -> list[Callback]:
        """Every callback as it stands now."""
        db.session.rollback()
        return list(db.session.scalars(select(Callback).execution_options(populate_existing=True)))

    def all_over(self) -> bool:
        """Whether every promise has ended."""
        return not any(callback.state in ACTIVE for callback in self.callbacks())

    def _wait_for(self, ready: Callable[[], bool], seconds: float = 30) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            with contextlib.suppress(OSError):
                if ready():
                    return
            time.sleep(0.05)
        raise TimeoutError("the house does not open")

    def log(self, name: str) -> str:
        """The end of a program's log, for a message."""
        return (self.directory / f"{name}.log").read_text(errors="replace")[-3000:]


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _forks(pid: int) -> list[int]:
    """Children of a process; read from /proc, so that only what it started is touched."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def settings_of(database_url: str, valkey: Valkey, directory: Path) -> Settings:
    """Settings with addresses of this run."""
    return settings(
        database_url,
        valkey.url,
        directory,
        public_base_url=f"http://127.0.0.1:{free_port()}",
        twilio_api_base_url=f"http://127.0.0.1:{free_port()}",
        dials_per_second=5.0,
    )


def check(house: House, numbers: Sequence[str]) -> None:
    """Every promise kept, none twice, no two telephones of one number at once: counted by the network."""
    ledger = house.network.ledger
    talked = {number: len({talk.place for talk in ledger.conversations(number)}) for number in numbers}
    assert talked == dict.fromkeys(numbers, 1)
    assert ledger.overlapping_rings() == []
    assert {callback.state for callback in house.callbacks()} == {CallbackState.DONE}
