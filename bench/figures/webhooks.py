"""All webhooks of whole calls: menu, waiting, the operator, the conference, every end; the clock process makes offers.

Each client is a part of the carrier with some calls at a time. Operators say after each conversation that they are
ready again, as they do in life; that is done, and not measured.
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg

from bench import calls, crew, servers
from bench.calls import Offered, Script, Webhook
from bench.load import Visitor, Wrong
from bench.servers import HOST, Grounds

NAME = "webhooks"
WHAT = "all webhooks of whole calls, for a minute"
AIMS: dict[str, float] = {"per_second at 8": 200, "p99 at 8": 100}
CLIENTS = (8,)
SECONDS = 60.0
FLOOR = "signed"

CALLS_A_CLIENT = 4
OPERATORS = 120
_OFFER = (
    "SELECT o.token, o.staff_id FROM offers o JOIN calls c ON c.id = o.call_id WHERE c.sid = %s AND o.state = 'open'"
)


@dataclass
class Carrier(Visitor):
    """A part of the carrier, the calls that it brings now, and the operators' sessions."""

    operators: dict[int, crew.Operator] = field(default_factory=dict)
    conninfo: str = ""
    scripts: deque[tuple[Script, Webhook | None]] = field(default_factory=deque)
    _database: psycopg.Connection | None = None

    def seek(self, sid: str) -> Offered | None:
        """To whom a call is held out now."""
        if self._database is None:
            self._database = psycopg.connect(self.conninfo, autocommit=True)
        row = self._database.execute(_OFFER, (sid,)).fetchone()
        return Offered(*row) if row else None

    def ready(self, offered: Offered) -> None:
        """The operator has written everything down."""
        who = self.operators[offered.staff_id]
        headers = {"Cookie": f"session={who.cookie}", "X-CSRFToken": who.csrf, "X-Requested-With": "fetch"}
        self.post("/calls/presence", {"state": "ready"}, headers=headers)
        self.cookies.clear()  # the next one is somebody else


_crew: dict[int, crew.Operator] = {}


@contextmanager
def around(grounds: Grounds) -> Iterator[None]:
    """Operators are at work and the clock process runs."""
    _crew.clear()
    _crew.update({one.staff_id: one for one in crew.at_work(grounds, OPERATORS, crew.MINISTRY, "1 day")})
    with servers.clock(grounds):
        yield


def visitor(grounds: Grounds) -> Carrier:
    """A part of the carrier."""
    return Carrier(grounds.house, HOST, operators=_crew, conninfo=grounds.conninfo)


def turn(one: Visitor, _serial: int) -> None:
    """One webhook of one of the calls that this client has: whichever goes on."""
    assert isinstance(one, Carrier)
    while len(one.scripts) < CALLS_A_CLIENT:
        script = calls.inbound(one.dice, one.seek, one.ready)
        one.scripts.append((script, next(script)))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for _ in range(len(one.scripts)):
            script, webhook = one.scripts.popleft()
            answer = calls.tell(one, webhook) if webhook is not None else ""
            with suppress(StopIteration):
                one.scripts.append((script, script.send(answer)))
            if webhook is not None:
                return
        time.sleep(0.005)
    raise Wrong("no operator is asked to take a call")
