"""The SLA profiles that a new installation starts with; helpdesk/sla/rules.py says why these numbers."""

from typing import Any

from helpdesk.sla.rules import APPEAL_DAYS, Clock, Unit

MINUTES, DAYS, MONTHS = Unit.WORKING_MINUTES, Unit.WORKING_DAYS, Unit.CALENDAR_MONTHS
WORKING_DAY = 480

Count = tuple[int | None, Unit | None]
NONE: Count = (None, None)


def _row(code: str, clock: Clock, first: Count, update: Count, resolution: Count, pausable: bool) -> dict[str, Any]:
    return {
        "code": code,
        "version": 1,
        "clock": clock,
        "first_response": first[0],
        "first_response_unit": first[1],
        "update_every": update[0],
        "update_unit": update[1],
        "resolution": resolution[0],
        "resolution_unit": resolution[1],
        "pausable": pausable,
    }


PROFILES: tuple[dict[str, Any], ...] = (
    _row("A", Clock.DESK_HOURS, (15, MINUTES), (30, MINUTES), (240, MINUTES), True),
    _row("B", Clock.DESK_HOURS, (60, MINUTES), (WORKING_DAY, MINUTES), (WORKING_DAY, MINUTES), True),
    _row("C", Clock.DESK_HOURS, (240, MINUTES), NONE, (2 * WORKING_DAY, MINUTES), True),
    _row("D", Clock.DESK_HOURS, (WORKING_DAY, MINUTES), NONE, (5 * WORKING_DAY, MINUTES), True),
    _row("E", Clock.DESK_HOURS, (1, DAYS), (5, DAYS), (5, DAYS), True),
    _row("LAW", Clock.STATUTORY, (0, DAYS), NONE, (APPEAL_DAYS, DAYS), False),
    _row("CONTROL", Clock.CONTROL, (0, DAYS), NONE, (1, MONTHS), False),
)
