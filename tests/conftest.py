"""Real servers for every test: one embedded PostgreSQL and one Valkey a run, one database a pytest worker."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text
from xdist.scheduler import LoadScopeScheduling

from helpdesk.app import create_app
from helpdesk.jobs.dispatch import Dispatcher
from helpdesk.jobs.work import JOBS
from helpdesk.kernel import clock, i18n
from helpdesk.kernel.db import Base, db, transaction
from helpdesk.kernel.garbage import all_is_loaded
from helpdesk.kernel.settings import Settings
from helpdesk.launcher.migrate import upgrade
from helpdesk.launcher.servers import Postgres, Valkey
from helpdesk.organizations import queries as desks
from helpdesk.routing import queries as categories
from helpdesk.search import view_queries as views
from helpdesk.seeds.load import load_reference
from helpdesk.sla import queries as calendars
from helpdesk.telephony import voices
from helpdesk.tickets import answer_queries as answers
from tests.hotline import hotline
from tests.intake.dovecot import dovecot
from tests.people import sign_in, town
from tests.rights.walk import walk
from tests.twilio_rules import documents

__all__ = ["dovecot", "hotline", "sign_in", "town", "walk"]

DEMO = "tests/browser/demo/"
SERVERS = "HELPDESK_TEST_SERVERS"
# Rows that every installation has; tests leave them as they are.
REFERENCE = frozenset({"categories", "sla_profiles", "holidays"})


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, in the process that hands out the tests; its workers find them in the environment."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    directory = Path(tempfile.mkdtemp(prefix="helpdesk-tests-"))
    directory.chmod(0o755)
    postgres, valkey = Postgres(directory / "postgres", durable=False), Valkey(directory / "valkey")
    postgres.start()
    valkey.start()
    postgres.create_database("template_house")
    upgrade(postgres.url("template_house"))
    with create_app(settings(postgres.url("template_house"), valkey.url, directory)).app_context():
        with transaction():
            load_reference()
        db.engine.dispose()
    os.environ[SERVERS] = json.dumps({"url": postgres.url("{}"), "redis": valkey.url, "var": str(directory)})
    config._servers = (postgres, valkey, directory)  # type: ignore[attr-defined]


def pytest_collection_finish() -> None:
    """All tests are loaded, as the house is in a process that serves."""
    all_is_loaded()


class BySharing(LoadScopeScheduling):
    """Tests of one file go to one process, and so do all tests of the running demo: what they share is started once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return DEMO if file.startswith(DEMO) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharing:
    """How tests are given to the processes."""
    return BySharing(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started, by its id."""
    postgres, valkey, directory = getattr(config, "_servers", (None, None, None))
    if directory is not None:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)


def settings(database_url: str, redis_url: str, var: Path, **changes: Any) -> Settings:
    """The settings of a test house."""
    values: dict[str, Any] = {
        "environment": "test",
        "secret_key": "a key for tests that is long enough",
        "ticket_key": "another key for tests, long enough",
        "database_url": database_url,
        "redis_url": redis_url,
        "public_base_url": "http://1450.test",
        "var_dir": var / "files",
        "log_json": True,
        "rate_limits": False,
        "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": "token-of-the-tests",
        "twilio_from": "+77272501450",
        "mail_kept": True,
        "mail_domain": "1450.test",
        "mail_from": "1450@1450.test",
    }
    return Settings.model_validate(values | changes)


@dataclass(frozen=True)
class TestServers:
    """Where the servers of this run are, and the database of this pytest worker."""

    __test__ = False

    database: str
    database_url: str
    redis_url: str
    var: Path


@pytest.fixture(scope="session")
def servers(worker_id: str) -> TestServers:
    """A database of this worker's own, copied from the migrated template."""
    found = json.loads(os.environ[SERVERS])
    name = f"house_{worker_id}"
    admin = found["url"].format("postgres").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_house")
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    redis_url = found["redis"].rsplit("/", 1)[0] + f"/{number + 1}"
    return TestServers(name, found["url"].format(name), redis_url, Path(found["var"]) / worker_id)


class Browser(FlaskClient):
    """A client whose every request has a context of its own, as behind a real server: nothing is left in `g`."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def house(servers: TestServers) -> Flask:
    """The application, made once: making it is slow, using it is not."""
    made = create_app(settings(servers.database_url, servers.redis_url, servers.var))
    made.test_client_class = Browser
    made.after_request(documents.read)
    return made


_CLEAN = """
DO $$ DECLARE name text; has boolean; BEGIN
  SET LOCAL session_replication_role = replica;
  FOREACH name IN ARRAY string_to_array('{tables}', ',') LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO has;
    IF has THEN EXECUTE format('DELETE FROM %I', name); END IF;
  END LOOP; END $$
"""


@pytest.fixture
def app(house: Flask, servers: TestServers) -> Iterator[Flask]:
    """The application inside a context, on empty tables (but for the reference rows) and an empty Redis."""
    with house.app_context():
        i18n.speak("en")
        for remembering in (desks, categories, calendars, answers, views, voices):
            remembering.forget()
        yield house
        db.session.rollback()
        db.session.remove()
        tables = ",".join(name for name in Base.metadata.tables if name not in REFERENCE)
        with db.engine.begin() as connection:
            connection.execute(text(_CLEAN.format(tables=tables)))
    redis.Redis.from_url(servers.redis_url).flushdb()
    documents.assert_right()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies. POSTs need no CSRF token here; tests/web/test_security.py shows that others do."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@dataclass
class SetClock:
    """A clock that tests turn."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 5, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **amount: float) -> datetime:
        """Move on by timedelta(**amount)."""
        self.at += timedelta(**amount)
        return self.at


@pytest.fixture
def set_clock() -> Iterator[SetClock]:
    """Monday 23 November 2026, 10:00 in Almaty, until the test turns it."""
    source = SetClock()
    with clock.told_by(source):
        yield source


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], None]:
    """Do here and now whatever the clock process and the workers would do, until nothing is due."""

    def run() -> None:
        dispatcher = Dispatcher(lambda _name, _ids: False, JOBS)
        for _ in range(5):
            dispatcher.tick(woken=True)

    return run


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The SQL statements that were sent inside the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
