"""In which order a list of the board stands."""

from enum import StrEnum


class Order(StrEnum):
    """What stands first: what is due soonest, what came last, what came first, what weighs most."""

    DUE = "due"
    NEWEST = "newest"
    OLDEST = "oldest"
    PRIORITY = "priority"
