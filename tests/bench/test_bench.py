"""The figures can be measured: a small year is dealt, every figure gets right answers. `./run bench` says how fast."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Two databases are filled and many servers started; on a machine that does other things too this takes its time.
pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ("create_by_form", "voice_webhook", "board", "ticket", "views", "merge_picker")
RUN = [sys.executable, "-m", "bench", "--tickets", "200"]


@pytest.fixture(scope="module")
def grounds() -> Iterator[Path]:
    """Where the servers of these runs keep their files: the database is filled once."""
    # not below pytest's own folder: it is private, and PostgreSQL runs as somebody else
    at = Path(tempfile.mkdtemp(prefix="helpdesk-bench-"))
    at.chmod(0o755)
    yield at
    shutil.rmtree(at, ignore_errors=True)


@pytest.fixture(scope="module")
def measured(grounds: Path) -> tuple[str, dict[str, Any]]:
    """What a run of a few requests printed and kept."""
    return _measure(grounds, *FIGURES, "mail", "--requests", "3", "--clients", "1,2", "--seconds", "1")


@pytest.fixture(scope="module")
def phone(grounds: Path) -> tuple[str, dict[str, Any]]:
    """The same of the telephone's own figures, for a few seconds."""
    short = ("--seconds", "6", "--clients", "1", "--crowd", "40", "--requests", "100")
    return _measure(grounds, "webhooks", "consoles", *short)


def _measure(at: Path, *wanted: str) -> tuple[str, dict[str, Any]]:
    done = subprocess.run(
        [*RUN, "--at", str(at), *wanted],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads((at / "results.json").read_text())


@pytest.mark.parametrize("clients", [1, 2])
@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_stands_beside_the_floor_of_its_run(
    measured: tuple[str, dict[str, Any]], figure: str, clients: int
) -> None:
    (row,) = [one for one in measured[1]["figures"] if (one["figure"], one["clients"]) == (figure, clients)]
    webhooks_a_turn = 3 if figure == "voice_webhook" else 1
    assert row["requests"] == 3 * clients * webhooks_a_turn
    assert 0 < row["p50"] <= row["p95"] <= row["p99"]
    assert row["ratio"] == pytest.approx(row["per_second"] / row["floor_per_second"], rel=0.05)


def test_the_table_says_what_was_reached_of_each_aim(measured: tuple[str, dict[str, Any]]) -> None:
    printed = measured[0]
    assert "200 tickets" in printed
    for figure in ("voice_webhook", "board", "ticket"):
        assert f"{figure}: p" in printed.split("INSERT + COMMIT")[-1]


def test_the_floors_below_the_web_server_are_kept_too(measured: tuple[str, dict[str, Any]]) -> None:
    floors = measured[1]["floors_per_second"]
    assert len(floors) == 4
    assert all(rate > 0 for rate in floors.values())


def test_every_webhook_of_a_call_is_answered_and_counted(phone: tuple[str, dict[str, Any]]) -> None:
    (row,) = [one for one in phone[1]["figures"] if one["figure"] == "webhooks"]
    whole = {"incoming", "language", "menu", "topic", "wait", "operator", "conference", "queue-left", "join", "status"}
    assert whole <= row["steps"].keys()
    assert row["clients"] == 8
    assert row["requests"] == 8 * 100
    assert 0 < row["p50"] <= row["p99"]
    assert row["per_second"] > 0
    assert row["floor_per_second"] > row["per_second"], "one INSERT is less work than a call"


def test_every_offer_comes_to_the_console_of_its_operator(phone: tuple[str, dict[str, Any]]) -> None:
    (row,) = [one for one in phone[1]["figures"] if one["figure"] == "consoles"]
    assert row["clients"] == 40
    assert row["requests"] >= 2
    assert 0 < row["steps"]["event"][0] <= row["steps"]["card"][0]
    assert row["notes"]["memory MB"] > 50


def test_every_letter_that_the_door_took_is_a_ticket(measured: tuple[str, dict[str, Any]]) -> None:
    (row,) = [one for one in measured[1]["figures"] if one["figure"] == "mail"]
    assert row["requests"] == 3 * 8
    assert row["steps"].keys() == {"at the door", "until filed"}
    assert 0 < row["p50"] <= row["p99"]
