"""A sample of the surge: `./run prove surge` lives through the whole day."""

import os

import pytest
from flask import Flask

from tests.figures import show
from tests.people import Town
from tests.surge.day import Day, Load

LOADS = {
    "sample": Load(a_day=1000, operators=6, minutes=6),
    # a first remote day: 1,339 calls in the busy hour
    "1": Load(a_day=7440, operators=40, minutes=9 * 60, hears_after=3.0),
    # its busy hour alone
    "hour": Load(a_day=7440, operators=40, minutes=60),
    # the same forty operators, 3,000 calls in an hour
    "2": Load(a_day=16667, operators=40, minutes=60),
}


@pytest.mark.timeout(0)
def test_on_a_day_when_everybody_calls_every_call_ends_in_one_outcome(app: Flask, town: Town):
    load = LOADS[os.environ.get("PROOF_SEED", "sample")]
    day = Day(app, town, load)
    try:
        lived = day.live()
    finally:
        day.close()
    show(f"{load.a_day} calls a day, {load.operators} operators, {load.minutes} minutes", lived.lines())
    calls = lived.day.calls
    assert lived.unended == 0
    assert lived.day.counts["received"] == lived.dialled
    assert calls.offered == calls.handled + calls.abandoned + calls.callback + calls.voicemail + calls.other
    assert calls.other <= 0.005 * calls.offered
    assert lived.in_two_talks == 0
    assert lived.overlapping_rings == 0
