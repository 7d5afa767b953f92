"""`./run demo` as somebody runs it: a process of its own, real ports, one Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.kernel.settings import ROOT
from helpdesk.launcher.servers import free_port


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    inherited = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    with tempfile.TemporaryDirectory(prefix="helpdesk-demo-") as made:
        Path(made).chmod(0o755)
        ports = {name: str(free_port()) for name in ("DEMO_PORT", "DEMO_PHONE_PORT", "DEMO_MAIL_PORT")}
        yield inherited | ports | {"DEMO_VAR": str(Path(made) / "var")}


def _start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "helpdesk.launcher.demo", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _until_open(demo: subprocess.Popen[str]) -> str:
    """What it prints until the hotline is open; all of it when it ends before that."""
    lines = []
    assert demo.stdout is not None
    for line in demo.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            break
    return "".join(lines)


@pytest.fixture
def demo(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    started = _start(environment)
    yield started
    if started.poll() is None:
        started.send_signal(signal.SIGINT)
        started.wait(30)


def _answers(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


@pytest.mark.timeout(150)
def test_one_command_opens_the_house_and_one_ctrl_c_closes_all_of_it(
    demo: subprocess.Popen[str], environment: dict[str, str]
) -> None:
    said = _until_open(demo)
    assert "The hotline is open" in said, said
    base = f"http://127.0.0.1:{environment['DEMO_PORT']}"
    with urllib.request.urlopen(f"{base}/readyz", timeout=5) as answer:
        assert b'"redis":"ok"' in answer.read().replace(b" ", b"")
    with urllib.request.urlopen(f"{base}/kk/", timeout=5) as answer:
        assert "1450" in answer.read().decode()
    children = subprocess.run(
        ["ps", "--ppid", str(demo.pid), "-o", "pid="], capture_output=True, text=True
    ).stdout.split()
    assert len(children) >= 7, "PostgreSQL, Valkey, web, worker, clock, mail door, phone"
    demo.send_signal(signal.SIGINT)
    assert demo.wait(40) == 0
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    assert not any(_answers(environment[name]) for name in ("DEMO_PORT", "DEMO_PHONE_PORT", "DEMO_MAIL_PORT"))


def test_a_taken_port_is_one_clear_line(environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["DEMO_PORT"])))
        other.listen()
        demo = _start(environment)
        said, _ = demo.communicate(timeout=60)
    assert demo.returncode != 0
    assert said.strip() == f"port {environment['DEMO_PORT']} is taken: set DEMO_PORT to another one"


def test_a_port_that_is_no_number_is_one_clear_line(environment: dict[str, str]) -> None:
    demo = _start(environment | {"DEMO_PORT": "many"})
    said, _ = demo.communicate(timeout=60)
    assert demo.returncode != 0
    assert said.strip() == "DEMO_PORT is not a port number: many"
