"""A sample of the long proof: `./run prove chaos` lives through 2,000 promises of this kind."""

from flask import Flask

from tests.chaos.harness import World
from tests.people import Town


def test_promises_under_misfortune_are_neither_doubled_nor_lost(app: Flask, town: Town):
    tally = World(app, town, seed=1450, count=25).live()
    assert tally.broken == 0, tally
    assert tally.promises == sum(tally.states.values()) == 25
    assert tally.connected / tally.willing >= 0.9, tally
    # a sample in which nothing went wrong would show nothing
    for fault in ("killed", "asleep", "job_lost", "job_doubled", "duplicate", "drop", "rest_lost"):
        assert tally.faults[fault] > 0, tally.faults
