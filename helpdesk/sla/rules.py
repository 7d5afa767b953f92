"""The words of SLA profiles."""

from enum import StrEnum


class Clock(StrEnum):
    """Which clock a profile runs on."""

    DESK_HOURS = "desk_hours"
    STATUTORY = "statutory"
    CONTROL = "control"


class Unit(StrEnum):
    """What an amount is counted in."""

    WORKING_MINUTES = "working_minutes"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


class DayKind(StrEnum):
    DAY_OFF = "day_off"
    WORKING_DAY = "working_day"
