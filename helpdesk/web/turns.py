"""Whose form is taken when many come from one address: a school of 300 parents, a village behind one mast.

Each minute has PER_MINUTE places for an address. Who finds none is given one in the next minute that has, sealed into
the page together with what was typed: sending again in that minute or later is always taken, however many others have
come meanwhile. Nobody is counted twice for having been sent away. By the house's clock; Redis away: each process counts
for itself.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from helpdesk.kernel import clock
from helpdesk.kernel.redis import Line
from helpdesk.kernel.settings import Settings

PER_MINUTE = 60
# Longer than this no place is kept: a flood must not shut its neighbours out for hours.
LONGEST_WAIT_MINUTES = 20

# The next free place of an address; places are numbered through all minutes, so a quiet minute leaves none behind.
_NEXT = """
local place = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[1]))
if place < tonumber(ARGV[2]) then redis.call('SET', KEYS[1], place + 1, 'EX', 7200) end
return place
"""


@dataclass(frozen=True)
class Turn:
    """When a form is taken: now, or from `at` on by the word that the page carries ("" where no place was free)."""

    at: datetime
    now: bool
    word: str = ""


class Places:
    """The next free place of each address, as this process knows it."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def take(self, address: str, first: int, end: int) -> int:
        """The same as _NEXT."""
        self._next = {one: place for one, place in self._next.items() if place > first}
        place = max(self._next.get(address, 0), first)
        if place < end:
            self._next[address] = place + 1
        return place


_own = Places()


def take(form_id: str) -> Turn:
    """The turn of a form that is complete and ready to be filed."""
    settings: Settings = current_app.extensions["settings"]
    now = clock.now()
    if not settings.rate_limits:
        return Turn(now, True)
    address, minute = request.remote_addr or "", int(now.timestamp()) // 60
    kept = _kept(request.form.get("turn", ""), form_id)
    if kept is None:
        place = _place(address, minute * PER_MINUTE, (minute + LONGEST_WAIT_MINUTES) * PER_MINUTE)
        kept = place // PER_MINUTE
        if kept - minute >= LONGEST_WAIT_MINUTES:
            return Turn(_begin(kept), False)
    if kept <= minute:
        return Turn(now, True)
    return Turn(_begin(kept), False, str(_seal().dumps([form_id, kept])))


def _place(address: str, first: int, end: int) -> int:
    line = cast(Line, current_app.extensions["redis"])
    found = line.evaluate(_NEXT, f"turns:{address}", first, end)
    return _own.take(address, first, end) if found is None else int(found)


def _kept(word: str, form_id: str) -> int | None:
    """The minute that was promised to this form, wherever it is sent from: a telephone changes its address."""
    try:
        form, minute = _seal().loads(word)
    except (BadSignature, ValueError, TypeError):
        return None
    return int(minute) if form == form_id else None


def _begin(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="turn of a form")
