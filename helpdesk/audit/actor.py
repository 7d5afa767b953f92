"""Who does something: every verb takes one as `by`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Actor:
    """`kind` says on whose behalf; `id` is the member of staff or the contact, where there is one; `token_id` the token
    of another system that acted for that member of staff."""

    kind: Literal["staff", "requester", "carrier", "system"]
    id: int | None = None
    token_id: int | None = None


SYSTEM = Actor("system")
CARRIER = Actor("carrier")


def staff(staff_id: int) -> Actor:
    """A member of staff."""
    return Actor("staff", staff_id)


def requester(contact_id: int | None = None) -> Actor:
    """The person who asked for help."""
    return Actor("requester", contact_id)
