"""The servers of a run: PostgreSQL that waits for the disk, Valkey, gunicorn with the house, and one with the floor."""

import hashlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from bench.generator import fill
from helpdesk.app import create_app
from helpdesk.kernel.redis import Line
from helpdesk.kernel.settings import ROOT, read_settings
from helpdesk.launcher import processes
from helpdesk.launcher.migrate import upgrade
from helpdesk.launcher.servers import CannotStart, Postgres, Valkey, free_port

Say = Callable[[str], None]

WORKERS = 2
HOST = "1450.example.org"
TOKEN = "token-of-the-figures"
DATABASE = "bench"


@dataclass(frozen=True)
class Grounds:
    """Where the servers of this run are."""

    database_url: str
    redis_url: str
    house: int
    floor: int
    env: dict[str, str]
    logs: Path
    # the processes that serve the house
    pids: list[int]

    @property
    def conninfo(self) -> str:
        """The database as psycopg wants it."""
        return self.database_url.replace("postgresql+psycopg", "postgresql")


@contextmanager
def running(var: Path, tickets: int, say: Say) -> Iterator[Grounds]:
    """Start everything, hand out the addresses, and stop all of it in the end."""
    var.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        postgres, valkey = Postgres(var / "postgres"), Valkey(var / "valkey")
        for server in (postgres, valkey):
            stack.callback(server.stop)
            server.start()
        filled = _filled(postgres, var, tickets, say)
        # each run works on a fresh copy: what one run wrote does not slow the next one
        _copied(postgres, filled)
        env = environment(postgres.url(DATABASE), valkey.url, var / "files")
        house, floor = free_port(), free_port()
        masters = {}
        for name, application, port in (("house", "wsgi:app", house), ("floor", "bench.floors:app", floor)):
            process = masters[name] = _gunicorn(application, port, env, var / f"{name}.log")
            stack.callback(processes.stop, process)
            _wait(process, port, "/readyz", var / f"{name}.log")
        yield Grounds(postgres.url(DATABASE), valkey.url, house, floor, env, var, _children(masters["house"].pid))


@contextmanager
def web(grounds: Grounds, application: str = "wsgi:app", workers: int = 1) -> Iterator[tuple[int, list[int]]]:
    """One more web server, as in production: its port, and the ids of the processes that serve."""
    port, log = free_port(), grounds.logs / f"{application.partition(':')[0]}-{workers}.log"
    process = _gunicorn(application, port, grounds.env, log, workers)
    try:
        _wait(process, port, "/readyz", log)
        yield port, _children(process.pid)
    finally:
        processes.stop(process)


@contextmanager
def clock(grounds: Grounds) -> Iterator[None]:
    """The clock process: it holds callers out to operators."""
    with _process(grounds, "clock", ["-m", "helpdesk.cli", "clock"]):
        _ticks(grounds)
        yield


@contextmanager
def post(grounds: Grounds, workers: int = WORKERS) -> Iterator[int]:
    """The mail door, the clock process and workers: the port of the door."""
    port = free_port()
    with ExitStack() as stack:
        for number in range(workers):
            stack.enter_context(_process(grounds, f"worker-{number}", ["worker.py"]))
        stack.enter_context(clock(grounds))
        door = ["-m", "helpdesk.cli", "mail-door"]
        stack.enter_context(_process(grounds, "mail-door", door, {"MAIL_DOOR_PORT": str(port)}))
        _opens(port, grounds.logs / "mail-door.log")
        yield port


@contextmanager
def _process(grounds: Grounds, name: str, command: list[str], more: Mapping[str, str] | None = None) -> Iterator[None]:
    with (grounds.logs / f"{name}.log").open("wb") as log:
        process = processes.start([sys.executable, *command], log=log, env=grounds.env | (more or {}), cwd=ROOT)
        try:
            yield
        finally:
            processes.stop(process)


def _opens(port: int, log: Path) -> None:
    """Wait until somebody listens. Raises CannotStart."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise CannotStart(f"nobody listens; see {log}")


def _ticks(grounds: Grounds) -> None:
    """Wait for the clock's first tick. Raises CannotStart."""
    line = Line(grounds.redis_url)
    heard = line.client.pubsub(ignore_subscribe_messages=True)
    heard.subscribe(line.channel("helpdesk:clock"))
    deadline = time.monotonic() + 40
    while heard.get_message(timeout=1.0) is None:
        if time.monotonic() > deadline:
            raise CannotStart(f"the clock does not tick; see {grounds.logs}/clock.log")
    heard.close()


def processor(pids: Sequence[int]) -> float:
    """Seconds of processor that processes have used."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Megabytes that a process holds."""
    held = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return round(int(held.split()[1]) / 1024, 1)


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def environment(database_url: str, redis_url: str, files: Path) -> dict[str, str]:
    """The settings of a production house behind one proxy that speaks HTTPS; nothing leaves it."""
    return {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")} | {
        "ENVIRONMENT": "production",
        "SECRET_KEY": "a key for figures that is long enough",
        "TICKET_KEY": "another key for figures, long enough",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PUBLIC_BASE_URL": f"https://{HOST}",
        "TRUSTED_PROXIES": "1",
        "VAR_DIR": str(files),
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": "+77272501450",
        "SMTP_HOST": "127.0.0.1",
    }


def _recipe(tickets: int) -> str:
    """What a filled database is made of; it is filled anew when this changes."""
    parts = [ROOT / "bench" / name for name in ("generator.py", "lives.py", "places.py", "texts.py")]
    parts += sorted((ROOT / "migrations" / "versions").glob("*.py"))
    parts += [ROOT / "helpdesk" / "kernel" / name for name in ("words.py", "kazakh.py", "russian.py")]
    parts += sorted((ROOT / "helpdesk" / "seeds").glob("*.*"))
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:16] + f"-{tickets}"


def _filled(postgres: Postgres, var: Path, tickets: int, say: Say) -> str:
    name, stamps = f"filled_{tickets}", var / "filled.json"
    known = json.loads(stamps.read_text()) if stamps.exists() else {}
    recipe = _recipe(tickets)
    if known.get(name) == recipe:
        return name
    began = time.monotonic()
    say(f"Filling a database with {tickets:,} tickets, once …")
    stamps.write_text(json.dumps({key: value for key, value in known.items() if key != name}))
    _drop(postgres, name)
    postgres.create_database(name)
    upgrade(postgres.url(name))
    app = create_app(read_settings(environment(postgres.url(name), "redis://127.0.0.1:1/0", var / "files")))
    fill(app, tickets, say)
    say(f"  {time.monotonic() - began:.0f} s")
    stamps.write_text(json.dumps(known | {name: recipe}))
    return name


def _drop(postgres: Postgres, name: str) -> None:
    with psycopg.connect(_conninfo(postgres), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _copied(postgres: Postgres, template: str) -> None:
    _drop(postgres, DATABASE)
    with psycopg.connect(_conninfo(postgres), autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(template)))
    with psycopg.connect(_conninfo(postgres, DATABASE), autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_floor (id bigint GENERATED ALWAYS AS IDENTITY, said text NOT NULL)")
        connection.execute("ANALYZE")
        connection.execute("CHECKPOINT")


def _conninfo(postgres: Postgres, name: str = "postgres") -> str:
    return postgres.url(name).replace("postgresql+psycopg", "postgresql")


def _gunicorn(
    application: str, port: int, env: dict[str, str], log: Path, workers: int = WORKERS
) -> "subprocess.Popen[bytes]":
    """With the settings of gunicorn.conf.py, as in production."""
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    with log.open("wb") as out:
        return processes.start([*command, "--workers", str(workers)], log=out, env=env, cwd=ROOT)


def _wait(process: "subprocess.Popen[bytes]", port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + 40
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"a web server does not start; see {log}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
