"""A sample of the morning after: `./run prove morning` calls two thousand people back from nine o'clock on."""

import os

import pytest
from flask import Flask

from tests.figures import show
from tests.order.morning import Morning, Promised
from tests.people import Town

PROOF = "PROOF_SEED" in os.environ
# The suite lives through the way in which somebody who picks up might have to wait; the proof through both.
MODES = {"telephone first": False} | ({"operator first": True} if PROOF else {})


@pytest.mark.timeout(0)
@pytest.mark.parametrize("operator_first", MODES.values(), ids=MODES)
def test_thousands_promised_for_the_opening_are_called_as_operators_and_the_account_allow(
    app: Flask, town: Town, operator_first: bool
):
    seed = int(os.environ.get("PROOF_SEED", "1"))
    load = Promised(2000, 40, operator_first, seed) if PROOF else Promised(16, 4, operator_first)
    morning = Morning(app, town, load)
    try:
        curve = morning.live()
    finally:
        morning.close()
    mode = "an operator first" if operator_first else "the telephone first"
    show(f"{load.people} promised for the opening, {load.operators} operators, {mode}", curve.lines())
    assert curve.early == 0
    assert curve.open == 0
    assert curve.reached >= 0.99 * curve.promised
    assert curve.in_two_talks == 0
    # the account's calls of a minute, and the bucket that was full when the minute began
    assert curve.most_in_a_minute <= 60 * curve.rate + 1
    # nobody is called without an operator now or in a moment
    assert curve.most_at_once <= load.operators
