"""A desk and those that help it out: where its callers overflow to, and whose operators may take them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpdesk.organizations.models import Desk

# A chain of overflow is as long as the tree is deep; a longer one is a mistake in the tree.
MOST = 8


@dataclass(frozen=True)
class Levels:
    """The desk itself and then, one after the other, those to which its callers overflow."""

    desks: tuple[Desk, ...]

    @classmethod
    def of(cls, desk_id: int, desks: Mapping[int, Desk]) -> "Levels":
        """The chain that begins at a desk; one that runs in a ring ends where it would come round."""
        chain: list[Desk] = []
        following: int | None = desk_id
        while (
            following is not None
            and following in desks
            and len(chain) < MOST
            and all(one.id != following for one in chain)
        ):
            chain.append(desks[following])
            following = chain[-1].overflow_to_id
        return cls(tuple(chain))

    @property
    def top(self) -> int:
        """The number of the last level; the desk itself is 0."""
        return len(self.desks) - 1

    def number(self, reach_id: int | None) -> int:
        """Which level a place has reached; a desk that is no longer in the chain counts as the desk itself."""
        return next((number for number, one in enumerate(self.desks) if one.id == reach_id), 0)

    def reach_id(self, number: int) -> int | None:
        """As it is kept in a place: None is the desk itself."""
        return self.desks[number].id if number else None

    def seconds_until_above(self, number: int) -> int:
        """How long somebody waits, from joining the line, before operators above this level may help."""
        return sum(one.overflow_after_seconds for one in self.desks[: number + 1])

    def served_by(self, number: int) -> frozenset[str]:
        """Paths of the organizations whose operators may take a place that has reached this level.

        An operator answers for an organization and everything below it, and belongs to the lowest level of the chain
        that is not below that organization's own; whoever stands above the whole chain belongs to its last level.
        """
        paths = [one.organization.path for one in self.desks]
        found = set()
        for path in paths:
            for above in _upwards(path):
                home = next((level for level, at in enumerate(paths) if above.startswith(at)), self.top)
                if home <= number:
                    found.add(above)
        return frozenset(found)


def _upwards(path: str) -> Sequence[str]:
    """The path itself and those of everything above it: "/1/4/" gives "/1/4/" and "/1/"."""
    return [path[: place + 1] for place, sign in enumerate(path) if sign == "/" and place]
