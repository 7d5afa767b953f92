"""The call flow as data: every step has a way on for people who press nothing."""

import pytest

from helpdesk.telephony.menu import ATTEMPTS, DEFAULTS, KEYS, QUEUES, Do, Next, Step, Topic, next_step

STEPS = list(Step)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_asks_again_once_and_then_goes_on_by_itself(step: Step) -> None:
    assert next_step(step, "", 1) == Next(Do.AGAIN)
    assert next_step(step, "", ATTEMPTS) == DEFAULTS[step]
    assert next_step(step, "8", ATTEMPTS + 5) == DEFAULTS[step]


@pytest.mark.parametrize("step", STEPS)
def test_star_repeats_everywhere_and_leads_back_from_a_submenu(step: Step) -> None:
    assert next_step(step, "*", 1) == Next(Do.BACK if step is Step.TECHNICAL else Do.REPEAT)


def test_the_keys_are_those_of_the_prompts() -> None:
    assert [KEYS[Step.LANGUAGE][key].value for key in "123"] == ["kk", "ru", "en"]
    assert [KEYS[Step.MENU][key].do for key in "0123459"] == [
        Do.QUEUE, Do.TECHNICAL, Do.QUEUE, Do.QUEUE, Do.STATUS, Do.QUEUE, Do.UNRECORDED,
    ]  # fmt: skip
    for step in (Step.WAITING, Step.CALLBACK):
        assert [KEYS[step][key].do for key in "1234"] == [Do.CALL_ME, Do.ANOTHER_NUMBER, Do.STAY, Do.VOICEMAIL]
    assert [KEYS[Step.CLOSED][key].do for key in "1230"] == [
        Do.VOICEMAIL, Do.CALL_ME, Do.ANOTHER_NUMBER, Do.DANGER,
    ]  # fmt: skip


def test_zero_leads_to_an_operator_wherever_there_is_one() -> None:
    reached = {step: KEYS[step].get("0") for step in STEPS}
    assert {step for step, does in reached.items() if does and does.do in (Do.QUEUE, Do.STAY)} == {
        Step.LANGUAGE, Step.MENU, Step.TECHNICAL, Step.WAITING, Step.CALLBACK,
    }  # fmt: skip


def test_nobody_is_connected_to_an_emergency_service_without_a_key() -> None:
    assert Do.CONNECT not in {does.do for does in DEFAULTS.values()}


def test_every_topic_has_a_queue_and_every_queue_key_a_topic() -> None:
    assert set(QUEUES) == set(Topic)
    named = [step.value for keys in KEYS.values() for step in keys.values() if step.do is Do.QUEUE]
    assert {Topic(name) for name in named} == set(Topic)
