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

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ("create_by_form", "voice_webhook", "board", "ticket")


@pytest.fixture(scope="module")
def measured() -> Iterator[tuple[str, dict[str, Any]]]:
    """What a run of a few requests printed and kept."""
    # not below pytest's own folder: it is private, and PostgreSQL runs as somebody else
    at = Path(tempfile.mkdtemp(prefix="helpdesk-bench-"))
    at.chmod(0o755)
    command = [sys.executable, "-m", "bench", "--at", at, "--tickets", "200", "--requests", "3", "--clients", "1,2"]
    try:
        done = subprocess.run(
            [*map(str, command), "--seconds", "1"],
            cwd=ROOT,
            env=os.environ,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        yield done.stdout, json.loads((at / "results.json").read_text())
    finally:
        shutil.rmtree(at)


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
