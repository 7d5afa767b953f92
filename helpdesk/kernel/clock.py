"""The only source of the present. Domain code never asks the machine for the time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

Source = Callable[[], datetime]


def _machine() -> datetime:
    return datetime.now(UTC)


_source: Source = _machine


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


@contextmanager
def told_by(source: Source) -> Iterator[None]:
    """Let `source` tell the time inside the block: a simulator's clock, or one fixed moment."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
