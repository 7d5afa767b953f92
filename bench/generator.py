"""Fills a database with tickets and all that belongs to them, by COPY; the same dice deal the same tickets."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import JSON, Enum, select

from bench import places
from bench.lives import Ground, Lives, Rows
from helpdesk.identity.models import StaffRole
from helpdesk.kernel import clock
from helpdesk.kernel.db import Base, db, session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.routing import queries as categories
from helpdesk.seeds.load import load_reference
from helpdesk.sla import queries as slas

BATCH = 10_000
Say = Callable[[str], None]


def fill(app: Flask, tickets: int, say: Say) -> None:
    """Fill the empty, migrated database of `app`: reference rows, the country, `tickets` lives, fresh statistics."""
    with app.app_context():
        desks.forget()
        with transaction():
            load_reference()
            places.build()
        desks.forget()
        lives = Lives(_ground(), tickets, clock.now())
        db.session.remove()
        address = db.engine.url.render_as_string(hide_password=False).replace("postgresql+psycopg", "postgresql")
        db.engine.dispose()
    with psycopg.connect(address, autocommit=True) as connection:
        _load(connection, lives, say)
        # due times were counted by ordinary hours; from now on callers find every desk open, whenever this is measured
        connection.execute("UPDATE desks SET around_the_clock = true")
        say("  statistics …")
        connection.execute("VACUUM (FREEZE, ANALYZE)")
        connection.execute("CHECKPOINT")


def _ground() -> Ground:
    staff: dict[int, list[int]] = defaultdict(list)
    for held in session().scalars(select(StaffRole)):
        staff[held.organization_id].append(held.staff_id)
    known = list(desks.desks().values())
    kinds = categories.categories()
    return Ground(
        desks=known,
        calendars={desk.id: slas.calendar_of(desk) for desk in known},
        staff=staff,
        categories=kinds,
        profiles={code: slas.profile(code) for code in {kind.profile for kind in kinds} | {*"ABCDE", "LAW", "CONTROL"}},
    )


def _load(connection: psycopg.Connection, lives: Lives, say: Say) -> None:
    # the rows are right by construction: checking every reference again would take longer than writing them
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET maintenance_work_mem = '256MB'")
    connection.execute("SET synchronous_commit = off")
    with _indexes_made_afterwards(connection, say):
        for batch in _batches(lives.contacts()):
            _copy(connection, batch)
        written = 0
        for batch in _batches(lives.tickets()):
            _copy(connection, batch)
            written = min(written + BATCH, lives.total)
            say(f"  {written:,} of {lives.total:,} tickets")
    _let_numbers_go_on(connection, lives)


def _batches(lives: Iterator[Rows]) -> Iterator[Rows]:
    while some := list(islice(lives, BATCH)):
        together: Rows = defaultdict(list)
        for rows in some:
            for model, found in rows.items():
                together[model] += found
        yield together


def _copy(connection: psycopg.Connection, batch: Rows) -> None:
    for model, rows in batch.items():
        columns = _columns(model)
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(model.__tablename__), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row([write(row.get(name, usual)) for name, (usual, write) in columns.items()])


def _columns(model: type[Base]) -> dict[str, tuple[Any, Callable[[Any], Any]]]:
    """By name: what a column holds when nothing is said, and how its values are written for COPY."""
    found: dict[str, tuple[Any, Callable[[Any], Any]]] = {}
    for column in model.__table__.columns:
        usual: Any = None
        if column.default is not None:
            usual = column.default.arg if column.default.is_scalar else {}
        write: Callable[[Any], Any] = _plain
        if isinstance(column.type, JSON):
            write = _json
        elif isinstance(column.type, Enum):
            write = _enum
        found[column.name] = (usual, write)
    return found


def _plain(value: Any) -> Any:
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _enum(value: Any) -> str | None:
    return None if value is None else str(value.value)


class _indexes_made_afterwards:
    """Drop the plain indexes of the big tables and make them again at the end: sorting once beats inserting."""

    def __init__(self, connection: psycopg.Connection, say: Say) -> None:
        self._connection, self._say = connection, say
        self._definitions: list[str] = []

    def __enter__(self) -> None:
        rows = self._connection.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i "
            "WHERE indrelid::regclass::text = ANY(%s) AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
            (
                [
                    "tickets",
                    "messages",
                    "journal",
                    "contacts",
                    "contact_phones",
                    "contact_emails",
                    "calls",
                    "legs",
                    "ticket_words",
                ],
            ),
        ).fetchall()
        for name, definition in rows:
            self._connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
            self._definitions.append(definition)

    def __exit__(self, *_error: object) -> None:
        self._say("  indexes …")
        for definition in self._definitions:
            self._connection.execute(definition)  # type: ignore[call-overload]


def _let_numbers_go_on(connection: psycopg.Connection, lives: Lives) -> None:
    for (table,) in connection.execute(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'id' "
        "AND is_identity = 'YES'"
    ).fetchall():
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), greatest(1, (SELECT max(id) FROM {})))").format(
                sql.Literal(table), sql.Identifier(table)
            )
        )
    for year, serial in lives.serials.items():
        name = sql.Identifier(f"ticket_serial_{year:d}")
        connection.execute(sql.SQL("CREATE SEQUENCE IF NOT EXISTS {}").format(name))
        connection.execute(sql.SQL("SELECT setval({}, {})").format(sql.Literal(f"ticket_serial_{year:d}"), serial))
