"""What is done by the clock: each round finds due rows and gives their ids away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from helpdesk.intake.queries import waiting_mail
from helpdesk.notifications.queries import due_letters


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


def read_mail(give: Give) -> None:
    """Letters that came in and were not read yet."""
    give("file_mail", waiting_mail())


def send_letters(give: Give) -> None:
    """Letters and SMS whose time has come."""
    give("send_letters", due_letters())


ROUNDS: tuple[Round, ...] = (
    Round("read mail", 30, read_mail, eager=True),
    Round("send letters", 10, send_letters, eager=True),
)
