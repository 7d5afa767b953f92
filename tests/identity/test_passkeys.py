"""Whose passkey answers, from where, to which question, and how often."""

from dataclasses import replace

import pytest

from helpdesk.identity import passkeys
from helpdesk.identity.passkeys import Place, challenge_of
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound, Refused
from tests.conftest import SetClock
from tests.identity.device import PRESENT, Device
from tests.people import Town

HERE = Place("1450.test", "http://1450.test")


@pytest.fixture
def telephone(town: Town, set_clock: SetClock) -> Device:
    """Ерлан's."""
    return added(Device(), town.erlan.id)


def added(device: Device, staff_id: int) -> Device:
    with transaction():
        asked = challenge_of(passkeys.offer(staff_id, HERE))
        passkeys.add(staff_id, HERE, asked, device.makes(asked), "телефон")
    return device


def opens(device: Device, asked: str = "", answer: str = "", staff_id: int | None = None) -> int:
    """Whose session the device opens; 0 for nobody's."""
    asked = asked or challenge_of(passkeys.ask(HERE, staff_id))
    try:
        with transaction():
            return passkeys.opened(HERE, asked, answer or device.answers(asked), staff_id).id
    except Refused:
        return 0


def test_a_passkey_says_who_it_is(telephone: Device, town: Town) -> None:
    assert opens(telephone) == town.erlan.id
    assert opens(telephone, staff_id=town.erlan.id) == town.erlan.id


def test_the_same_answer_opens_once(telephone: Device, town: Town) -> None:
    asked = challenge_of(passkeys.ask(HERE))
    answer = telephone.answers(asked)
    assert opens(telephone, asked, answer) == town.erlan.id
    assert opens(telephone, asked, answer) == 0


def test_an_answer_to_another_question_or_from_another_place_opens_nothing(telephone: Device, town: Town) -> None:
    asked = challenge_of(passkeys.ask(HERE))
    other = challenge_of(passkeys.ask(HERE))
    assert opens(telephone, asked, telephone.answers(other)) == 0
    assert opens(replace(telephone, origin="https://1450.test.evil.example")) == 0
    assert opens(replace(telephone, domain="evil.example")) == 0
    assert opens(telephone, "", "{}") == opens(telephone, "", "no json") == opens(telephone, "", "x" * 30_000) == 0


def test_a_stranger_with_the_name_of_the_key_opens_nothing(telephone: Device, town: Town) -> None:
    assert opens(Device(id=telephone.id)) == 0
    assert opens(Device()) == 0


def test_somebody_elses_passkey_does_not_stand_for_the_code(telephone: Device, town: Town) -> None:
    assert opens(telephone, staff_id=town.asel.id) == 0


def test_without_a_finger_it_is_no_way_in_but_stands_for_the_code(telephone: Device, town: Town) -> None:
    touched = replace(telephone, flags=PRESENT)
    assert opens(touched) == 0
    assert opens(touched, staff_id=town.erlan.id) == town.erlan.id


def test_a_counter_that_goes_back_tells_of_a_copied_key(telephone: Device, town: Town) -> None:
    assert opens(replace(telephone, count=7)) == town.erlan.id
    assert opens(replace(telephone, count=7)) == 0
    assert opens(replace(telephone, count=8)) == town.erlan.id


def test_who_was_sent_away_comes_in_with_no_passkey(telephone: Device, town: Town) -> None:
    with transaction():
        session().merge(town.erlan).active = False
    assert opens(telephone) == 0


def test_a_passkey_is_added_once_and_ten_are_enough(telephone: Device, town: Town) -> None:
    with pytest.raises(Refused, match="known already"):
        added(telephone, town.asel.id)
    for _ in range(9):
        added(Device(), town.erlan.id)
    with pytest.raises(Refused, match="enough"):
        passkeys.offer(town.erlan.id, HERE)
    with pytest.raises(Refused):
        added(Device(origin="https://evil.example"), town.asel.id)


def test_taking_one_away_ends_every_session(telephone: Device, town: Town) -> None:
    before = town.erlan.session_version
    with transaction():
        passkeys.remove(town.erlan.id, passkeys.passkeys_of(town.erlan.id)[0].id)
    assert not passkeys.has_any(town.erlan.id)
    assert session().merge(town.erlan).session_version == before + 1
    assert opens(telephone) == 0


def test_nobody_removes_somebody_elses(telephone: Device, town: Town) -> None:
    theirs = passkeys.passkeys_of(town.erlan.id)[0].id
    with transaction(), pytest.raises(NotFound):
        passkeys.remove(town.asel.id, theirs)
    assert passkeys.has_any(town.erlan.id)
