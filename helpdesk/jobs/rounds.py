"""What is done by the clock: each round finds due rows and gives their ids away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


class Give(Protocol):
    """Gives the ids to a job, in one batch or one job each."""

    def __call__(self, name: str, ids: Sequence[int], single: bool = False) -> None: ...


@dataclass(frozen=True)
class Round:
    """`go` runs every `every` seconds; an eager one also right after each commit that noted a fact."""

    name: str
    every: float
    go: Callable[[Give], None]
    eager: bool = False


ROUNDS: tuple[Round, ...] = ()
