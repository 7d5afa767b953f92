"""A failpoint does nothing unless a test armed it, and nothing at all in production."""

from pathlib import Path

import pytest

from helpdesk.kernel import failpoints


def test_a_place_without_a_trap_is_passed():
    failpoints.hit("nowhere")


def test_an_armed_place_acts_inside_the_block_only():
    passed: list[str] = []
    with failpoints.armed("here", lambda: passed.append("here")):
        failpoints.hit("here")
        failpoints.hit("there")
    failpoints.hit("here")
    assert passed == ["here"]


def test_production_ignores_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    marker = tmp_path / "marker"
    monkeypatch.setattr(failpoints, "_armed", {})
    failpoints.arm_from({"FAILPOINTS": f"here={marker}"}, "production")
    failpoints.hit("here")
    assert not marker.exists()
    failpoints.arm_from({"FAILPOINTS": f"here={marker}"}, "test")
    marker.write_text("somebody stands here already")
    failpoints.hit("here")
    assert marker.read_text() == "somebody stands here already"
