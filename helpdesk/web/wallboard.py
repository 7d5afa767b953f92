"""The wallboard: each line as it is now, who waits and talks, where operators are; and a nameless one for a wall."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import desks
from helpdesk.reports.kpis import TARGET, THRESHOLD_SECONDS, Calls
from helpdesk.reports.rules import By
from helpdesk.reports.scope import READERS, desks_of, places, tree_order
from helpdesk.reports.telephony_now import LineNow, lines_now, team_now
from helpdesk.routing.rules import Queue
from helpdesk.telephony import floor, queues
from helpdesk.telephony.conversation_models import QueueClosure
from helpdesk.telephony.conversation_rules import SupervisionMode
from helpdesk.telephony.rules import CallState, PresenceState
from helpdesk.tickets.labels import QUEUES
from helpdesk.web import access
from helpdesk.web.reports import name_of, place_choices, read_place
from helpdesk.web.supervisor import PRESENCE_WORDS

door = Blueprint("wallboard", __name__, url_prefix="/wallboard")

REASON_WORDS = {
    "missed": N_("two calls were not taken"),
    "lost": N_("the browser was away"),
    "declined": N_("a call was declined"),
    "supervising": N_("listens to a conversation"),
    "supervisor": N_("sent by a supervisor"),
}
CALL_WORDS = {
    CallState.QUEUED: N_("waits"),
    CallState.OFFERED: N_("is being offered"),
    CallState.CONNECTED: N_("talks"),
}
MODE_WORDS = {
    SupervisionMode.LISTEN: N_("Listen"),
    SupervisionMode.WHISPER: N_("Whisper"),
    SupervisionMode.BARGE: N_("Speak to both"),
}
# A wait of so many seconds needs somebody's eye, then somebody's hand.
AMBER_WAIT, BREACH_WAIT = 120, 300
# A share of calls answered in time so far below the target does.
BREACH_LEVEL = 0.6
# Lines beyond these are calm, operators beyond these are offline; a place narrows the board down to them.
MOST_LINES, MOST_OPERATORS, MOST_TILES = 60, 100, 20
# Where a caller can be moved and which queues can be closed by name; a place narrows these down too.
MOST_CHOICES = 300


@dataclass(frozen=True)
class Total:
    """All lines together."""

    waiting: int
    since: datetime | None
    longest: float | None
    level: float | None
    handled: int
    callbacks_due: int
    callbacks_late: int


@dataclass(frozen=True)
class Tile:
    """A part of the place; `known` is False where no call came today and nobody was promised anything: no data."""

    name: str
    known: bool
    total: Total


@door.get("")
@access.staff_only(*READERS)
def wallboard() -> ResponseReturnValue:
    """Everything now, with what a supervisor can do about it."""
    asker, place, now = access.current(), read_place(), clock.now()
    chosen = desks_of(asker, place)
    lines = lines_now(asker, place)
    closed = queues.closures(one.id for one in chosen)
    tops = [one.organization.path for one in chosen if one.id == place]
    operators = floor.operators_now(tops or asker.roots(*READERS))
    shown = _with_closed(lines, closed)
    return render_template(
        "supervisor/wallboard.html",
        at=now,
        total=total(lines, now),
        lines=shown[:MOST_LINES],
        left_out=max(0, len(shown) - MOST_LINES),
        closed=closed,
        calls=floor.calls_now(one.id for one in chosen),
        operators=[one for one in operators if one.state is not PresenceState.OFFLINE][:MOST_OPERATORS],
        team=Counter(one.state for one in operators),
        mine=_mine(asker, chosen),
        choices=_choices(asker, chosen),
        place=place,
        place_options=place_choices(places(asker)),
        name_of=name_of,
        By=By,
        me=asker.id,
        **words(),
    )


@door.get("/wall")
@access.staff_only(*READERS)
def wall() -> ResponseReturnValue:
    """For a screen on a wall: few huge numbers, the parts of the place as tiles, nobody's name."""
    asker, place, now = access.current(), read_place(), clock.now()
    lines = lines_now(asker, place)
    return render_template(
        "supervisor/wall.html",
        at=now,
        total=total(lines, now),
        team=team_now(asker, place),
        tiles=_tiles(lines, _units(asker, place), now),
        place=place,
        place_name=name_of(By.DESK, str(place)) if place else "",
        **words(),
    )


def words() -> dict[str, Any]:
    """What the templates call things, and from when on something is amber or red."""
    return {
        "presence_words": PRESENCE_WORDS,
        "reason_words": REASON_WORDS,
        "call_words": CALL_WORDS,
        "mode_words": MODE_WORDS,
        "queue_words": QUEUES,
        "seconds": THRESHOLD_SECONDS,
        "wait_kind": wait_kind,
        "level_kind": level_kind,
    }


def wait_kind(seconds: float | None) -> str:
    """The colour of a wait."""
    if seconds is None or seconds < AMBER_WAIT:
        return ""
    return "breach" if seconds >= BREACH_WAIT else "amber"


def level_kind(share: float | None) -> str:
    """The colour of a share of calls answered in time."""
    if share is None or share >= TARGET:
        return ""
    return "breach" if share < BREACH_LEVEL else "amber"


def total(lines: Collection[LineNow], now: datetime) -> Total:
    """Lines together: their calls are added, so that the level is that of all calls and no mean of means."""
    counted = ("handled", "abandoned", "handled_in_time", "abandoned_in_time")
    since = min((line.waiting_since for line in lines if line.waiting_since), default=None)
    calls = Calls(**{name: sum(getattr(line.calls, name) for line in lines) for name in counted})
    return Total(
        waiting=sum(line.waiting for line in lines),
        since=since,
        longest=(now - since).total_seconds() if since else None,
        level=calls.service_level(),
        handled=calls.handled,
        callbacks_due=sum(line.callbacks_due for line in lines),
        callbacks_late=sum(line.callbacks_late for line in lines),
    )


def _with_closed(lines: Sequence[LineNow], closed: Mapping[tuple[int, Queue], QueueClosure]) -> list[LineNow]:
    """Closed queues are shown first, those too in which nothing happens."""
    known = {(line.desk_id, line.queue) for line in lines}
    quiet = [LineNow(desk_id, queue) for desk_id, queue in closed if (desk_id, queue) not in known]
    return quiet + sorted(lines, key=lambda line: (line.desk_id, line.queue) not in closed)


def _mine(asker: Asker, chosen: Sequence[Desk]) -> frozenset[int]:
    """Desks of which the asker is a supervisor and not only an administrator."""
    return frozenset(one.id for one in chosen if asker.holds(Role.SUPERVISOR, one.organization.path))


def _choices(asker: Asker, chosen: Sequence[Desk]) -> list[tuple[str, str]]:
    mine = _mine(asker, chosen)
    found = sorted((one for one in chosen if one.id in mine), key=tree_order)[:MOST_CHOICES]
    return [(str(one.id), name_of(By.DESK, str(one.id))) for one in found]


def _units(asker: Asker, place: int | None) -> Mapping[int, int]:
    """For every desk of the place the desk of the part that it belongs to: the first one below the top."""
    chosen = desks_of(asker, place)
    tops = [one.organization.path for one in chosen if one.id == place] or list(asker.roots(*READERS))
    known = desks()
    found = {}
    for one in chosen:
        path = one.organization.path
        top = max((root for root in tops if path.startswith(root)), key=len)
        below = (int(part) for part in path[len(top) :].strip("/").split("/") if part)
        found[one.id] = next((id_ for id_ in below if id_ in known), one.id)
    return found


def _tiles(lines: Collection[LineNow], units: Mapping[int, int], now: datetime) -> list[Tile]:
    by_unit: dict[int, list[LineNow]] = {unit: [] for unit in units.values()}
    for line in lines:
        by_unit[units[line.desk_id]].append(line)
    busiest = sorted(by_unit, key=lambda unit: (-sum(line.waiting for line in by_unit[unit]), not by_unit[unit]))
    known = desks()
    shown = sorted(busiest[:MOST_TILES], key=lambda unit: tree_order(known[unit]))
    return [Tile(name_of(By.DESK, str(unit)), bool(by_unit[unit]), total(by_unit[unit], now)) for unit in shown]
