import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from helpdesk.launcher.servers import CannotStart, Postgres, Valkey


def _connection(server: Postgres, name: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server.url(name).replace("postgresql+psycopg", "postgresql"), autocommit=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    # not tmp_path: pytest keeps its folders private, and PostgreSQL runs as nobody when we are root
    with tempfile.TemporaryDirectory(prefix="helpdesk-servers-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_what_was_written_is_there_after_a_restart(folder: Path) -> None:
    server = Postgres(folder / "postgres", durable=False)
    server.start()
    server.create_database("house")
    with _connection(server, "house") as connection:
        connection.execute("CREATE TABLE kept (name text)")
        connection.execute("INSERT INTO kept VALUES ('Қайрат')")
    server.stop()
    assert server.pid is None
    again = Postgres(folder / "postgres", durable=False)
    again.start()
    try:
        with _connection(again, "house") as connection:
            row = connection.execute("SELECT lower(name) FROM kept WHERE name ILIKE 'қАЙРАТ'").fetchone()
        assert row == ("қайрат",), "Cyrillic folds: the locale is UTF-8"
    finally:
        again.stop()


def test_it_listens_on_no_port(folder: Path) -> None:
    server = Postgres(folder / "postgres", durable=False)
    server.start()
    try:
        with _connection(server) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    finally:
        server.stop()


def test_a_folder_that_is_in_the_way_is_one_clear_line(folder: Path) -> None:
    (folder / "postgres" / "data").mkdir(parents=True)
    (folder / "postgres" / "data" / "something").write_text("else")
    with pytest.raises(CannotStart, match="PostgreSQL cannot make its files"):
        Postgres(folder / "postgres").start()


def test_valkey_keeps_what_it_was_told(folder: Path) -> None:
    server = Valkey(folder / "valkey")
    server.start()
    redis.Redis.from_url(server.url).set("kept", "yes")
    server.stop()
    again = Valkey(folder / "valkey")
    again.start()
    try:
        assert redis.Redis.from_url(again.url).get("kept") == b"yes"
    finally:
        again.stop()
