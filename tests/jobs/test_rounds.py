from collections.abc import Callable

from helpdesk.jobs.rounds import ROUNDS
from helpdesk.kernel.db import session
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import Town


def test_every_round_has_a_name_of_its_own_and_comes_again() -> None:
    assert len({one.name for one in ROUNDS}) == len(ROUNDS)
    assert all(one.every > 0 for one in ROUNDS)


def test_a_broken_promise_is_recorded_by_the_clock(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
) -> None:
    ticket = filed(organization_id=town.school905.id).ticket
    set_clock.forward(hours=5)
    run_jobs()
    session().expire_all()
    assert session().get_one(Ticket, ticket.id).response_breached_at == ticket.first_response_due_at
