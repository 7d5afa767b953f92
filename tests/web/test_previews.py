"""The card of a callback: before it is made, while it rings, and what came of it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.callbacks import actions, dialling, previews, queries, settle
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import AttemptResult
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.models import Desk
from helpdesk.organizations.rules import CallbackMode
from helpdesk.telephony import offers, presence
from helpdesk.telephony.models import Offer
from helpdesk.telephony.rules import PresenceState
from tests.callbacks.promises import attempts, due_now, ticket_of
from tests.conftest import SetClock, counted_statements
from tests.people import SignIn, Town


@pytest.fixture
def shown(town: Town, set_clock: SetClock) -> Callback:
    """A callback that is held out to Aigul, who was busy when it was tried the first time."""
    with transaction():
        for desk in session().scalars(select(Desk)):
            desk.callback_mode = CallbackMode.OPERATOR_FIRST
    callback = due_now(ticket_of(town))
    with transaction():
        assert dialling.claim(callback.id) is not None
    with transaction():
        settle.settle(queries.held_by_id(attempts()[0].id), AttemptResult.BUSY)
    set_clock.forward(minutes=6)
    with transaction():
        presence.choose(town.aigul.id, PresenceState.READY)
    with transaction():
        actions.ripen()
        offers.route_waiting(previews.turns)
    return callback


def card(browser: FlaskClient) -> str:
    return browser.get("/calls/card").get_data(as_text=True)


def says_yes(town: Town) -> None:
    with transaction():
        assert previews.accept(session().scalars(select(Offer)).one().token, town.aigul.id, "CAleg") is not None


def test_the_card_says_whom_why_and_what_was_tried(shown: Callback, town: Town, sign_in: SignIn):
    with counted_statements() as sent:
        page = card(sign_in(town.aigul))
    assert len(sent) <= 12, sent
    for words in ("Кері қоңырау", "+7 (709) 000-00-01", "Гүлнар", "бос емес", "1/3", "Осы нөмірге қоңырау шалу"):
        assert words in page, words
    assert "data-answer" in page
    assert f'data-offer="{session().scalars(select(Offer)).one().token}"' in page


def test_nobody_else_is_shown_it(shown: Callback, town: Town, sign_in: SignIn):
    assert "+7 (709) 000-00-01" not in card(sign_in(town.svetlana))


def test_while_it_rings_and_when_nobody_answered_the_bar_says_so(shown: Callback, town: Town, sign_in: SignIn):
    says_yes(town)
    browser = sign_in(town.aigul)
    assert "қоңырау шалынуда" in card(browser)
    with transaction():
        settle.settle(queries.held_by_id(attempts()[-1].id), AttemptResult.NO_ANSWER)
    page = card(browser)
    assert "жауап жоқ" in page
    assert "келесі қоңырау:" in page
    assert '<option value="no_contact" selected>' in page


def test_not_now_offers_it_to_somebody_else(shown: Callback, town: Town, sign_in: SignIn):
    assert sign_in(town.aigul).post("/calls/decline").status_code == 303
    assert session().get_one(Callback, shown.id, populate_existing=True).state.value == "due"
