"""The log of breaches, for data officers and administrators."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Conflict, Refused
from helpdesk.kernel.i18n import N_, gettext, language
from helpdesk.privacy import breaches
from helpdesk.privacy.breaches import PAGE, Told
from helpdesk.privacy.models import Breach
from helpdesk.privacy.rules import BREACH_MOVES, BREACH_WORDS, UNREPORTED, BreachState
from helpdesk.tickets.queries import numbers
from helpdesk.web.access import current, staff_only

door = Blueprint("breaches", __name__, url_prefix="/breaches")

STEPS = {
    BreachState.CONFIRMED: N_("It is a breach"),
    BreachState.REPORTED: N_("The authority was told"),
    BreachState.DISMISSED: N_("It is no breach"),
    BreachState.CLOSED: N_("Close"),
}


@door.get("")
@staff_only(*breaches.KEEPERS)
def log() -> ResponseReturnValue:
    """Breaches, newest first."""
    before = request.args.get("before", "")
    rows = breaches.log(current(), int(before) if before.isdigit() and len(before) < 19 else None)
    return render_template(
        "privacy/breaches.html",
        rows=rows[:PAGE],
        words=BREACH_WORDS,
        unreported=UNREPORTED,
        next=url_for("breaches.log", before=rows[PAGE - 1][0].id) if len(rows) > PAGE else "",
        first=url_for("breaches.log") if before else "",
    )


@door.get("/new")
@staff_only(*breaches.KEEPERS)
def new() -> ResponseReturnValue:
    """Somebody noticed something."""
    return _form(Told())


@door.post("/new")
@staff_only(*breaches.KEEPERS)
def add() -> ResponseReturnValue:
    """Write it down; the clock runs from now."""
    told, place = _told(), request.form.get("organization", "")
    try:
        with transaction():
            made = breaches.add(current(), int(place) if place.isdecimal() and len(place) < 10 else 0, told)
    except Refused as refused:
        return _form(told, {refused.field or "what": gettext(refused.message, **refused.values)}, place), 422
    return redirect(url_for("breaches.breach", breach_id=made.id), 303)


@door.get("/<int:breach_id>")
@staff_only(*breaches.KEEPERS)
def breach(breach_id: int) -> ResponseReturnValue:
    """One breach: what is known, what was done, what is due."""
    row = breaches.breach_for(current(), breach_id)
    return _page(row, _as_told(row))


@door.post("/<int:breach_id>")
@staff_only(*breaches.KEEPERS)
def change(breach_id: int) -> ResponseReturnValue:
    """Say more, or take the next step."""
    told = _told()
    version, to = request.form.get("version", ""), request.form.get("to", "")
    try:
        with transaction():
            breaches.change(current(), breach_id, told, version, to)
    except Refused as refused:
        errors = {refused.field or "what": gettext(refused.message, **refused.values)}
        return _page(breaches.breach_for(current(), breach_id), told, errors), 422
    except Conflict as conflict:
        errors = {"what": gettext(str(conflict))}
        return _page(breaches.breach_for(current(), breach_id), told, errors), 409
    flash(gettext("Saved."), "calm")
    return redirect(url_for("breaches.breach", breach_id=breach_id), 303)


@door.post("/<int:breach_id>/people-told")
@staff_only(*breaches.KEEPERS)
def people_told(breach_id: int) -> ResponseReturnValue:
    """The people concerned know."""
    with transaction():
        breaches.people_told(current(), breach_id)
    return redirect(url_for("breaches.breach", breach_id=breach_id), 303)


def _told() -> Told:
    return Told(**{name: request.form.get(name, "")[:20_000] for name in Told.__dataclass_fields__})


def _as_told(row: Breach) -> Told:
    return Told(row.what, row.data, str(row.people) if row.people is not None else "", row.measures, row.reference)


def _form(told: Told, errors: dict[str, str] | None = None, place: str = "") -> str:
    mine = breaches.places(current())
    return render_template(
        "privacy/new_breach.html",
        told=told,
        place_options=[(one.id, one.name(language())) for one in mine],
        place=place or (mine[0].id if mine else ""),
        errors=errors or {},
    )


def _page(row: Breach, told: Told, errors: dict[str, str] | None = None) -> str:
    # in the order of the work
    steps = [(state.value, gettext(words)) for state, words in STEPS.items() if state in BREACH_MOVES[row.state]]
    return render_template(
        "privacy/breach.html",
        breach=row,
        place=breaches.place_of(row),
        ticket=numbers(current(), [row.ticket_id]).get(row.ticket_id, "") if row.ticket_id else "",
        told=told,
        steps=steps,
        words=BREACH_WORDS,
        unreported=row.state in UNREPORTED,
        errors=errors or {},
    )
