"""Promises and real processes: a busy line, a worker killed before the dial, a wiped Redis, no Redis for minutes."""

import os
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from flask import Flask

from helpdesk.callbacks.models import Attempt
from helpdesk.callbacks.rules import AttemptState
from helpdesk.kernel.db import session
from helpdesk.launcher.servers import Valkey
from phonesim import Person
from tests.chaos.processes import START, WORKER, House, check, settings_of
from tests.conftest import TestServers
from tests.people import Town

# This one of the twenty talks with somebody else when we first call.
BUSY_ONCE = 3


@pytest.fixture
def house(app: Flask, servers: TestServers, town: Town, tmp_path: Path) -> Iterator[House]:
    valkey = Valkey(tmp_path / "valkey")
    valkey.start()
    # a worker forks a dozen jobs a second, however fast the clock runs: the long proof gives it more time
    speed = 6.0 if "PROOF_SEED" in os.environ else 20.0
    made = House(settings_of(servers.database_url, valkey, tmp_path), valkey, tmp_path, speed)
    made.open([town.aigul, town.svetlana, town.asel])
    yield made
    made.close()
    valkey.stop()


@pytest.mark.timeout(300)
def test_twenty_promises_are_kept_once_each_whatever_happens_to_worker_and_redis(house: House, town: Town):
    numbers = [f"+7709100{place:04d}" for place in range(20)]
    begins = house.now() - START + timedelta(seconds=30)
    for place, number in enumerate(numbers):
        rings = ["busy", 3.0] if place == BUSY_ONCE else [3.0]
        house.network.person(number, Person(rings=rings, keys=["1"], patience=900, talk=8))
        house.promise(town, number, begins + timedelta(seconds=place * 20))

    # the first dial: killed between intent and dial
    marker = house.directory / "stands"
    house.start("worker", WORKER, FAILPOINTS=f"callback.claimed={marker}")
    assert house.live(lambda: marker.exists() and marker.read_text() != "", 30), house.log("worker") + house.log(
        "clock"
    )
    horse = int(marker.read_text())
    assert Path(f"/proc/{horse}/stat").read_text().split(")")[1].split()[0] == "T"
    assert [attempt.state for attempt in session().query(Attempt)] == [AttemptState.INTENT]
    house.kill("worker")
    assert house.live(lambda: not Path(f"/proc/{horse}").exists(), 10)
    house.start("worker", WORKER)

    # everything that Redis knew is gone
    house.live(lambda: False, 2)
    redis.Redis.from_url(house.valkey.url).flushall()
    house.live(lambda: False, 1)

    # no Redis for five minutes, in which ten promises and more fall due
    house.valkey.stop()
    away_since = house.now()
    done_before = sum(callback.ended_at is not None for callback in house.callbacks())
    house.live(lambda: house.now() - away_since >= timedelta(minutes=5), 60)
    kept_without = sum(callback.ended_at is not None for callback in house.callbacks()) - done_before
    assert kept_without >= 8, house.log("clock")
    house.valkey.start()

    assert house.live(house.all_over, 60), house.log("clock") + house.log("worker")
    check(house, numbers)
    rings = {number: house.network.ledger.rings(number) for number in numbers}
    assert [ring.result for ring in rings[numbers[BUSY_ONCE]]] == ["busy", "answered"]
    promised = {callback.number: callback.promised_at for callback in house.callbacks()}
    late = [(rings[number][0].from_at - promised[number]).total_seconds() for number in numbers]
    # two minutes to be sure of the dial that was killed, and what queued up behind it; a slow machine makes it longer
    assert all(-5 < seconds < 600 for seconds in late), late


@pytest.mark.timeout(600)
@pytest.mark.long
def test_fifty_promises_survive_ten_kills_at_random_moments(house: House, town: Town):
    dice = random.Random(int(os.environ["PROOF_SEED"]))
    house.start("worker", WORKER)
    numbers = [f"+7709100{place:04d}" for place in range(50)]
    begins = house.now() - START + timedelta(seconds=30)
    for place, number in enumerate(numbers):
        house.network.person(number, Person(rings=[3.0], keys=["1"], patience=900, talk=8))
        house.promise(town, number, begins + timedelta(seconds=place * 6))
    for _ in range(10):
        house.live(lambda: False, dice.uniform(1, 6))
        if dice.random() < 0.5:
            house.kill_horse()
        else:
            house.kill("worker")
            house.start("worker", WORKER)
    assert house.live(house.all_over, 300), house.log("clock") + house.log("worker")
    check(house, numbers)
