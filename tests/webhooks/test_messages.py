"""What becomes of an SMS, told by the carrier."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from helpdesk.kernel import settings
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications import actions, sending
from helpdesk.notifications.letters import filled
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rules import Kind, LetterState
from tests.exchange import Exchange, exchange
from tests.factories import filed
from tests.people import GULNAR_PHONE, Town
from tests.webhooks.signed import Carrier

__all__ = ["exchange"]

# By day: in the evening an SMS waits for the morning.
pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def sends(app: Flask) -> Iterator[None]:
    """A house that sends its SMS instead of keeping them."""
    house = settings.current()
    settings.install(house.model_copy(update={"mail_kept": False}))
    yield
    settings.install(house)


def sent() -> int:
    """An SMS that the carrier took."""
    ticket = filed(phones=(GULNAR_PHONE,)).ticket
    with transaction():
        letter_id = actions.write(Kind.OPENED, ticket, "sms") or 0
    with transaction():
        sending.claim(letter_id)
    with transaction():
        sending.settle(letter_id, sending.Outcome(LetterState.SENT, provider_sid="SM1"))
    return letter_id


def state(letter_id: int) -> LetterState:
    session().expire_all()
    return session().get_one(Letter, letter_id).state


@pytest.mark.usefixtures("sends")
def test_an_sms_leaves_through_the_carrier_once_and_is_known_to_have_arrived(
    town: Town, exchange: Callable[..., Exchange]
) -> None:
    network = exchange().network
    ticket = filed(phones=(GULNAR_PHONE,)).ticket
    network.clock.run_for(30)
    letters = session().query(Letter).order_by(Letter.id).all()
    assert [letter.state for letter in letters] == [LetterState.DELIVERED] * 2
    texts = [message.body for message in network.messages.values()]
    assert sorted(texts) == sorted(filled(letter.body, ticket.id) for letter in letters)
    assert all(ticket.number in text for text in texts)


def test_a_report_without_a_signature_is_refused(app: Flask, town: Town) -> None:
    letter_id = sent()
    answer = Carrier(app).post(f"/twilio/message/status?letter={letter_id}", sign=False, MessageStatus="delivered")
    assert answer.status_code == 403
    assert state(letter_id) is LetterState.SENT


def test_an_sms_that_did_not_arrive_counts_as_failed(app: Flask, town: Town) -> None:
    letter_id = sent()
    path = f"/twilio/message/status?letter={letter_id}"
    assert Carrier(app).told(path, MessageStatus="undelivered", ErrorCode="30003") == 204
    assert state(letter_id) is LetterState.FAILED
    assert session().get_one(Letter, letter_id).error == "30003"


def test_a_report_about_nothing_of_ours_changes_nothing(app: Flask, town: Town) -> None:
    letter_id = sent()
    assert Carrier(app).told("/twilio/message/status?letter=999999", MessageStatus="delivered") == 204
    assert state(letter_id) is LetterState.SENT


@pytest.mark.parametrize(
    "path", ["/twilio/message/status", "/twilio/message/status?letter=x", "/twilio/message/status?letter=0"]
)
def test_a_report_that_names_no_letter_is_mangled(app: Flask, town: Town, path: str) -> None:
    assert Carrier(app).told(path, MessageStatus="delivered") == 400


def test_a_report_without_a_status_is_mangled(app: Flask, town: Town) -> None:
    assert Carrier(app).told(f"/twilio/message/status?letter={sent()}") == 400
