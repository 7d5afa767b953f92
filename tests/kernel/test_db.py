from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM
from helpdesk.audit.models import JournalEntry
from helpdesk.kernel import db as kernel_db
from helpdesk.kernel.db import announce_with, let_go, session, transaction


@pytest.fixture
def announced(app: Flask) -> Iterator[list[Any]]:
    told: list[Any] = []
    before = kernel_db._announce
    announce_with(lambda facts: told.extend(fact.kind for fact in facts))
    yield told
    announce_with(before)


def _entries() -> int:
    return session().scalar(select(func.count()).select_from(JournalEntry)) or 0


def test_what_was_noted_is_told_after_the_commit(announced: list[str]) -> None:
    with transaction():
        journal.note("ticket.opened", by=SYSTEM)
        assert announced == []
    assert announced == ["ticket.opened"]
    assert _entries() == 1


def test_what_failed_leaves_nothing_and_tells_nobody(announced: list[str]) -> None:
    def fail() -> None:
        with transaction():
            journal.note("ticket.opened", by=SYSTEM)
            session().flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert announced == []
    assert _entries() == 0


def test_a_verb_cannot_open_a_transaction_of_its_own(app: Flask) -> None:
    with transaction(), pytest.raises(RuntimeError, match="only a door"), transaction():
        pass


def test_a_fact_outside_a_transaction_is_an_error_not_a_loss(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="outside"):
        journal.note("ticket.opened", by=SYSTEM)


def lose_connection() -> None:
    """As when PostgreSQL stops in the middle of a transaction."""
    driver: Any = session().connection().connection.driver_connection
    driver.pgconn.finish()


def test_a_lost_connection_is_let_go_without_an_error_and_the_next_question_is_answered(app: Flask) -> None:
    lose_connection()
    with pytest.raises(SQLAlchemyError):
        session().remove()
    let_go()
    lose_connection()
    let_go()
    assert _entries() == 0
