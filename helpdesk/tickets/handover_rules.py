"""Handing a ticket on to another desk of the tree: which way, to which level, and the terms of it."""

from datetime import timedelta
from enum import StrEnum

from helpdesk.organizations.rules import Kind


class Way(StrEnum):
    """Up: the desk cannot settle it. Down: another level is to do it. Redirect: it was never this body's matter."""

    UP = "up"
    DOWN = "down"
    REDIRECT = "redirect"


# Within so much working time of its own the receiving desk says that it has the ticket.
ACKNOWLEDGE_SECONDS = 4 * 3600
# The receiving desk's term where nothing else sets one: a working day of the profiles.
WORKING_DAY_SECONDS = 8 * 3600
LONGEST_TERM = timedelta(days=180)

LEVELS = {Kind.MINISTRY: "L4", Kind.REGION_DEPARTMENT: "L3", Kind.DISTRICT_DEPARTMENT: "L2"}


def level_of(kind: Kind) -> str:
    """The level that an organization of this kind works on."""
    return LEVELS.get(kind, "L1")


def leads(way: Way, here: str, there: str) -> bool:
    """Whether a ticket at the organization at path `here` may go to the one at `there` this way."""
    if here == there:
        return False
    if way is Way.UP:
        return here.startswith(there)
    return there.startswith(here) if way is Way.DOWN else True
