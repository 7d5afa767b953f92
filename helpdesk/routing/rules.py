"""Queues and priorities."""

from enum import StrEnum


class Queue(StrEnum):
    """The two queues that the hotline's founding order names; every desk has both."""

    TECHNICAL = "technical"
    METHODOLOGICAL = "methodological"


class Priority(StrEnum):
    """P0 is a child in danger: handed over at once, never queued."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"
