"""PostgreSQL is stopped in the middle of deliveries over SMTP: what was taken is kept, each letter is there once."""

import os
import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from helpdesk.launcher.servers import Postgres, Valkey, free_port
from tests.conftest import settings
from tests.intake.corpus.written import plain
from tests.intake.programs import CLOCK, MAIL_DOOR, WORKER, Programs

LETTERS = int(os.environ.get("PROOF_LETTERS", "60"))
SENDERS = 4


@dataclass
class Sender:
    """Another house's server: it sends each letter until it hears 250, and again later when it hears anything else."""

    port: int
    left: list[int]
    taken: list[int] = field(default_factory=list)
    put_off: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self) -> None:
        while True:
            with self.lock:
                if not self.left:
                    return
                number = self.left.pop(0)
            if self._handed_over(number):
                with self.lock:
                    self.taken.append(number)
            else:
                with self.lock:
                    self.put_off += 1
                    self.left.append(number)
                time.sleep(0.2)  # a server elsewhere waits for minutes

    def _handed_over(self, number: int) -> bool:
        letter = plain(f"n{number}", f"Не могу войти в дневник, письмо {number}")
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as line:
                line.sendmail("asel@parents.test", ["905@1450.test"], letter)
        except (smtplib.SMTPException, OSError):
            return False
        return True


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    """A cluster of its own, with durable commits; it may be stopped and started."""
    directory = Path("/tmp") / f"stops-{os.getpid()}"
    directory.mkdir(exist_ok=True)
    made = Postgres(directory)
    made.start()
    yield made
    made.stop()
    made.erase()


def start_again(postgres: Postgres, before: str) -> None:
    """The same cluster; programs find it where it was."""
    postgres.start()
    now = postgres.url("x").partition("host=")[2]
    Path(before).symlink_to(now, target_is_directory=True)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        engine.dispose()


def wait(until: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < ends, "it did not come true"
        time.sleep(0.1)


def greets(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        return line.recv(3) == b"220"
    return False


@pytest.mark.timeout(600)
def test_postgresql_stops_between_letters_and_each_is_there_once(postgres: Postgres, tmp_path: Path) -> None:
    postgres.create_database("house")
    url, place = postgres.url("house"), postgres.url("x").partition("host=")[2]
    valkey = Valkey(tmp_path / "valkey")
    valkey.start()
    port = free_port()
    house = settings(url, valkey.url, tmp_path, mail_door_port=port)
    programs = Programs(house, tmp_path)
    try:
        programs.start("furnish", ("-m", "tests.stories.furnish"))
        assert programs.running["furnish"].wait(60) == 0, programs.log("furnish")
        for name, program in (("door", MAIL_DOOR), ("clock", CLOCK), ("worker", WORKER)):
            programs.start(name, program)
        wait(lambda: greets(port), 60)
        sender = Sender(port, list(range(LETTERS)))
        hands = [threading.Thread(target=sender.work) for _ in range(SENDERS)]
        for hand in hands:
            hand.start()
        wait(lambda: len(sender.taken) >= LETTERS // 3, 120)
        postgres.stop()
        taken_before = len(sender.taken)
        wait(lambda: sender.put_off >= SENDERS, 60)
        assert taken_before < LETTERS, "it was stopped in the middle"
        start_again(postgres, place)
        for hand in hands:
            hand.join(300)
        wait(lambda: not _waiting(url), 300)
    finally:
        programs.stop()
        valkey.stop()
    ledger = dict(rows(url, "SELECT state, count(*) FROM raw_mails GROUP BY state"))
    assert ledger == {"filed": LETTERS}, programs.log("worker")
    assert sorted(sender.taken) == list(range(LETTERS))
    assert rows(url, "SELECT count(*), count(DISTINCT body) FROM messages WHERE raw_mail_id IS NOT NULL") == [
        (LETTERS, LETTERS)
    ]
    assert rows(url, "SELECT count(*) FROM tickets") == [(LETTERS,)]
    if "PROOF_FIGURES" in os.environ:
        Path(os.environ["PROOF_FIGURES"]).write_text(
            f"{LETTERS} letters over SMTP by {SENDERS} senders; PostgreSQL stopped after {taken_before}, "
            f"{sender.put_off} times asked to come later; afterwards {LETTERS} filed, {LETTERS} tickets, each once\n",
            encoding="utf-8",
        )


def _waiting(url: str) -> bool:
    return rows(url, "SELECT count(*) FROM raw_mails WHERE state = 'waiting'") != [(0,)]
