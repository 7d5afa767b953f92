"""`./run demo` as somebody runs it: one command, real ports, one Ctrl-C."""

import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest
from twilio.rest import Client

from phonesim import RebasedHttpClient
from tests.running_demo import PORTS, RunningDemo, demo_environment, running_demo, start_demo


def _answers(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def _calls_back(demo: RunningDemo) -> str:
    """What the demo's telephone network says to a call from the hotline's own number."""
    token = (Path(demo.environment["DEMO_VAR"]) / "keys").read_text().split()[2]
    client = Client("AC" + "1450" * 8, token, http_client=RebasedHttpClient(demo.phone_url))
    return str(client.calls.create(to="+77090000001", from_="+77272501450", url=f"{demo.url}/twilio/voice/x").status)


@pytest.mark.timeout(180)
def test_one_command_opens_the_house_and_one_ctrl_c_closes_all_of_it() -> None:
    with running_demo() as demo:
        with urllib.request.urlopen(f"{demo.url}/readyz", timeout=10) as answer:
            assert b'"redis":"ok"' in answer.read().replace(b" ", b"")
        with urllib.request.urlopen(f"{demo.url}/kk/", timeout=10) as answer:
            assert "1450" in answer.read().decode()
        assert _calls_back(demo) == "queued"
        listed = subprocess.run(["ps", "--ppid", str(demo.process.pid), "-o", "pid="], capture_output=True, text=True)
        children = listed.stdout.split()
        assert len(children) >= 7, "PostgreSQL, Valkey, web, worker, clock, mail door, phone"
        assert demo.close() == 0
        assert not [child for child in children if Path(f"/proc/{child}").exists()]
        assert not any(_answers(demo.environment[name]) for name in PORTS)


def test_a_taken_port_is_one_clear_line() -> None:
    with demo_environment() as environment, socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["DEMO_PORT"])))
        other.listen()
        demo = start_demo(environment)
        said, _ = demo.communicate(timeout=60)
    assert demo.returncode != 0
    assert said.strip() == f"port {environment['DEMO_PORT']} is taken: set DEMO_PORT to another one"


def test_a_port_that_is_no_number_is_one_clear_line() -> None:
    with demo_environment() as environment:
        demo = start_demo(environment | {"DEMO_PORT": "many"})
        said, _ = demo.communicate(timeout=60)
    assert demo.returncode != 0
    assert said.strip() == "DEMO_PORT is not a port number: many"
