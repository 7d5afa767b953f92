from collections.abc import Iterator, Sequence

import pytest
from flask import Flask

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM
from helpdesk.audit.models import JournalEntry
from helpdesk.jobs import work
from helpdesk.jobs.dispatch import LONGEST_HOLD_SECONDS, Dispatcher
from helpdesk.jobs.reactions import REACTIONS
from helpdesk.kernel.db import session, transaction
from tests.conftest import SetClock

KIND = "test.happened"


class Reactor:
    """A reaction that remembers what it was given, and fails when told to."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.failing = False

    def __call__(self, entries: Sequence[JournalEntry]) -> None:
        self.seen.append([entry.id for entry in entries])
        if self.failing:
            raise RuntimeError("not today")


@pytest.fixture
def reactor(app: Flask) -> Iterator[Reactor]:
    made = Reactor()
    REACTIONS[KIND] = (made,)
    journal.react_to(REACTIONS)
    yield made
    del REACTIONS[KIND]
    journal.react_to(REACTIONS)


def _note(count: int = 1) -> list[int]:
    known = journal.unannounced()
    with transaction():
        for _ in range(count):
            journal.note(KIND, by=SYSTEM)
    return [id_ for id_ in journal.unannounced() if id_ not in known]


def _here() -> Dispatcher:
    """Redis is away: everything runs here."""
    return Dispatcher(lambda _name, _ids: False, {"react": work.react})


def test_what_happened_is_reacted_to_once(reactor: Reactor) -> None:
    ids = _note(3)
    dispatcher = _here()
    dispatcher.react()
    dispatcher.react()
    assert reactor.seen == [ids]
    assert journal.unannounced() == []


def test_a_reaction_that_failed_is_given_out_again(reactor: Reactor) -> None:
    ids = _note()
    reactor.failing = True
    _here().react()
    assert journal.unannounced() == ids
    reactor.failing = False
    _here().react()
    assert journal.unannounced() == []


def test_one_failing_kind_holds_up_no_other(reactor: Reactor) -> None:
    other = Reactor()
    REACTIONS["test.other"] = (other,)
    journal.react_to(REACTIONS)
    reactor.failing = True
    _note()
    with transaction():
        journal.note("test.other", by=SYSTEM)
    _here().react()
    del REACTIONS["test.other"]
    assert len(other.seen) == 1


def test_what_a_lost_queue_swallowed_is_found_again_by_a_fresh_clock(reactor: Reactor) -> None:
    _note()
    taken: list[list[int]] = []

    def swallow(_name: str, ids: list[int]) -> bool:
        taken.append(ids)
        return True

    first = Dispatcher(swallow, {"react": work.react})
    first.react()
    first.react()
    assert len(taken) == 1, "a worker has it: not given out twice at once"
    _here().react()
    assert len(reactor.seen) == 1


def test_thousands_are_handed_out_in_batches(reactor: Reactor) -> None:
    _note(1201)
    batches: list[int] = []

    def count(_name: str, ids: list[int]) -> bool:
        batches.append(len(ids))
        return True

    Dispatcher(count, {"react": work.react}).react()
    assert batches == [500, 500, 201]


def test_while_enough_jobs_wait_ids_are_gathered_into_a_larger_one_but_not_for_long(
    reactor: Reactor, set_clock: SetClock
) -> None:
    batches: list[int] = []
    waiting = True

    def count(_name: str, ids: list[int]) -> bool:
        batches.append(len(ids))
        return True

    dispatcher = Dispatcher(count, {"react": work.react}, is_full=lambda _name: waiting)
    _note(2)
    dispatcher.react()
    _note(3)
    dispatcher.react()
    assert batches == []
    dispatcher.give("dial", [1], single=True)
    assert batches == [1], "a promise to one person never stands back"
    waiting = False
    dispatcher.react()
    assert batches == [1, 5]
    waiting = True
    _note()
    dispatcher.react()
    set_clock.forward(seconds=LONGEST_HOLD_SECONDS)
    dispatcher.react()
    assert batches == [1, 5, 1]


def test_a_kind_without_reactions_is_never_looked_for(app: Flask) -> None:
    with transaction():
        journal.note("nobody.cares", by=SYSTEM)
    assert journal.unannounced() == []
    assert session().query(JournalEntry).one().announced_at is not None
