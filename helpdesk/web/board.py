"""The operators' board."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from helpdesk.web.access import staff_only

door = Blueprint("board", __name__)


@door.get("/board")
@staff_only()
def board() -> ResponseReturnValue:
    """My desks' queues, due first."""
    return render_template("board/board.html")
