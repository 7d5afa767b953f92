"""Whether this process lives, and whether it can serve."""

from typing import cast

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from helpdesk.kernel.db import session
from helpdesk.kernel.redis import Line

door = Blueprint("health", __name__)


@door.get("/healthz")
def healthz() -> ResponseReturnValue:
    """This process answers."""
    return jsonify(status="ok")


@door.get("/readyz")
def readyz() -> ResponseReturnValue:
    """PostgreSQL answers; Redis is named but not needed."""
    session().execute(text("SELECT 1"))
    line = cast(Line, current_app.extensions["redis"])
    return jsonify(status="ok", database="ok", redis="ok" if line.alive() else "away")
