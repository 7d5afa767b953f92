"""Alarms: the banner that stays on every page of those who answer for the desk until one takes it, and the list.

That is its supervisors; administrators see alarms of desks that have none.
"""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity.queries import names
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import transaction
from helpdesk.kernel.i18n import N_
from helpdesk.reports.rules import By
from helpdesk.telephony import danger, emergency
from helpdesk.telephony.danger_rules import ServiceState
from helpdesk.tickets.queries import numbers
from helpdesk.web.access import current, staff_only, wants_json
from helpdesk.web.reports import name_of

door = Blueprint("danger", __name__, url_prefix="/alarms")

SERVICE_WORDS = {
    ServiceState.ASKED: N_("is being rung"),
    ServiceState.DIALLING: N_("is being rung"),
    ServiceState.RINGING: N_("is being rung"),
    ServiceState.TALKING: N_("on the line"),
    ServiceState.ENDED: N_("has talked"),
    ServiceState.FAILED: N_("could not be reached"),
}
PAGE = 30


@door.get("")
@staff_only(Role.SUPERVISOR, Role.ADMINISTRATOR)
def alarms() -> ResponseReturnValue:
    """Every alarm at my desks: when, who raised it, who took it and when, which services were called in."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdecimal()):
        abort(404)
    found = danger.alarms(current(), int(before[:18]) if before else None, PAGE + 1)
    rows = found[:PAGE]
    tickets = danger.tickets_of(rows)
    people = {id_ for one in rows for id_ in (one.raised_by, one.acknowledged_by) if id_ is not None}
    return render_template(
        "danger/alarms.html",
        rows=rows,
        names=names(people),
        services=emergency.of_calls(one.call_id for one in rows),
        tickets=tickets,
        numbers=numbers(current(), tickets.values()),
        words=SERVICE_WORDS,
        next=url_for("danger.alarms", before=rows[-1].id) if len(found) > PAGE else "",
        first=url_for("danger.alarms") if before else "",
        name_of=name_of,
        By=By,
    )


@door.get("/banner")
@staff_only(Role.SUPERVISOR, Role.ADMINISTRATOR)
def banner() -> ResponseReturnValue:
    """The alarms that nobody has taken, as a piece of a page; empty when there is none."""
    rows = danger.open_alarms(current())
    people = names({one.raised_by for one in rows if one.raised_by is not None})
    return render_template("danger/banner.html", rows=rows, names=people, name_of=name_of, By=By)


@door.post("/<int:alarm_id>/acknowledge")
@staff_only(Role.SUPERVISOR, Role.ADMINISTRATOR)
def acknowledge(alarm_id: int) -> ResponseReturnValue:
    """I see to it: nobody else need."""
    with transaction():
        danger.acknowledge(danger.alarm_for(current(), alarm_id), current().id)
    return banner() if wants_json() else redirect(url_for("danger.alarms"), 303)
