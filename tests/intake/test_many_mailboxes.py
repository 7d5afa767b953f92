"""`./run prove mailboxes`: a thousand mailboxes on a real server, with our own clock and workers as real processes."""

import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from helpdesk.intake import mailboxes
from helpdesk.intake.mailbox_rules import Encryption
from helpdesk.intake.models import Mailbox, MailState, RawMail
from helpdesk.kernel import sealed, settings
from helpdesk.kernel.db import session, transaction
from helpdesk.launcher.servers import Valkey
from helpdesk.organizations.models import DeskMailbox
from tests.conftest import TestServers
from tests.conftest import settings as house_settings
from tests.intake.corpus.written import plain
from tests.intake.dovecot import PASSWORD, Dovecot, slow
from tests.intake.programs import CLOCK, WORKER, Programs
from tests.people import Town

__all__ = ["slow"]

MANY = int(os.environ.get("PROOF_MAILBOXES", "1000"))
OLD_LETTERS = int(os.environ.get("PROOF_OLD_LETTERS", "150000"))
SECONDS = 60.0


@pytest.fixture
def programs(app: Flask, servers: TestServers, tmp_path: Path) -> Iterator[Programs]:
    valkey = Valkey(tmp_path / "valkey")
    valkey.start()
    made = Programs(house_settings(servers.database_url, valkey.url, tmp_path), tmp_path)
    yield made
    made.stop()
    valkey.stop()


def name(number: int) -> str:
    return f"box{number:04d}"


def write_down(town: Town, imap_port: int, slow_port: int) -> None:
    """All of them: the first is dead, the second slow, the third holds the old letters."""
    key, began = settings.current().ticket_key, datetime.now(UTC) - timedelta(days=10)
    password = sealed.seal(key, mailboxes.PURPOSE, PASSWORD)
    common = {"desk_id": town.school905.id, "host": "127.0.0.1", "encryption": Encryption.NONE, "folder": "INBOX"}
    common |= {"password": password, "takes_old": False, "active": True, "last_uid": 0, "failures": 0}
    common |= {"last_error": "", "created_at": began, "next_attempt_at": began}
    ports = {0: 9, 1: slow_port}
    rows = [
        common | {"address": f"{name(n)}@school.test", "login": name(n), "port": ports.get(n, imap_port)}
        for n in range(MANY)
    ]
    with transaction():
        session().execute(insert(Mailbox), rows)
        session().execute(
            insert(DeskMailbox), [{"address": row["address"], "desk_id": town.school905.id} for row in rows]
        )


def wait(until: Callable[[], bool], seconds: float) -> float:
    """Seconds until it came true."""
    began = time.monotonic()
    while not until():
        assert time.monotonic() - began < seconds, "it did not come true"
        time.sleep(0.5)
    return time.monotonic() - began


def settled() -> int:
    session().rollback()
    became = [MailState.FILED, MailState.JOINED]
    return session().scalar(select(func.count()).where(RawMail.state.in_(became))) or 0


def visited(since: datetime) -> int:
    session().rollback()
    return session().scalar(select(func.count()).where(Mailbox.last_success_at > since)) or 0


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_new_letter_is_filed_within_a_minute_and_an_outage_loses_none(
    town: Town, dovecot: Dovecot, programs: Programs, slow: int
) -> None:
    dice = random.Random(int(os.environ.get("PROOF_SEED", "1")))
    dovecot.people(*(name(number) for number in range(MANY)))
    dovecot.fill(name(2), plain("old", "Старое"), OLD_LETTERS, time.time() - timedelta(days=30).total_seconds())
    write_down(town, dovecot.port, slow)
    programs.start("clock", CLOCK)
    for worker in ("worker-1", "worker-2"):
        programs.start(worker, WORKER)
    began = datetime.now(UTC)
    first = wait(lambda: visited(began) >= MANY - 2, 900)
    again = datetime.now(UTC)
    second = wait(lambda: visited(again) >= MANY - 2, 900)
    assert settled() == 0, "nothing old is taken"

    # one letter to each of a hundred mailboxes, the one with the old letters among them
    chosen = [2, *dice.sample(range(3, MANY), min(99, MANY - 3))]
    came: dict[str, float] = {}
    for number in chosen:
        dovecot.deliver(name(number), plain(f"new{number}", f"Не могу войти в дневник {number}"))
        came[f"{name(number)}@school.test"] = time.time()
        time.sleep(0.2)
    took: dict[str, float] = {}

    def all_filed() -> bool:
        session().rollback()
        for box, state in session().execute(select(RawMail.envelope_to, RawMail.state)):
            if state is MailState.FILED:
                took.setdefault(box[0], time.time() - came[box[0]])
        return len(took) == len(chosen)

    wait(all_filed, 240)
    slowest = max(took.values())

    # five days in which nobody fetches anything, and people read their letters meanwhile
    programs.stop()
    with transaction():
        past = datetime.now(UTC) - timedelta(days=5)
        session().execute(update(Mailbox).values(last_success_at=past, next_attempt_at=past))
    outage = 0
    for number in dice.sample(range(2, MANY), min(400, MANY - 2)):
        for day in range(5):
            at = time.time() - (5 - day) * 86_000
            dovecot.deliver(name(number), plain(f"away{number}.{day}", f"День {day}, ящик {number}"), at, day % 2 == 0)
            outage += 1
    programs.start("clock", CLOCK)
    for worker in ("worker-1", "worker-2"):
        programs.start(worker, WORKER)
    caught_up = wait(lambda: settled() == len(chosen) + outage, 900)
    assert session().scalar(select(func.count()).select_from(RawMail)) == len(chosen) + outage
    failing = session().scalars(select(Mailbox.login).where(Mailbox.failures > 0)).all()
    assert set(failing) <= {name(0), name(1)}, "the slow one may still be at its first word"
    told = (
        f"{MANY:,} mailboxes, one dead, one slow, one with {OLD_LETTERS:,} read letters; two workers\n"
        f"all visited once after {first:.0f} s, and again after {second:.0f} s\n"
        f"{len(chosen)} new letters filed, the slowest after {slowest:.0f} s, the one among the old letters after "
        f"{took[f'{name(2)}@school.test']:.0f} s\n"
        f"five days away: {outage:,} letters came, all filed {caught_up:.0f} s after the return, none twice\n"
    )
    if "PROOF_FIGURES" in os.environ:
        Path(os.environ["PROOF_FIGURES"]).write_text(told, encoding="utf-8")
    print(told)
    assert slowest <= SECONDS, told
