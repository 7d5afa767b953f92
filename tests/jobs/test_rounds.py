"""What the clock does by itself."""

from collections.abc import Callable

from sqlalchemy import func, select

from helpdesk.audit.models import JournalEntry
from helpdesk.kernel.db import session
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import Town


def test_every_promise_that_was_not_kept_is_recorded_once_when_it_was_due(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
) -> None:
    made = [filed(organization_id=town.school905.id).ticket for _ in range(3)]
    due = made[0].first_response_due_at
    set_clock.forward(hours=4, seconds=1)
    run_jobs()
    set_clock.forward(minutes=1)
    run_jobs()
    session().expire_all()
    assert {session().get_one(Ticket, one.id).response_breached_at for one in made} == {due}
    noted = select(func.count()).select_from(JournalEntry).where(JournalEntry.kind == "ticket.breached")
    assert session().scalar(noted) == 3
