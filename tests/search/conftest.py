"""Tickets that a search can find, and nothing that takes long."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from helpdesk.kernel.db import transaction
from helpdesk.search.actions import index_tickets
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import SignIn, Town

Said = Callable[..., Ticket]


@pytest.fixture
def said(town: Town, set_clock: SetClock) -> Said:
    """File a ticket at school 905 with this text and let it be found."""

    def do(text: str, **changes: object) -> Ticket:
        ticket = filed(**{"organization_id": town.school905.id, "text": text, "choice": None} | changes).ticket
        with transaction():
            index_tickets([ticket.id])
        return ticket

    return do


@pytest.fixture
def aigul(town: Town, sign_in: SignIn, set_clock: SetClock) -> FlaskClient:
    return sign_in(town.aigul)
