"""Short messages on their way to a telephone: counted where they arrive, at the far end of the network."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from helpdesk.kernel import clock, failpoints, settings
from helpdesk.kernel.db import db, session, transaction
from helpdesk.notifications import actions
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rules import Kind, LetterState, Medium
from helpdesk.tickets.models import Ticket
from phonesim import Faults, Person
from phonesim.messages import Message
from tests.exchange import MORNING, Exchange, exchange
from tests.factories import filed
from tests.people import ELENA_PHONE, GULNAR_PHONE, SignIn, Town

__all__ = ["exchange"]

Open = Callable[..., Exchange]
ALMATY = ZoneInfo("Asia/Almaty")

pytestmark = pytest.mark.usefixtures("sends")


@pytest.fixture
def sends(app: Flask) -> Iterator[None]:
    """A house that sends its SMS instead of keeping them."""
    house = settings.current()
    settings.install(house.model_copy(update={"mail_kept": False}))
    yield
    settings.install(house)


def asked(town: Town, language: str = "kk", number: str = GULNAR_PHONE) -> Ticket:
    """A parent's form at school 905; nothing is written about it by itself."""
    return filed(phones=(number,), language=language, organization_id=town.school905.id, answer_by="phone").ticket


def say(ticket: Ticket, key: str, kind: Kind = Kind.NEED_INFO, **told: object) -> None:
    with transaction():
        actions.write(kind, session().get_one(Ticket, ticket.id), key, **told)


def sms(kind: Kind | None = None) -> list[Letter]:
    session().rollback()
    session().expire_all()
    rows = session().query(Letter).filter_by(medium=Medium.SMS).order_by(Letter.id).all()
    return [row for row in rows if kind is None or row.template == kind]


def texts(house: Exchange, words: str = "") -> list[Message]:
    return [message for message in house.network.messages.values() if words in message.body]


def local(moment: datetime) -> tuple[int, int, int]:
    there = moment.astimezone(ALMATY)
    return there.day, there.hour, there.minute


# ── what is said, and what it costs ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [("kk", GULNAR_PHONE, "өтініш"), ("ru", ELENA_PHONE, "обращение"), ("en", GULNAR_PHONE, "request")],
)
def test_an_sms_speaks_the_language_of_the_ticket_and_costs_what_was_counted(
    exchange: Open, town: Town, language: str, number: str, words: str
) -> None:
    house = exchange()
    asked(town, language, number)
    house.clock.run_for(30)
    kept = {letter.provider_sid: letter for letter in sms()}
    assert {letter.template for letter in kept.values()} == {"ticket_opened", "ticket_secret"}
    for message in texts(house):
        assert words in message.body
        assert message.to == number
        assert kept[message.sid].segments == message.segments
        assert kept[message.sid].state is LetterState.DELIVERED
    assert len(texts(house)) == 2


def test_parts_are_counted_on_the_text_that_leaves_and_not_on_the_one_that_is_kept(exchange: Open, town: Town) -> None:
    exchange()
    ticket = asked(town, "en")
    say(ticket, "secret", Kind.SECRET)
    letter = sms(Kind.SECRET)[0]
    assert "⟦" in letter.body, "the kept text has marks that no GSM alphabet knows"
    assert letter.segments == 1


# ── quiet hours ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_sms_of_the_night_waits_for_the_morning(exchange: Open, town: Town) -> None:
    house = exchange(start=MORNING.replace(hour=16), quiet=600)  # 21:00 in Almaty
    say(asked(town), "question")
    house.clock.run_for(3600)
    assert texts(house) == []
    [question] = sms(Kind.NEED_INFO)
    assert (question.state, question.attempts, local(question.next_attempt_at)) == (LetterState.PENDING, 0, (24, 9, 0))
    house.clock.run_until(MORNING + timedelta(hours=23, minutes=20))
    assert {local(message.created_at)[:2] for message in texts(house)} == {(24, 9)}
    assert sms(Kind.NEED_INFO)[0].state is LetterState.DELIVERED


def test_a_try_that_falls_into_the_night_waits_too(exchange: Open, town: Town) -> None:
    house = exchange(start=MORNING.replace(hour=14, minute=59, second=30), faults=Faults(rest_500=1.0))
    asked(town)
    house.clock.run_for(25)
    assert {letter.attempts for letter in sms()} == {1}
    house.network.faults = Faults()
    house.clock.run_for(3600)
    assert texts(house) == []
    assert {local(letter.next_attempt_at) for letter in sms()} == {(24, 9, 0)}


def test_an_alarm_wakes_the_supervisor(exchange: Open, town: Town) -> None:
    house = exchange(start=MORNING.replace(hour=20))  # 01:00 in Almaty
    ticket = asked(town)
    with transaction():
        town.erlan.mobile = "+77010000001"
        actions.alert(town.erlan, session().get_one(Ticket, ticket.id), "alarm:1", clock.now())
    house.clock.run_for(30)
    assert [message.to for message in house.network.messages.values()] == ["+77010000001"]


# ── once, and not never ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_text_to_the_same_number_leaves_once_within_ten_minutes(exchange: Open, town: Town) -> None:
    house = exchange()
    ticket = asked(town)
    for key in ("first", "second"):
        say(ticket, key)
    house.clock.run_for(60)
    say(ticket, "third")
    house.clock.run_for(60)
    assert [letter.state for letter in sms(Kind.NEED_INFO)] == [
        LetterState.DELIVERED,
        LetterState.DOUBLED,
        LetterState.DOUBLED,
    ]
    assert len(texts(house, "нақтылау")) == 1
    house.clock.run_for(600)
    say(ticket, "much later")
    house.clock.run_for(60)
    assert len(texts(house, "нақтылау")) == 2


def test_another_number_and_another_ticket_are_other_texts(exchange: Open, town: Town) -> None:
    house = exchange()
    for number in (GULNAR_PHONE, ELENA_PHONE):
        say(asked(town, number=number), f"question:{number}")
    say(asked(town), "of another matter")
    house.clock.run_for(60)
    assert len(texts(house, "нақтылау")) == 3


def test_what_was_written_twice_in_the_night_leaves_once_in_the_morning(exchange: Open, town: Town) -> None:
    house = exchange(start=MORNING.replace(hour=16), quiet=600)
    ticket = asked(town)
    say(ticket, "evening")
    house.clock.run_for(5 * 3600)
    say(ticket, "night")
    house.clock.run_until(MORNING + timedelta(hours=23, minutes=20))
    assert len(texts(house, "нақтылау")) == 1


@pytest.mark.parametrize("faults", [Faults(rest_429=1.0), Faults(rest_500=1.0)])
def test_a_carrier_that_refuses_for_a_while_gets_it_later(exchange: Open, town: Town, faults: Faults) -> None:
    house = exchange(faults=faults)
    asked(town)
    house.clock.run_for(30)
    assert texts(house) == []
    assert {(letter.state, letter.attempts) for letter in sms()} == {(LetterState.PENDING, 1)}
    house.network.faults = Faults()
    house.clock.run_for(120)
    assert len(texts(house)) == 2
    assert {letter.state for letter in sms()} == {LetterState.DELIVERED}


def test_an_sms_whose_answer_was_lost_leaves_once(exchange: Open, town: Town) -> None:
    house = exchange(faults=Faults(rest_lost=1.0))
    asked(town)
    house.clock.run_for(600)
    assert len(texts(house)) == 2
    assert {(letter.state, letter.attempts) for letter in sms()} == {(LetterState.DELIVERED, 1)}


class Crash(BaseException):
    """The process is gone."""


def test_a_sender_that_dies_after_the_carrier_took_it_is_not_followed_by_a_second_text(
    exchange: Open, town: Town
) -> None:
    house = exchange()
    died: list[int] = []

    def crash() -> None:
        if len(died) < 2:
            died.append(1)
            raise Crash

    def work(name: str, ids: list[int]) -> bool:
        def run() -> None:
            with house.app.app_context(), suppress(Crash):
                house.dispatcher.jobs[name](ids)
            db.session.remove()

        house.clock.after(0.05, run)
        return True

    house.enqueue = work
    with failpoints.armed("letter.left", crash):
        asked(town)
        house.clock.run_for(900)
    assert len(died) == 2
    assert len(texts(house)) == 2
    assert {letter.state for letter in sms()} == {LetterState.DELIVERED}


# ── refused for good ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("person", "code"),
    [(Person(refused=21610), "21610"), (Person(texts="undelivered", text_error=30003), "30003")],
)
def test_a_refusal_for_good_is_seen_on_the_ticket_and_not_tried_again(
    exchange: Open, town: Town, sign_in: SignIn, person: Person, code: str
) -> None:
    house = exchange()
    house.network.person(GULNAR_PHONE, person)
    ticket = asked(town)
    house.clock.run_for(3600)
    assert {(letter.state, letter.attempts) for letter in sms()} == {(LetterState.FAILED, 1)}
    page = sign_in(town.svetlana).get(f"/tickets/{ticket.number}").text
    assert f"Не доставлено: SMS, Зарегистрировано, {code}" in page
