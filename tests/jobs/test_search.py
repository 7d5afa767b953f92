"""What was there before search is found afterwards, in batches that may be stopped."""

import pytest
from sqlalchemy import func, select, text

from helpdesk.jobs import search
from helpdesk.kernel.db import session, transaction
from helpdesk.search.models import TicketWords
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import Town


def written() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(TicketWords)) or 0


def test_everything_is_written_once_and_goes_on_where_it_was_stopped(town: Town, set_clock: SetClock) -> None:
    for _ in range(5):
        filed(organization_id=town.school905.id)
    with transaction():
        session().execute(text("UPDATE contacts SET name_words = ''"))
    told: list[str] = []

    class Stopped(Exception):
        pass

    def stop(line: str) -> None:
        told.append(line)
        raise Stopped

    with pytest.raises(Stopped):
        search.fill_index(stop, batch=2)
    assert written() == 2
    assert search.fill_index(told.append, batch=2) == 3
    assert written() == 5
    assert search.fill_index(told.append, batch=2) == 0
    assert session().scalar(text("SELECT count(*) FROM contacts WHERE name_words = ''")) == 0
