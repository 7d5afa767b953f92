"""First come, first served, on the line or at home: `./run prove order` has five hundred people wait."""

import os

import pytest
from flask import Flask

from tests.figures import show
from tests.order.crowd import Crowd, Size
from tests.people import Town

PROOF = "PROOF_SEED" in os.environ
# The suite lives through the way of most desks; the proof through both.
MODES = {"operator first": True, "telephone first": False}


@pytest.mark.timeout(0)
@pytest.mark.parametrize("operator_first", MODES.values(), ids=MODES)
def test_nobody_is_served_before_somebody_who_came_earlier_to_the_same_line(
    app: Flask, town: Town, operator_first: bool
):
    size = Size(500, 20, operator_first, int(os.environ["PROOF_SEED"])) if PROOF else Size(24, 4, operator_first)
    crowd = Crowd(app, town, size)
    try:
        order = crowd.live()
    finally:
        crowd.close()
    mode = "an operator first" if operator_first else "the telephone first"
    show(f"{size.people} in one line, {mode}", order.lines())
    assert len(order.served) == order.waited
    assert order.struck["Redis flushed"] == 1
    assert sum(one.called_back for one in order.served) >= size.people // 4
    assert order.overtaken() == []
