"""What kinds of organization there are, and how their tree is written down."""

from enum import StrEnum


class Kind(StrEnum):
    """Levels of the tree, from the ministry down."""

    MINISTRY = "ministry"
    REGION_DEPARTMENT = "region_department"
    DISTRICT_DEPARTMENT = "district_department"
    SCHOOL = "school"
    COLLEGE = "college"
    UNIVERSITY = "university"
    KINDERGARTEN = "kindergarten"
    ADDITIONAL = "additional"


PLACES = frozenset({Kind.SCHOOL, Kind.COLLEGE, Kind.UNIVERSITY, Kind.KINDERGARTEN, Kind.ADDITIONAL})
# What may stand directly below what.
BELOW: dict[Kind, frozenset[Kind]] = {
    Kind.MINISTRY: PLACES | {Kind.REGION_DEPARTMENT},
    Kind.REGION_DEPARTMENT: PLACES | {Kind.DISTRICT_DEPARTMENT},
    Kind.DISTRICT_DEPARTMENT: PLACES,
}


class Ownership(StrEnum):
    STATE = "state"
    PRIVATE = "private"


class Status(StrEnum):
    """How an organization works on given days."""

    OPEN = "open"
    DUTY_GROUPS = "duty_groups"
    CLOSED = "closed"
    SUSPENDED = "suspended"


class CallbackMode(StrEnum):
    """Operator first: somebody reads up, then the telephone rings. Caller first: who answers presses 1 to be served."""

    OPERATOR_FIRST = "operator_first"
    CALLER_FIRST = "caller_first"


def path_of(parent_path: str | None, organization_id: int) -> str:
    """The materialised path "/1/4/12/": a subtree is everything that starts with the path of its root."""
    return f"{parent_path or '/'}{organization_id}/"


def is_within(path: str, root: str) -> bool:
    """Whether the organization at `path` is `root` or lies below it."""
    return path.startswith(root)
