from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.callbacks.models import Callback
from helpdesk.contacts.models import ContactPhone
from helpdesk.demo.town import build_town
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization
from helpdesk.organizations.rules import Kind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import TicketState

SUNDAY_NIGHT = datetime(2026, 11, 22, 21, 58, tzinfo=UTC)
MONDAY_NOON = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("now", [SUNDAY_NIGHT, MONDAY_NOON])
def test_the_town_is_alive_at_any_hour(app: Flask, now: datetime) -> None:
    with clock.told_by(lambda: now):
        assert build_town(lambda _line: None)
        assert not build_town(lambda _line: None), "nobody builds it twice"
    schools = session().scalars(select(Organization.number).where(Organization.kind == Kind.SCHOOL)).all()
    assert set(schools) == {str(number) for number in range(901, 916)}
    tickets = session().scalars(select(Ticket)).all()
    assert len(tickets) >= 60
    assert all(ticket.created_at <= now for ticket in tickets)
    states = {ticket.state for ticket in tickets}
    assert states >= {TicketState.NEW, TicketState.RESOLVED, TicketState.WAITING_REQUESTER}
    assert {ticket.language for ticket in tickets} >= {"kk", "ru"}
    overdue = [ticket for ticket in tickets if ticket.due_at and ticket.due_at <= now]
    soon = [ticket for ticket in tickets if ticket.due_at and now < ticket.due_at <= now + timedelta(minutes=15)]
    assert overdue
    assert soon
    assert session().scalar(select(func.count()).select_from(Callback)) == 4


def test_nobody_in_the_town_can_be_called_by_mistake(app: Flask) -> None:
    with clock.told_by(lambda: MONDAY_NOON):
        build_town(lambda _line: None)
    numbers = set(session().scalars(select(ContactPhone.number)).all())
    assert numbers
    assert all(number.startswith("+7709") for number in numbers)
