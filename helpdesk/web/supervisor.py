"""The supervisor's board: three numbers that need action, and what stands behind them."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_
from helpdesk.reports.rules import By
from helpdesk.reports.scope import READERS, places
from helpdesk.reports.situation import Need, callers, in_need, situation
from helpdesk.telephony.rules import PresenceState
from helpdesk.web import access
from helpdesk.web.reports import name_of, place_choices, read_place

door = Blueprint("supervisor", __name__)

NEED_WORDS = {Need.OVERDUE: N_("Overdue now"), Need.AT_RISK: N_("At risk")}
PRESENCE_WORDS = {
    PresenceState.READY: N_("ready"),
    PresenceState.RESERVED: N_("being offered a call"),
    PresenceState.TALKING: N_("talking"),
    PresenceState.WRAPUP: N_("wrapping up"),
    PresenceState.BREAK: N_("on a break"),
    PresenceState.OFFLINE: N_("offline"),
}
# Lines beyond these are calm: the place narrows the board down to them.
MOST_LINES = 60


@door.get("/supervisor")
@access.staff_only(*READERS)
def board() -> ResponseReturnValue:
    """What needs action now."""
    place = read_place()
    now = situation(access.current(), place)
    return render_template(
        "supervisor/board.html",
        now_=now,
        lines=now.lines[:MOST_LINES],
        left_out=max(0, len(now.lines) - MOST_LINES),
        presence=PRESENCE_WORDS,
        place=place,
        place_options=place_choices(places(access.current())),
        name_of=name_of,
        By=By,
    )


@door.get("/supervisor/list")
@access.staff_only(*READERS)
def behind() -> ResponseReturnValue:
    """The tickets or callers behind a number of the board."""
    place, what = read_place(), request.args.get("what", "")
    shared: dict[str, Any] = {"back": url_for("supervisor.board", place=place), "name_of": name_of, "By": By}
    if what == "waiting":
        return render_template("supervisor/callers.html", entries=callers(access.current(), place), **shared)
    if what not in [need.value for need in Need]:
        raise NotFound
    after = request.args.get("after")
    page = in_need(access.current(), Need(what), place, after)
    here: dict[str, Any] = {"what": what, "place": place}
    return render_template(
        "supervisor/list.html",
        page=page,
        need=NEED_WORDS[Need(what)],
        first=url_for("supervisor.behind", **here) if after else "",
        next=url_for("supervisor.behind", **here, after=page.next) if page.next else "",
        **shared,
    )
