"""The database, and the only commit in the house."""

import enum
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import ARRAY, CheckConstraint, Constraint, DateTime, Enum, MetaData, String, Table, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, scoped_session


def _checked_column(constraint: Constraint, _table: object) -> str:
    # An enum used for two columns of a table would name both checks alike.
    columns = constraint.columns if isinstance(constraint, CheckConstraint) else ()
    return next((column.name for column in columns), "row")


class Base(DeclarativeBase):
    """All tables: aware moments, JSONB, and constraint names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "checked": _checked_column,
            "ck": "ck_%(table_name)s_%(checked)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    # moments are always timestamptz, dicts JSONB, and an enum is a string with a CHECK that migrations can widen
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(String(40)),
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=True,
            length=30,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


# Models derive from Base, not from db.Model: nothing of them depends on the web framework.
db = SQLAlchemy(disable_autonaming=True, session_options={"expire_on_commit": False, "autoflush": False})

Announce = Callable[[list[Any]], None]
_announce: Announce | None = None


def announce_with(function: Announce | None) -> None:
    """Install what is told after each commit which facts were noted in it. `app.py` does this once."""
    global _announce
    _announce = function


def session() -> scoped_session[Session]:
    """The session of the present request or job."""
    return db.session


def let_go() -> None:
    """End the session of this thread. A connection that was lost is no error here: its transaction is gone anyway, and
    whoever cleans up after a failure must come out of it alive."""
    try:
        db.session.remove()
    except SQLAlchemyError:
        db.session.registry.clear()


@contextmanager
def transaction() -> Iterator[scoped_session[Session]]:
    """One transaction of one door: commit at the end, roll back on any error, then announce what was noted.

    Refuses to nest: a verb that opens its own transaction would commit half of its caller's work.
    """
    info = db.session().info
    if info.get("in_transaction"):
        raise RuntimeError("transaction() inside transaction(): only a door may open one")
    info["in_transaction"] = True
    info["noted"], info["rows"] = [], defaultdict(list)
    try:
        yield db.session
        for table, rows in info["rows"].items():
            db.session.execute(insert(table), rows)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        info["in_transaction"] = False
        noted = info.pop("noted", [])
        info.pop("rows", None)
    if noted and _announce is not None:
        _announce(noted)


def note_for_announcement(table: Table, row: Mapping[str, Any], fact: object) -> None:
    """Write `row` to `table` with the commit, all of them together, and tell `fact` after it.

    Raises when no door opened a transaction: the fact would never be told.
    """
    info = db.session().info
    if not info.get("in_transaction"):
        raise RuntimeError("a fact was noted outside transaction()")
    info["rows"][table].append(row)
    info["noted"].append(fact)
