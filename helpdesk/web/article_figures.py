"""What came of the articles: a table whose figures open what is behind them."""

from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.identity.rules import Role
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.knowledge import actions, figures, queries
from helpdesk.knowledge.rules import ShownAt
from helpdesk.web.access import current, staff_only

door = Blueprint("article_figures", __name__)

FIGURES = {
    "shown": N_("Shown"),
    "used": N_("Used in answers"),
    "helped": N_("It helped"),
    "unhelped": N_("It did not help"),
    "avoided": N_("Requests not sent because of it"),
}
PLACES = {ShownAt.HELP: N_("help centre"), ShownAt.FORM: N_("before sending the form")}
PERIOD = timedelta(days=29)
LONGEST = timedelta(days=3660)


@door.get("/articles/figures")
@staff_only(Role.SUPERVISOR, Role.ADMINISTRATOR)
def report() -> ResponseReturnValue:
    """Every article that I may read, with its figures of a period."""
    since, until, wrong = asked_period()
    found = figures.figures(current(), since, until)
    page = render_template("articles/figures.html", rows=found, figures=FIGURES, since=since, until=until, errors=wrong)
    return page, 422 if wrong else 200


@door.get("/articles/behind")
@staff_only(Role.SUPERVISOR, Role.ADMINISTRATOR)
def behind() -> ResponseReturnValue:
    """What one figure counts."""
    since, until, _ = asked_period()
    figure, given = request.args.get("figure", ""), request.args.get("article", "")
    if figure not in FIGURES or not given.isdecimal() or len(given) > 18:
        raise NotFound
    article = queries.article_for(current(), int(given))
    days, uses = [], []
    if figure == "used":
        uses = list(figures.used_on(current(), article, since, until))
    elif figure == "shown":
        days = figures.shown_days(article, since, until)
    else:
        days = figures.voted_days(article, figure, since, until)
    return render_template(
        "articles/behind.html",
        article=article,
        figure=FIGURES[figure],
        days=days,
        uses=uses,
        total=sum(one.times for one in days) if figure != "used" else len(uses),
        full=max(len(days), len(uses)) >= figures.LINES,
        where=PLACES,
        since=since,
        until=until,
    )


def asked_period() -> tuple[date, date, dict[str, str]]:
    """The days asked for, the last thirty where none are; and what is wrong with them."""
    until = actions.today()
    given = request.args.get("from", "").strip(), request.args.get("to", "").strip()
    if not any(given):
        return until - PERIOD, until, {}
    try:
        first, last = (date.fromisoformat(one) for one in given)
    except ValueError:
        return until - PERIOD, until, {"from": gettext("This is no day. For example: 2026-12-31")}
    if last < first or last - first > LONGEST:
        return until - PERIOD, until, {"to": gettext("It ends before it begins")}
    return first, last, {}
