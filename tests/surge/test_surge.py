"""A sample of the surge: `./run prove surge` lives through the whole day."""

import os

import pytest
from flask import Flask

from tests.people import Town
from tests.surge.day import Day, Load

LOADS = {
    "sample": Load(a_day=1000, operators=6, minutes=15),
    # a first remote day: 1,339 calls in the busy hour
    "1": Load(a_day=7440, operators=40, minutes=9 * 60),
    # the same forty operators, 3,000 calls in an hour
    "2": Load(a_day=16667, operators=40, minutes=60),
}


@pytest.mark.timeout(0)
def test_on_a_day_when_everybody_calls_every_call_ends_in_one_outcome(app: Flask, town: Town):
    day = Day(app, town, LOADS[os.environ.get("PROOF_SEED", "sample")])
    try:
        lived = day.live()
    finally:
        day.close()
    print("\n".join(["", *lived.lines()]))
    assert lived.without_outcome == 0
    assert sum(lived.outcomes.values()) == lived.dialled
    assert sum(lived.other.values()) <= 0.005 * lived.offered
    assert lived.in_two_talks == 0
    assert lived.overlapping_rings == 0
