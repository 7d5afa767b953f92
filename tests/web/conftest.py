"""What the tests of pages share."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url

from helpdesk.app import create_app
from helpdesk.kernel.db import db
from helpdesk.web.limits import limiter
from tests.conftest import TestServers, settings

Away = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def database_away(app: Flask, servers: TestServers) -> Away:
    """A block in which PostgreSQL really takes no connection to the house, and has cut the open ones."""
    url = make_url(servers.database_url).set(drivername="postgresql", database="postgres")
    admin = url.render_as_string(hide_password=False)

    def connections(allowed: bool) -> None:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {servers.database} ALLOW_CONNECTIONS {allowed}")
            if not allowed:
                cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                connection.execute(cut, [servers.database])

    @contextmanager
    def away() -> Iterator[None]:
        db.session.remove()
        connections(allowed=False)
        try:
            yield
        finally:
            connections(allowed=True)
            db.session.remove()
            db.engine.dispose()

    return away


@pytest.fixture
def limited_client(app: Flask, servers: TestServers) -> Iterator[FlaskClient]:
    """A browser at a house that counts how often one address comes."""
    house = create_app(settings(servers.database_url, servers.redis_url, servers.var, rate_limits=True))
    house.config["WTF_CSRF_ENABLED"] = False
    try:
        yield house.test_client()
    finally:
        limiter.enabled = False
        with house.app_context():
            db.engine.dispose()
