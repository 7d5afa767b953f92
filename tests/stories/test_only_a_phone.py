"""Somebody who has only a telephone: how long it takes, and what can be had when nobody answers."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from helpdesk.audit.models import JournalEntry
from helpdesk.callbacks.models import Callback
from helpdesk.identity.queries import asker
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk, DeskHours
from helpdesk.sla import queries as calendars
from helpdesk.telephony import number_rules
from helpdesk.telephony.conversation_rules import NumberRule
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState, Outcome
from phonesim import CallHandle, Person
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, Town

STRANGER = "+77090000077"


@pytest.fixture
def closed_on_monday(town: Town) -> Town:
    with transaction():
        session().execute(delete(DeskHours).where(DeskHours.weekday == 0))
        session().get_one(Desk, town.city.id).dials_service_numbers = True
    desks.forget()
    calendars.forget()
    return town


def words(caller: CallHandle) -> float:
    """Seconds of everything that was said to a caller, without the music."""
    return sum(heard.seconds for heard in caller.heard if "music" not in heard.url)


def the_call() -> Call:
    Hotline.look_again()
    return session().scalars(select(Call)).one()


def test_a_callback_is_confirmed_within_ninety_seconds_of_kazakh_prompts(hotline: Hotline, town: Town) -> None:
    """Every prompt is heard to its end: greeting, notice, both menus, place and wait, the offer, the confirmation."""
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", "1", listens=True)
    hotline.until(lambda: caller.over)
    assert the_call().outcome is Outcome.CALLBACK_REQUESTED
    assert session().scalars(select(Callback.number)).one() == GULNAR_PHONE
    languages = {heard.url.split("/")[-2] for heard in caller.heard if "P00" not in heard.what}
    assert languages <= {"kk", "any"}
    print(f"from dialling to the confirmed callback: {words(caller):.1f} s of prompts")
    assert 40 < words(caller) <= 90


def test_who_presses_early_has_the_callback_within_a_minute(hotline: Hotline, town: Town) -> None:
    began = hotline.clock.now()
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", "1")
    hotline.until(lambda: caller.over)
    assert the_call().outcome is Outcome.CALLBACK_REQUESTED
    assert hotline.clock.now() - began < timedelta(seconds=60)


def test_a_caller_in_danger_talks_with_112_and_the_supervisors_know(hotline: Hotline, closed_on_monday: Town) -> None:
    hotline.network.person("112", Person(rings=[4.0], talk=None))
    caller = hotline.dial(GULNAR_PHONE, "1", "0", "1", talk=40)
    hotline.until(lambda: caller.in_conversation)
    hotline.until(lambda: caller.over)
    hotline.run(5)
    [talk] = hotline.network.ledger.conversations("112")
    assert {talk.one, talk.other} == {GULNAR_PHONE, "112"}
    assert (the_call().state, the_call().outcome) == (CallState.ENDED, Outcome.SELF_SERVED)
    assert the_call().danger_at is not None
    alarmed = session().scalars(select(JournalEntry).where(JournalEntry.kind == "alarm.raised")).all()
    assert {entry.details["staff_id"] for entry in alarmed} == {closed_on_monday.asel.id}


def test_when_112_is_busy_its_number_is_spoken_and_a_message_can_be_left(
    hotline: Hotline, closed_on_monday: Town
) -> None:
    hotline.network.person("112", Person(rings=["busy"]))
    caller = hotline.dial(GULNAR_PHONE, "1", "0", "1", "1")
    hotline.until(lambda: caller.over)
    said = [name.split("-")[0] for name in caller.prompts]
    assert said.index("P41") < said.index("P42") < said.index("P15")
    assert the_call().outcome is Outcome.VOICEMAIL
    assert hotline.network.ledger.conversations("112") == []


def test_a_blocked_telephone_never_gets_through(hotline: Hotline, town: Town) -> None:
    me = asker(town.asel.id)
    assert me is not None
    with transaction():
        number_rules.add(me, STRANGER, NumberRule.BLOCKED, "спам")
    caller = hotline.dial(STRANGER, "1", "1", "1")
    hotline.run(5)
    assert caller.over
    assert caller.heard == []
    assert caller.status == "busy"
    assert the_call().outcome is Outcome.REJECTED


def test_who_presses_nothing_at_a_closed_desk_is_called_back_all_the_same(
    hotline: Hotline, closed_on_monday: Town
) -> None:
    caller = hotline.dial(STRANGER)
    hotline.until(lambda: caller.over)
    assert the_call().outcome is Outcome.CALLBACK_REQUESTED
    made = session().scalars(select(Callback)).one()
    assert (made.number, made.origin) == (STRANGER, "closed")
    assert made.not_before is not None
    assert made.not_before.date().isoformat() == "2026-11-24"
