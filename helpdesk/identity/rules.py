"""Roles, permissions, and what each may do in its part of the tree."""

from enum import StrEnum


class Role(StrEnum):
    """What a member of staff is, over one organization and everything below it."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """Beside the roles: named trust, over a part of the tree too."""

    CLASS_TEACHER = "class_teacher"
    PSYCHOLOGIST = "psychologist"
    DATA_OFFICER = "data_officer"
    CONTROL = "control"


class Skill(StrEnum):
    """The queues that somebody can answer."""

    TECHNICAL = "technical"
    METHODOLOGICAL = "methodological"


class LinkPurpose(StrEnum):
    """What a link to a new password was written for."""

    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105 - a purpose, not a password


# Categories that only named roles may read; every look is noted (domain rule of restricted tickets).
RESTRICTED = frozenset({"M28", "C01", "C07", "T44", "S06"})
MAY_READ_RESTRICTED: frozenset[Role | Permission] = frozenset(
    {Role.SUPERVISOR, Permission.PSYCHOLOGIST, Permission.DATA_OFFICER, Permission.CONTROL}
)
