"""Over which desks somebody may see figures, and which rows of them fall into a period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, ColumnElement, Integer, and_, any_, false, literal, or_
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import desks
from helpdesk.organizations.rules import is_within
from helpdesk.reports.rules import Period

# Who answers for a part of the tree.
READERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
# A choice of more places than these names departments only.
MOST_PLACES = 200


@dataclass(frozen=True)
class Place:
    """A desk that stands for itself and every desk below it; `depth` counts the desks above it that may be chosen."""

    desk: Desk
    depth: int


def desks_of(asker: Asker, place: int | None = None) -> list[Desk]:
    """The desks that the asker supervises or administers, or those at and below `place`.

    Raises NotFound when `place` is none of them.
    """
    roots = asker.roots(*READERS)
    found = [desk for desk in desks().values() if any(is_within(desk.organization.path, root) for root in roots)]
    if place is None:
        return found
    top = next((desk for desk in found if desk.id == place), None)
    if top is None:
        raise NotFound
    return [desk for desk in found if is_within(desk.organization.path, top.organization.path)]


def places(asker: Asker) -> list[Place]:
    """What the asker may choose as the place of a report, each below the place it belongs to."""
    found = sorted(desks_of(asker), key=lambda desk: tree_order(desk))
    if len(found) > MOST_PLACES:
        paths = [desk.organization.path for desk in found]
        parents = {path.rsplit("/", 2)[0] + "/" for path in paths}
        found = [desk for desk in found if desk.organization.path in parents]
    chosen = [desk.organization.path for desk in found]
    return [Place(desk, sum(is_within(desk.organization.path, path) for path in chosen) - 1) for desk in found]


def at_desks(column: InstrumentedAttribute[Any], chosen: Iterable[Desk]) -> ColumnElement[bool]:
    """Rows of these desks: one array, however many they are."""
    return column == any_(literal([desk.id for desk in chosen], ARRAY(Integer)))


def in_period(
    desk_column: InstrumentedAttribute[Any], moment: InstrumentedAttribute[Any], chosen: Sequence[Desk], period: Period
) -> ColumnElement[bool]:
    """Rows of these desks whose `moment` falls into the period by the clock of their desk."""
    together: dict[tuple[Any, Any], list[Desk]] = {}
    for desk in chosen:
        together.setdefault(period.bounds(ZoneInfo(desk.organization.zone)), []).append(desk)
    parts = [
        and_(at_desks(desk_column, alike), moment >= since, moment < before)
        for (since, before), alike in together.items()
    ]
    return or_(false(), *parts)


def tree_order(desk: Desk) -> list[str]:
    """A sort key: each desk below the one it belongs to, neighbours by their names."""
    # organizations without a desk have no name here; their id keeps siblings together
    known = desks()
    ids = [int(part) for part in desk.organization.path.strip("/").split("/") if part]
    return [known[id_].organization.sort_key if id_ in known else str(id_) for id_ in ids]
