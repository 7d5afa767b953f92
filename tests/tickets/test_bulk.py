"""Many tickets at once: each once, whoever dies in between, and taken back only where nobody has worked since."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.jobs import bulk as jobs
from helpdesk.kernel import failpoints
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.routing.rules import Queue
from helpdesk.tickets import actions, bulk
from helpdesk.tickets.board import BoardFilter
from helpdesk.tickets.bulk_models import BulkAction, BulkItem
from helpdesk.tickets.bulk_rules import BulkState, BulkVerb, ItemState
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import TicketState
from tests.factories import filed
from tests.people import Town

pytestmark = pytest.mark.usefixtures("set_clock")


class Killed(BaseException):
    """The worker is gone: nothing after it runs, not even what handles errors."""


def who(person: Staff) -> Asker:
    found = asker(person.id)
    assert found is not None
    return found


def tickets(town: Town, many: int) -> list[Ticket]:
    return [filed(organization_id=town.school905.id).ticket for _ in range(many)]


def begun(person: Staff, verb: BulkVerb, chosen: list[Ticket], **arguments: object) -> int:
    with transaction():
        return bulk.begin(who(person), verb, arguments, [one.number for one in chosen]).id


def again(ticket: Ticket) -> Ticket:
    return session().get_one(Ticket, ticket.id, populate_existing=True)


def states(bulk_id: int) -> dict[ItemState, int]:
    return bulk.progress([bulk_id])[bulk_id]


def reasons(person: Staff, bulk_id: int) -> list[tuple[str | None, str]]:
    return list(bulk.left(who(person), session().get_one(BulkAction, bulk_id)))


@contextmanager
def killed_after(name: str, times: int) -> Iterator[None]:
    """The process dies when it comes to `name` for the last of so many times."""
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen == times:
            raise Killed

    with failpoints.armed(name, count), pytest.raises(Killed):
        yield


def test_every_chosen_ticket_is_assigned_and_the_work_is_done(town: Town) -> None:
    chosen = tickets(town, 3)
    bulk_id = begun(town.aigul, BulkVerb.ASSIGN, chosen, staff_id=town.svetlana.id)
    jobs.carry_on([bulk_id])
    assert {again(one).assignee_id for one in chosen} == {town.svetlana.id}
    found = session().get_one(BulkAction, bulk_id, populate_existing=True)
    assert found.state is BulkState.DONE
    assert found.finished_at is not None


@pytest.mark.parametrize("place", ["bulk.changed", "bulk.committed"])
def test_a_worker_killed_half_way_has_done_each_once_or_not_at_all(town: Town, place: str) -> None:
    chosen = tickets(town, 6)
    bulk_id = begun(town.aigul, BulkVerb.NOTE, chosen, body="Платформа жөнделді")
    for _ in range(2):
        with killed_after(place, 2):
            jobs.carry_on([bulk_id])
    assert 0 < states(bulk_id)[ItemState.DONE] < 6
    jobs.carry_on([bulk_id])
    notes = select(Message.ticket_id, func.count()).where(Message.body == "Платформа жөнделді")
    assert dict(session().execute(notes.group_by(Message.ticket_id)).all()) == dict.fromkeys([t.id for t in chosen], 1)


def test_the_same_work_given_to_two_workers_changes_each_ticket_once(town: Town) -> None:
    chosen = tickets(town, 2)
    bulk_id = begun(town.aigul, BulkVerb.QUEUE, chosen, queue="methodological")
    waiting = bulk.next_of(bulk_id)
    jobs.carry_on([bulk_id])
    for ticket_id in waiting:
        with transaction():
            bulk.do(bulk_id, ticket_id)
    moves = select(func.count()).where(JournalEntry.kind == "ticket.rerouted")
    assert session().scalar(moves) == 2


def test_what_was_stopped_goes_on_where_it_was(town: Town) -> None:
    chosen = tickets(town, 4)
    bulk_id = begun(town.aigul, BulkVerb.ASSIGN, chosen, staff_id=town.aigul.id)
    with killed_after("bulk.committed", 2):
        jobs.carry_on([bulk_id])
    with transaction():
        bulk.stop(session().get_one(BulkAction, bulk_id))
    jobs.carry_on([bulk_id])
    assert states(bulk_id)[ItemState.WAITING] == 2
    with transaction():
        bulk.go_on(session().get_one(BulkAction, bulk_id), staff(town.aigul.id))
    jobs.carry_on([bulk_id])
    assert states(bulk_id)[ItemState.DONE] == 4


def test_a_ticket_that_cannot_be_resolved_is_left_with_the_reason_and_holds_up_no_other(town: Town) -> None:
    settled, unsettled = tickets(town, 2)
    by = staff(town.aigul.id)
    with transaction():
        actions.resolve(session().get_one(Ticket, settled.id), actions.Resolution.SOLVED, by)
    bulk_id = begun(town.aigul, BulkVerb.RESOLVE, [settled, unsettled], resolution="answered", body="Жұмыс істейді")
    jobs.carry_on([bulk_id])
    assert again(unsettled).state is TicketState.RESOLVED
    assert reasons(town.aigul, bulk_id) == [(settled.number, "Somebody has done this already")]
    told = session().scalars(select(JournalEntry.kind).where(JournalEntry.ticket_id == settled.id)).all()
    assert told.count("ticket.resolved") == 1


def test_only_what_the_person_may_see_is_chosen_and_rights_lost_meanwhile_count(town: Town) -> None:
    (mine,) = tickets(town, 1)
    foreign = filed(organization_id=town.school911.id).ticket
    with pytest.raises(NotFound):
        begun(town.aigul, BulkVerb.ASSIGN, [foreign], staff_id=None)
    bulk_id = begun(town.aigul, BulkVerb.NOTE, [mine, foreign], body="x")
    assert states(bulk_id)[ItemState.WAITING] == 1
    with transaction():
        session().get_one(Ticket, mine.id).category_code = "C07"
    jobs.carry_on([bulk_id])
    assert reasons(town.aigul, bulk_id) == [(None, jobs.GONE)]


def test_a_whole_view_is_worked_off_in_its_order(town: Town) -> None:
    chosen = tickets(town, 3)
    filed(organization_id=town.school905.id, language="ru")
    with transaction():
        made = bulk.begin(who(town.aigul), BulkVerb.ASSIGN, {"staff_id": None}, wanted=BoardFilter(language="kk"))
    assert list(bulk.next_of(made.id)) == [one.id for one in chosen]


def test_taking_back_restores_what_was_unless_somebody_worked_on_it_since(town: Town) -> None:
    kept, touched = tickets(town, 2)
    with transaction():
        actions.assign(session().get_one(Ticket, kept.id), town.svetlana.id, staff(town.svetlana.id))
    bulk_id = begun(town.aigul, BulkVerb.ASSIGN, [kept, touched], staff_id=town.aigul.id)
    jobs.carry_on([bulk_id])
    with transaction():
        actions.note(session().get_one(Ticket, touched.id), "Ата-анаға қоңырау шалдым", staff(town.aigul.id))
    with transaction():
        undoing = bulk.undo(session().get_one(BulkAction, bulk_id), staff(town.aigul.id)).id
    jobs.carry_on([undoing])
    assert again(kept).assignee_id == town.svetlana.id
    assert again(touched).assignee_id == town.aigul.id
    assert reasons(town.aigul, undoing) == [
        (touched.number, "Somebody has worked on this ticket since: it stays as it is")
    ]
    with pytest.raises(Refused), transaction():
        bulk.undo(session().get_one(BulkAction, bulk_id), staff(town.aigul.id))


def test_a_resolution_taken_back_is_not_a_ticket_opened_again(town: Town) -> None:
    (ticket,) = tickets(town, 1)
    due = again(ticket).resolution_due_at
    bulk_id = begun(town.aigul, BulkVerb.RESOLVE, [ticket], resolution="solved", body="")
    jobs.carry_on([bulk_id])
    assert again(ticket).state is TicketState.RESOLVED
    with transaction():
        undoing = bulk.undo(session().get_one(BulkAction, bulk_id), staff(town.aigul.id)).id
    jobs.carry_on([undoing])
    found = again(ticket)
    assert (found.state, found.reopened, found.resolved_at) == (TicketState.OPEN, 0, None)
    assert found.due_at == due


def test_a_note_is_not_unwritten(town: Town) -> None:
    bulk_id = begun(town.aigul, BulkVerb.NOTE, tickets(town, 1), body="x")
    jobs.carry_on([bulk_id])
    with pytest.raises(Refused), transaction():
        bulk.undo(session().get_one(BulkAction, bulk_id), staff(town.aigul.id))


def test_whoever_stopped_working_here_changes_nothing_any_more(town: Town) -> None:
    (ticket,) = tickets(town, 1)
    bulk_id = begun(town.aigul, BulkVerb.QUEUE, [ticket], queue="methodological")
    with transaction():
        session().get_one(Staff, town.aigul.id).active = False
    jobs.carry_on([bulk_id])
    assert again(ticket).queue is Queue.TECHNICAL
    assert states(bulk_id)[ItemState.LEFT] == 1


def test_somebody_elses_work_does_not_exist(town: Town) -> None:
    bulk_id = begun(town.aigul, BulkVerb.NOTE, tickets(town, 1), body="x")
    with pytest.raises(NotFound):
        bulk.bulk_for(who(town.svetlana), bulk_id)


def test_the_clock_process_gives_running_work_away_and_nothing_else(town: Town, run_jobs: object) -> None:
    bulk_id = begun(town.aigul, BulkVerb.NOTE, tickets(town, 2), body="x")
    assert list(bulk.running()) == [bulk_id]
    run_jobs()  # type: ignore[operator]
    assert list(bulk.running()) == []
    assert session().scalar(select(func.count()).where(BulkItem.state == ItemState.DONE)) == 2
