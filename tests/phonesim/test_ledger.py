"""The ledger counts what far ends lived, and survives a restart."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from phonesim import Ledger

START = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)


class Watch:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def later(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def watch():
    return Watch()


def test_rings_one_after_the_other_do_not_overlap(watch):
    ledger = Ledger(watch)
    for sid in ("CA1", "CA2"):
        ledger.ring_began(sid, "+77090000001")
        watch.later(10)
        ledger.ring_ended(sid, "busy")
    assert [ring.result for ring in ledger.rings("+77090000001")] == ["busy", "busy"]
    assert ledger.overlapping_rings() == []


def test_two_bells_at_once_overlap_only_on_the_same_telephone(watch):
    ledger = Ledger(watch)
    ledger.ring_began("CA1", "+77090000001")
    watch.later(5)
    ledger.ring_began("CA2", "+77090000001")
    ledger.ring_began("CA3", "+77090000002")
    [(one, other)] = ledger.overlapping_rings()
    assert (one.sid, other.sid) == ("CA1", "CA2")
    assert ledger.overlapping_rings("+77090000002") == []


def test_somebody_in_two_conversations_at_once_is_found(watch):
    ledger = Ledger(watch)
    ledger.met(("CA1", "a"), ("CA2", "op"), "one")
    watch.later(5)
    ledger.met(("CA3", "b"), ("CA4", "op"), "two")
    assert len(ledger.overlapping_conversations("op")) == 1
    assert ledger.overlapping_conversations("a") == []


def test_the_same_two_in_the_same_place_are_one_conversation(watch):
    ledger = Ledger(watch)
    ledger.met(("CA1", "a"), ("CA2", "op"), "one")
    ledger.met(("CA2", "op"), ("CA1", "a"), "one")
    watch.later(30)
    ledger.parted("CA1", "one")
    [talk] = ledger.conversations("a")
    assert talk.to_at == START + timedelta(seconds=30)


def test_a_ledger_in_a_file_goes_on_after_a_crash(watch, tmp_path):
    file = tmp_path / "deep" / "ledger.jsonl"
    first = Ledger(watch, file)
    first.leg_began("CA1", "+77090000001", "outbound-api", "queued")
    first.ring_began("CA1", "+77090000001")
    first.ring_ended("CA1", "answered")
    first.met(("CA1", "+77090000001"), ("CA2", "client:op_7"), "c")
    first.texted("SM1", "1450", "+77090000001", "Сәлем")
    first.ring_began("CA9", "+77090000009")
    with file.open("a") as cut:
        cut.write('{"kind": "ring", "id": 99, "si')
    watch.later(60)
    second = Ledger(watch, file)
    assert [ring.result for ring in second.rings()] == ["answered", "lost"]
    [talk] = second.conversations("+77090000001")
    assert (talk.result, talk.to_at) == ("lost", START + timedelta(seconds=60))
    assert [text.body for text in second.messages()] == ["Сәлем"]
    second.ring_began("CA2", "+77090000001")
    assert len(second.rings("+77090000001")) == 2
    assert len({ring.id for ring in second.rings()}) == 3


def test_the_ledger_reads_as_json(watch):
    ledger = Ledger(watch)
    ledger.ring_began("CA1", "+77090000001")
    read = json.loads(json.dumps(ledger.as_json()))
    assert read["rings"][0]["from_at"] == "2026-09-01T04:00:00+00:00"
    assert set(read) == {"legs", "rings", "conversations", "stays", "messages"}
