"""`./run demo`: every process of the house, started in order and stopped in reverse."""

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from helpdesk.demo.names import DEMO_PASSWORD
from helpdesk.kernel.settings import ROOT
from helpdesk.launcher import processes
from helpdesk.launcher.servers import CannotStart, Postgres, Valkey

LOG_INS = (
    ("operator, Kazakh", "aruzhan@demo.1450"),
    ("operator, Russian", "natalya@demo.1450"),
    ("operator, both", "daniyar@demo.1450"),
    ("supervisor of a district", "erlan@demo.1450"),
    ("supervisor of the city", "asel@demo.1450"),
    ("administrator of the city", "irina@demo.1450"),
    ("administrator of the whole tree", "marat@demo.1450"),
)


@dataclass
class Ports:
    """Where the demo listens; each can be moved by its environment variable."""

    web: int
    phone: int
    mail: int


@dataclass
class Demo:
    """What is running, in the order it was started."""

    var: Path
    ports: Ports
    started: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)
    servers: list[Postgres | Valkey] = field(default_factory=list)
    logs: list[IO[bytes]] = field(default_factory=list)

    def server(self, server: Postgres | Valkey) -> None:
        """Start an embedded server."""
        self.servers.append(server)
        server.start()

    def process(self, name: str, command: list[str], env: dict[str, str]) -> None:
        """Start one of our own programs; it writes to var/log/<name>.log."""
        (self.var / "log").mkdir(exist_ok=True)
        log = (self.var / "log" / f"{name}.log").open("ab")
        self.logs.append(log)
        self.started.append((name, processes.start(command, log=log, env=env, cwd=ROOT)))

    def stop(self) -> None:
        """Stop everything that was started here, newest first, and nothing else."""
        for _name, process in reversed(self.started):
            processes.stop(process, patience=8)
        for server in reversed(self.servers):
            server.stop()
        for log in self.logs:
            log.close()

    def died(self) -> str | None:
        """The name of a program that ended by itself."""
        return next((name for name, process in self.started if process.poll() is not None), None)


def main() -> None:
    """Parse, check, start, print the addresses, and wait for Ctrl-C."""
    parser = argparse.ArgumentParser(prog="./run demo", description="Helpdesk 1450 with a demo town.")
    parser.add_argument("--fresh", action="store_true", help="forget everything and begin anew")
    arguments = parser.parse_args()
    began = time.monotonic()
    var = Path(os.environ.get("DEMO_VAR", ROOT / "var"))
    ports = Ports(_port("DEMO_PORT", 8450), _port("DEMO_PHONE_PORT", 8451), _port("DEMO_MAIL_PORT", 2525))
    var.mkdir(parents=True, exist_ok=True)
    with (var / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit("The demo runs already in this folder; stop it there with Ctrl-C first.")
        demo = Demo(var, ports)
        # SIGINT too: a shell that starts us in the background has it ignored
        for stopping in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(stopping, _interrupt)
        try:
            _start(demo, arguments.fresh)
            _greet(demo, time.monotonic() - began)
            while demo.died() is None:
                time.sleep(0.5)
            sys.exit(f"{demo.died()} ended by itself; the reason stands at the end of var/log/{demo.died()}.log")
        except CannotStart as problem:
            sys.exit(str(problem))
        except OSError as problem:
            sys.exit(f"{problem.strerror or problem}: {problem.filename or var}")
        except KeyboardInterrupt:
            print("\nStopping …", flush=True)
        finally:
            with contextlib.suppress(KeyboardInterrupt):
                demo.stop()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _start(demo: Demo, fresh: bool) -> None:
    var, ports = demo.var, demo.ports
    for name, port in (("DEMO_PORT", ports.web), ("DEMO_PHONE_PORT", ports.phone), ("DEMO_MAIL_PORT", ports.mail)):
        _check_free(name, port)
    if shutil.disk_usage(var).free < 300 * 1024 * 1024:
        raise CannotStart(f"less than 300 MB are free on the disk of {var}")
    postgres = Postgres(var / "postgres")
    if fresh:
        _say("Forgetting the old town …")
        postgres.erase()
        for part in ("valkey", "files", "log", "phone.jsonl"):
            path = var / part
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    env = _environment(demo)
    if "DATABASE_URL" not in os.environ:
        _say("Starting PostgreSQL …")
        demo.server(postgres)
        postgres.create_database("helpdesk")
        env["DATABASE_URL"] = postgres.url("helpdesk")
    if "REDIS_URL" not in os.environ:
        _say("Starting Valkey …")
        valkey = Valkey(var / "valkey")
        demo.server(valkey)
        env["REDIS_URL"] = valkey.url
    _say("Bringing the tables up to date …")
    _once("prepare", env)
    python = sys.executable
    web = [python, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{ports.web}", "--workers", "2"]
    demo.process("web", web, env)
    # the first page is what somebody waits for: the others load while it is being looked at
    _say("Opening the doors …")
    _wait_for(demo, f"http://127.0.0.1:{ports.web}/readyz")
    demo.process("worker", [python, "worker.py"], env)
    demo.process("clock", [python, "-m", "helpdesk.cli", "clock"], env)
    demo.process("mail-door", [python, "-m", "helpdesk.cli", "mail-door"], env)
    phone = [python, "-m", "phonesim", "serve", "--host", "127.0.0.1", "--port", str(ports.phone)]
    phone += ["--app-url", env["PUBLIC_BASE_URL"], "--account", env["TWILIO_ACCOUNT_SID"]]
    phone += ["--token", env["TWILIO_AUTH_TOKEN"], "--number", "1450", "--voice-url", "/twilio/voice/incoming"]
    phone += ["--caller-id", env["TWILIO_FROM"]]
    phone += ["--client-voice-url", "/twilio/voice/operator", "--ledger", str(var / "phone.jsonl")]
    demo.process("phone", phone, env)
    (var / "demo.env").write_text("".join(f"{key}={value}\n" for key, value in env.items() if key in _OURS))
    _wait_for(demo, f"http://127.0.0.1:{ports.phone}/")
    _somebody_waits(f"http://127.0.0.1:{ports.phone}")


_OURS = {"DATABASE_URL", "REDIS_URL", "PUBLIC_BASE_URL", "ENVIRONMENT"}


def _environment(demo: Demo) -> dict[str, str]:
    """What the programs of the demo are told. The keys are made once and kept beside the data that they open."""
    keys = demo.var / "keys"
    if not keys.exists():
        keys.touch(mode=0o600)
        keys.write_text("\n".join(secrets.token_hex(24) for _ in range(3)))
    secret_key, ticket_key, token = keys.read_text().split()
    base = f"http://127.0.0.1:{demo.ports.web}"
    return dict(os.environ) | {
        "ENVIRONMENT": "demo",
        "SECRET_KEY": secret_key,
        "TICKET_KEY": ticket_key,
        "PUBLIC_BASE_URL": base,
        "VAR_DIR": str(demo.var / "files"),
        "TWILIO_ACCOUNT_SID": "AC" + "1450" * 8,
        "TWILIO_AUTH_TOKEN": token,
        "TWILIO_FROM": "+77272501450",
        "TWILIO_API_BASE_URL": f"http://127.0.0.1:{demo.ports.phone}",
        "SIMULATOR_URL": f"http://127.0.0.1:{demo.ports.phone}",
        "MAIL_KEPT": "1",
        "MAIL_DOMAIN": "demo.1450",
        "MAIL_FROM": "1450@demo.1450",
        "MAIL_DOOR_PORT": str(demo.ports.mail),
        "PYTHONUNBUFFERED": "1",
    }


def _once(command: str, env: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "helpdesk.cli", command], env=env, cwd=ROOT, check=False,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise CannotStart(f"'{command}' failed: {lines[-1] if lines else 'no reason given'}")


def _wait_for(demo: Demo, url: str) -> None:
    deadline = time.monotonic() + 40
    while True:
        if (dead := demo.died()) is not None:
            raise CannotStart(f"{dead} ended by itself; the reason stands at the end of var/log/{dead}.log")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  (our own address)
                return
        except OSError:
            if time.monotonic() > deadline:
                raise CannotStart(f"{url} does not answer; see var/log/") from None
            time.sleep(0.05)


def _somebody_waits(phone_url: str) -> None:
    """One caller in the line from the first moment: in Russian, about lessons, and patient."""
    caller = {"from": "+77090000950", "to": "1450", "keys": ["2", "2"], "patience": 1800, "talk": 120}
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{phone_url}/phonesim/dial", json.dumps(caller).encode(), headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310  (our own address)
        return


def _port(name: str, usual: int) -> int:
    value = os.environ.get(name, str(usual))
    if not value.isdigit() or not 0 < int(value) < 65536:
        sys.exit(f"{name} is not a port number: {value}")
    return int(value)


def _check_free(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CannotStart(f"port {port} is taken: set {name} to another one") from None


def _say(line: str) -> None:
    print(line, flush=True)


def _greet(demo: Demo, seconds: float) -> None:
    ports = demo.ports
    people = "\n".join(f"    {what:<34}{who}" for what, who in LOG_INS)
    print(
        f"""
The hotline is open ({seconds:.1f} s).

  Parents      http://127.0.0.1:{ports.web}/
  Staff        http://127.0.0.1:{ports.web}/sign-in      password of all: {DEMO_PASSWORD}
{people}
  Phone booth  http://127.0.0.1:{ports.phone}/             or  ./run phone 1450 --from +77090000001 --keys 1,1,1
  Mail door    127.0.0.1:{ports.mail} (SMTP)              letters and SMS that went out: http://127.0.0.1:{ports.web}/outbox

Ctrl-C stops everything that was started here.""",
        flush=True,
    )


if __name__ == "__main__":
    main()
