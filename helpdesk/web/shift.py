"""Taking the next ticket, and giving back at the end of a shift what was not answered."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity.queries import subordinate
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import gettext
from helpdesk.tickets import bulk, shifts
from helpdesk.tickets.bulk_rules import BulkVerb
from helpdesk.tickets.labels import STATES
from helpdesk.web.access import current, staff_only
from helpdesk.web.board import category_name

door = Blueprint("shift", __name__, url_prefix="/shift")


@door.post("/next")
@staff_only(Role.OPERATOR)
def take_next() -> ResponseReturnValue:
    """The most urgent ticket that nobody has becomes mine, and its page opens."""
    with transaction():
        found = shifts.take_next(current())
        number = found.number if found is not None else ""
    if number:
        return redirect(url_for("tickets.ticket", number=number, view="mine"), 303)
    flash(gettext("Nobody's tickets in your queues and languages: none is left"), "amber")
    return redirect(url_for("board.board", view="unassigned"), 303)


@door.get("")
@staff_only(Role.OPERATOR)
def mine() -> str:
    """What I have in hand, before I give it back."""
    return _page(current().id, current().name)


@door.post("")
@staff_only(Role.OPERATOR)
def give_back() -> ResponseReturnValue:
    """What is chosen goes back to the queue."""
    return _give_back(current().id, current().name)


@door.get("/people")
@staff_only(Role.SUPERVISOR)
def people() -> str:
    """Operators who have something in hand, wherever they are."""
    return render_template("shift/people.html", people=shifts.holders(current()), most=shifts.MOST)


@door.get("/<int:staff_id>")
@staff_only(Role.SUPERVISOR)
def theirs(staff_id: int) -> str:
    """What somebody has in hand who went home."""
    return _page(staff_id, subordinate(current(), staff_id).name)


@door.post("/<int:staff_id>")
@staff_only(Role.SUPERVISOR)
def give_back_theirs(staff_id: int) -> ResponseReturnValue:
    """A supervisor gives it back for them."""
    return _give_back(staff_id, subordinate(current(), staff_id).name)


def _give_back(staff_id: int, name: str) -> ResponseReturnValue:
    held = {one.row.number for one in shifts.in_hand(current(), staff_id)}
    chosen = [number for number in request.form.getlist("number") if number in held]
    try:
        with transaction():
            told = {"staff_id": None, "from_id": staff_id}
            if not chosen:
                raise Refused(bulk.NOTHING_CHOSEN)
            made = bulk.begin(current(), BulkVerb.ASSIGN, told, chosen)
    except Refused as refused:
        return _page(staff_id, name, gettext(refused.message)), 422
    return redirect(url_for("bulk.show", bulk_id=made.id), 303)


def _page(staff_id: int, name: str, error: str = "") -> str:
    return render_template(
        "shift/shift.html",
        held=shifts.in_hand(current(), staff_id),
        staff_id=staff_id,
        name=name,
        own=staff_id == current().id,
        errors={"number": error} if error else {},
        states={state: gettext(words) for state, words in STATES.items()},
        category_name=category_name,
    )
