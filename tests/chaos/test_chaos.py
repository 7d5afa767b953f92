"""A sample of the long proof: `./run prove chaos` lives through 2,000 worlds of this kind."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from phonesim.ledger import Conversation
from tests.chaos.harness import worlds
from tests.chaos.naive import NaiveWorld
from tests.chaos.tally import doubled_talks
from tests.people import Town


@pytest.mark.timeout(3600)
def test_promises_under_misfortune_are_neither_doubled_nor_lost(app: Flask, town: Town):
    run, each = int(os.environ.get("PROOF_SEED", "29")), int(os.environ.get("PROOF_WORLDS", "6"))
    total = worlds(app, town, range(run * each, (run + 1) * each))
    assert total.broken == 0, total
    assert total.promises == sum(total.states.values())
    assert total.connected / total.willing >= 0.8, total
    # a day on which nothing went wrong would show nothing
    for fault in ("killed", "job_lost", "job_doubled", "duplicate", "drop"):
        assert total.faults[fault] > 0, total.faults
    if "PROOF_TALLY" in os.environ:
        total.keep(Path(os.environ["PROOF_TALLY"]))


@pytest.mark.timeout(3600)
def test_the_naive_order_of_call_and_then_record_doubles_conversations(app: Flask, town: Town):
    run, each = int(os.environ.get("PROOF_SEED", "0")), int(os.environ.get("PROOF_WORLDS", "10"))
    total = worlds(app, town, range(run * each, (run + 1) * each), NaiveWorld, must_hold=False)
    print(total.summary("naive"))
    assert total.doubled + total.overlapping_rings > 0, total


@pytest.mark.parametrize(
    ("own", "doubled"),
    [
        ([False], 0),
        ([False, False], 1),
        ([False, False, False], 2),
        ([True, False], 1),
        ([False, True], 0),
        ([True, True], 0),
        ([], 0),
    ],
)
def test_what_counts_as_a_doubled_conversation(own: list[bool], doubled: int):
    begins = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    talks = [
        Conversation(place, "+77090000001", "client:op_1", f"CA{place}", f"CB{place}", f"CF{place}", begins)
        for place in range(len(own))
    ]
    assert doubled_talks(talks, {f"CA{place}" for place, theirs in enumerate(own) if theirs}) == doubled
