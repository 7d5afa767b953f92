"""The supervisors' list of numbers that are turned away or never rung."""

import pytest

from helpdesk.kernel.db import session
from helpdesk.telephony import number_rules
from helpdesk.telephony.conversation_models import NumberEntry
from tests.people import SignIn, Town

RUDE = "+77090000666"


def test_a_supervisor_blocks_a_number_and_lifts_it_again(sign_in: SignIn, town: Town) -> None:
    browser = sign_in(town.erlan)
    assert "Нет номеров с правилом" in browser.get("/numbers").text
    form = {"number": "8 709 000 06 66", "rule": "blocked", "reason": "оскорбляет", "days": "7"}
    assert browser.post("/numbers", data=form).status_code == 303
    assert number_rules.is_blocked(RUDE, town.school905.id)
    page = browser.get("/numbers").text
    assert "+7 (709) 000-06-66" in page
    assert "оскорбляет" in page
    entry = session().query(NumberEntry).one()
    assert browser.post(f"/numbers/{entry.id}/lift").status_code == 303
    assert not number_rules.is_blocked(RUDE, town.school905.id)


@pytest.mark.parametrize(
    "form",
    [{"number": "1450"}, {"reason": " "}, {"rule": "eaten"}],
    ids=["service number", "no reason", "no such rule"],
)
def test_what_was_typed_survives_a_refusal(sign_in: SignIn, town: Town, form: dict[str, str]) -> None:
    given = {"number": RUDE, "rule": "do_not_call", "reason": "сұрады", "days": ""} | form
    answer = sign_in(town.erlan).post("/numbers", data=given)
    assert answer.status_code == 422
    assert f'value="{given["number"]}"' in answer.text
    assert session().query(NumberEntry).count() == 0


def test_operators_do_not_block_and_neighbours_do_not_lift(sign_in: SignIn, town: Town) -> None:
    assert sign_in(town.aigul).get("/numbers").status_code == 403
    sign_in(town.asel).post("/numbers", data={"number": RUDE, "rule": "blocked", "reason": "шулер", "days": ""})
    entry = session().query(NumberEntry).one()
    assert sign_in(town.erlan).post(f"/numbers/{entry.id}/lift").status_code == 404
    assert RUDE[-4:] not in sign_in(town.erlan).get("/numbers").text.replace(" ", "")
