"""What a connection remembers."""

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from helpdesk.kernel.db import db, session

OFTEN = 8


def _planned(connection: Connection) -> int:
    known = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :words")
    return int(connection.execute(known, {"words": "%of the house%"}).scalar_one())


def test_a_statement_is_planned_once_however_often_a_page_only_reads(app: Flask) -> None:
    with db.engine.connect() as connection:
        for _ in range(OFTEN):
            connection.execute(text("SELECT 'of the house', CAST(:n AS integer)"), {"n": 1})
            connection.rollback()
        assert _planned(connection) == 1
        connection.rollback()
        assert _planned(connection) == 1


def test_what_was_not_committed_is_gone_after_all(app: Flask) -> None:
    session().execute(text("CREATE TEMPORARY TABLE unkept (n integer)"))
    session().execute(text("INSERT INTO unkept VALUES (1)"))
    session().rollback()
    with pytest.raises(DBAPIError, match="unkept"):
        session().execute(text("SELECT * FROM unkept"))
    session().rollback()
    assert session().execute(text("SELECT 1")).scalar() == 1, "after an error too"


def test_a_connection_that_was_cut_in_a_transaction_is_replaced(app: Flask) -> None:
    cut = session().execute(text("SELECT pg_backend_pid()")).scalar()
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": cut})
    with pytest.raises(OperationalError):
        session().rollback()
    db.session.remove()
    assert session().execute(text("SELECT pg_backend_pid()")).scalar() != cut
    session().rollback()
