"""How satisfied people are, by desk, operator or queue; every figure opens what it counts."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.identity.queries import names
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_, gettext, language
from helpdesk.organizations.queries import desks
from helpdesk.routing.rules import Queue
from helpdesk.tickets import opinion_queries
from helpdesk.tickets.labels import QUEUES
from helpdesk.tickets.opinion_queries import READERS, By, Row
from helpdesk.tickets.opinion_rules import GRADES
from helpdesk.web.access import current, staff_only
from helpdesk.web.article_figures import asked_period

door = Blueprint("opinions", __name__)

WAYS = {By.DESK: N_("Desk"), By.OPERATOR: N_("Operator"), By.QUEUE: N_("Queue")}
FIGURES = {
    "asked": N_("Asked"),
    "answered": N_("Answered"),
    "good": N_("Satisfied (4–5)"),
    "bad": N_("Not satisfied (1–2)"),
}


@door.get("/opinions")
@staff_only(*READERS)
def report() -> ResponseReturnValue:
    """The figures of a period."""
    since, until, wrong = asked_period()
    by = _by()
    rows = opinion_queries.figures(current(), by, since, until)
    page = render_template(
        "opinions/report.html",
        rows=rows,
        named=_named(by, rows),
        by=by,
        ways=WAYS,
        figures=FIGURES,
        since=since,
        until=until,
        errors=wrong,
    )
    return page, 422 if wrong else 200


@door.get("/opinions/behind")
@staff_only(*READERS)
def behind() -> ResponseReturnValue:
    """The questions behind one figure, with what was answered."""
    since, until, _ = asked_period()
    figure, by = request.args.get("figure", ""), _by()
    if figure not in FIGURES:
        raise NotFound
    lines = opinion_queries.behind(current(), by, request.args.get("key", ""), figure, since, until)
    return render_template(
        "opinions/behind.html",
        lines=lines,
        figure=FIGURES[figure],
        grades=GRADES,
        by=by,
        full=len(lines) >= opinion_queries.LINES,
        since=since,
        until=until,
    )


def _by() -> By:
    given = request.args.get("by", "")
    return By(given) if given in [one.value for one in By] else By.DESK


def _named(by: By, rows: list[Row]) -> dict[str, str]:
    """What each row is called."""
    if by is By.QUEUE:
        return {row.key: gettext(QUEUES[Queue(row.key)]) for row in rows}
    ids = {int(row.key) for row in rows if row.key}
    if by is By.OPERATOR:
        known = names(ids)
    else:
        known = {id_: desks()[id_].organization.short(language()) for id_ in ids if id_ in desks()}
    return {row.key: known.get(int(row.key), row.key) if row.key else gettext("nobody") for row in rows}
