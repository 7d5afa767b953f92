"""Thousands of tickets settled at once by workers that die: `./run prove bulk` takes 5,000, the suite a few."""

import os
from collections import Counter
from random import Random

import pytest
from sqlalchemy import func, select

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import asker
from helpdesk.jobs import bulk as jobs
from helpdesk.kernel import failpoints
from helpdesk.kernel.db import session, transaction
from helpdesk.tickets import bulk
from helpdesk.tickets.bulk_models import BulkAction
from helpdesk.tickets.bulk_rules import BulkVerb, ItemState
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import TicketState
from tests.factories import filed
from tests.figures import show
from tests.people import Town

MANY = int(os.environ.get("PROOF_TICKETS", "30"))
TOLD = "Платформа жөнделді: қайта кіріп көріңіз"
# A worker lives for so many changes on average.
LIFE = 12 if MANY < 100 else 150


class Killed(BaseException):
    """The worker is gone: nothing after it runs, not even what handles errors."""


class Fate:
    """Kills the worker now and then, before or after a commit."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.killed = 0

    def __call__(self) -> None:
        if self.dice.randrange(LIFE) == 0:
            self.killed += 1
            raise Killed

    def work(self, bulk_id: int) -> None:
        """One worker, for as long as it lives."""
        with failpoints.armed("bulk.changed", self), failpoints.armed("bulk.committed", self):
            try:
                jobs.carry_on([bulk_id])
            except Killed:
                session().rollback()


@pytest.mark.usefixtures("set_clock")
@pytest.mark.timeout(1800)
def test_thousands_are_settled_once_each_whoever_dies_and_whoever_stops_it_half_way(town: Town) -> None:
    who = asker(town.aigul.id)
    assert who is not None
    numbers = [filed(organization_id=town.school905.id).ticket.number for _ in range(MANY)]
    with transaction():
        told = {"resolution": "answered", "body": TOLD}
        bulk_id = bulk.begin(who, BulkVerb.RESOLVE, told, numbers).id
    fate = Fate(int(os.environ.get("PROOF_SEED", "1")))

    while bulk.progress([bulk_id])[bulk_id].get(ItemState.DONE, 0) < MANY / 2:
        fate.work(bulk_id)
    with transaction():
        bulk.stop(session().get_one(BulkAction, bulk_id))
    fate.work(bulk_id)
    half = bulk.progress([bulk_id])[bulk_id]
    assert 0 < half[ItemState.WAITING] <= MANY / 2, "stopped: nothing goes on"

    # what a worker was doing when it was stopped is given to another one too
    done_already = list(session().scalars(select(Message.ticket_id).where(Message.body == TOLD)))
    for ticket_id in done_already[:20]:
        with transaction():
            bulk.do(bulk_id, ticket_id)
    with transaction():
        bulk.go_on(session().get_one(BulkAction, bulk_id), staff(town.aigul.id))
    while bulk.progress([bulk_id])[bulk_id].get(ItemState.WAITING, 0):
        fate.work(bulk_id)

    assert +Counter(bulk.progress([bulk_id])[bulk_id]) == {ItemState.DONE: MANY}
    assert fate.killed > 0
    answers = select(Message.ticket_id, func.count()).where(Message.body == TOLD).group_by(Message.ticket_id)
    assert sorted(count for _, count in session().execute(answers)) == [1] * MANY
    resolved = select(JournalEntry.ticket_id, func.count()).where(JournalEntry.kind == "ticket.resolved")
    assert sorted(count for _, count in session().execute(resolved.group_by(JournalEntry.ticket_id))) == [1] * MANY
    states = select(Ticket.state, func.count()).where(Ticket.number.in_(numbers)).group_by(Ticket.state)
    assert dict(session().execute(states).all()) == {TicketState.RESOLVED: MANY}
    show(
        f"{MANY} tickets settled at once, stopped at {half[ItemState.DONE]}",
        [f"workers killed {fate.killed}; answers {MANY}, each once; given out a second time and left alone 20"],
    )
