"""Two tickets that became one are one in every figure."""

from datetime import date

from helpdesk.audit.actor import staff
from helpdesk.identity.queries import asker
from helpdesk.kernel.db import session, transaction
from helpdesk.reports.queries import Behind, figure_list, sla_report
from helpdesk.reports.rules import By, Period
from helpdesk.tickets import actions, merging
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import GULNAR_PHONE, Town

WEEK = Period(date(2026, 11, 23), date(2026, 11, 29))


def test_a_merged_ticket_is_counted_with_the_one_that_stays_and_its_breach_too(town: Town, set_clock: SetClock) -> None:
    who = asker(town.erlan.id)
    assert who is not None
    ids = [filed(organization_id=town.school905.id, phones=(GULNAR_PHONE,)).ticket.id for _ in range(2)]
    set_clock.forward(days=3)
    with transaction():
        while actions.mark_breaches():
            pass
    assert sla_report(who, WEEK, By.DESK).total.figure("response_breached") == 2
    with transaction():
        merging.merge(*(session().get_one(Ticket, id_) for id_ in ids), staff(town.erlan.id))
    total = sla_report(who, WEEK, By.DESK).total
    assert (total.figure("tickets"), total.figure("response_breached")) == (1, 1)
    listed = figure_list(who, WEEK, Behind("response_breached", By.DESK, None))
    assert (listed.count, [one.id for one in listed.tickets]) == (1, ids[1:])
    with transaction():
        merging.take_apart(*(session().get_one(Ticket, id_) for id_ in ids), staff(town.erlan.id))
    assert sla_report(who, WEEK, By.DESK).total.figure("response_breached") == 2
