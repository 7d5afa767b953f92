"""The service report: a period, a place, a table, a chart, and the list behind each figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.kernel import clock, i18n
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.organizations.queries import desks
from helpdesk.reports import columns, figures
from helpdesk.reports.queries import Behind, Report, Row, figure_list, sla_report
from helpdesk.reports.rules import By, Period, Preset, preset, read_period
from helpdesk.reports.scope import READERS, Place, places, tree_order
from helpdesk.reports.spreadsheets import report_csv
from helpdesk.routing.rules import Queue
from helpdesk.tickets.labels import CHANNELS, QUEUES
from helpdesk.tickets.rules import Channel
from helpdesk.web import access

door = Blueprint("reports", __name__)

BY_WORDS = {By.QUEUE: N_("Queue"), By.DESK: N_("Desk"), By.CHANNEL: N_("Channel"), By.LANGUAGE: N_("Language")}
PRESET_WORDS = {
    Preset.THIS_WEEK: N_("This week"),
    Preset.LAST_WEEK: N_("Last week"),
    Preset.THIS_MONTH: N_("This month"),
    Preset.LAST_MONTH: N_("Last month"),
}
LANGUAGE_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
# More rows than this are left to the export, more bars than this are not read.
MOST_ROWS = 200
MOST_BARS = 15


@dataclass(frozen=True)
class Asked:
    """What the address of a report says."""

    period: Period
    by: By
    place: int | None

    def query(self, **changes: Any) -> dict[str, Any]:
        """The same as parameters of an address, with some of them changed."""
        values = {"from": self.period.first, "to": self.period.last, "by": self.by.value, "place": self.place}
        return {key: value for key, value in (values | changes).items() if value is not None}


@door.get("/reports/sla")
@access.staff_only(*READERS)
def report() -> ResponseReturnValue:
    """The report of a period by queue, desk, channel or language."""
    try:
        asked = _asked()
    except Refused as refused:
        usual = Asked(_period_by_name(Preset.THIS_WEEK), _by(), None)
        errors = {refused.field or "": gettext(refused.message)}
        page = render_template("reports/report.html", found=None, errors=errors, **_frame(usual))
        return page, 422
    found = sla_report(access.current(), asked.period, asked.by, asked.place)
    rows = ordered(found)
    shown = sorted(found.rows, key=lambda row: -row.counts["tickets"])[:MOST_ROWS]
    return render_template(
        "reports/report.html",
        found=found,
        errors={},
        rows=[row for row in rows if row in shown] if len(rows) > MOST_ROWS else rows,
        left_out=max(0, len(rows) - MOST_ROWS),
        chart=chart(found, rows),
        columns=columns,
        figures=figures.FIGURES,
        **_frame(asked),
    )


@door.get("/reports/sla.csv")
@access.staff_only(*READERS)
def export() -> ResponseReturnValue:
    """The report as a file for spreadsheets."""
    asked = _asked()
    found = sla_report(access.current(), asked.period, asked.by, asked.place)
    found = Report(found.period, found.by, ordered(found), found.total, found.at)
    name = f"1450-{asked.period.first}-{asked.period.last}-{asked.by.value}.csv"
    written = report_csv(found, gettext(BY_WORDS[asked.by]), lambda value: name_of(asked.by, value))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(written, mimetype="text/csv", headers=headers)


@door.get("/reports/sla/list")
@access.staff_only(*READERS)
def behind() -> ResponseReturnValue:
    """The tickets or callbacks that a figure was counted from."""
    asked, value, code = _asked(), request.args.get("value"), request.args.get("figure", "")
    after = request.args.get("after")
    page = figure_list(access.current(), asked.period, Behind(code, asked.by, value), asked.place, after)
    here = asked.query(figure=code, value=value)
    return render_template(
        "reports/list.html",
        page=page,
        asked=asked,
        queue_words=QUEUES,
        row=name_of(asked.by, value) if value is not None else "",
        back=url_for("reports.report", **asked.query()),
        first=url_for("reports.behind", **here) if after else "",
        next=url_for("reports.behind", **here, after=page.next) if page.next else "",
    )


def ordered(found: Report) -> Sequence[Row]:
    """Desks in the order of the tree, everything else with the most tickets first."""
    if found.by is By.DESK:
        known = desks()
        return sorted(found.rows, key=lambda row: tree_order(known[int(row.value or 0)]))
    return sorted(found.rows, key=lambda row: (-row.counts["tickets"], row.value or ""))


def name_of(by: By, value: str) -> str:
    """What a row is called. Raises NotFound for a value that there is not."""
    try:
        match by:
            case By.QUEUE:
                words = gettext(QUEUES[Queue(value)])
            case By.CHANNEL:
                words = gettext(CHANNELS[Channel(value)])
            case By.LANGUAGE:
                words = LANGUAGE_NAMES.get(value, value)
            case By.DESK:
                words = desks()[int(value)].organization.short(i18n.language())
    except (ValueError, KeyError):
        raise NotFound from None
    return words[:1].upper() + words[1:]


def chart(found: Report, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Both shares in time, in percent, of the rows with most tickets; None where there is nothing to draw."""
    most = sorted(rows, key=lambda row: -row.counts["tickets"])[:MOST_BARS]
    drawn = [row for row in rows if row in most]
    shares = (("response_share", N_("First response")), ("resolution_share", N_("Resolution")))
    series = [
        {"label": gettext(words), "data": [_percent(row.figure(code)) for row in drawn]} for code, words in shares
    ]
    if not any(value is not None for one in series for value in one["data"]):
        return None
    return {"labels": [name_of(found.by, row.value or "") for row in drawn], "series": series}


def place_choices(found: Sequence[Place]) -> list[tuple[str, str]]:
    """Places for a select, each set in below the one it belongs to."""
    options = [("", gettext("All my desks"))]
    for place in found:
        name = place.desk.organization.short(i18n.language())
        options.append((str(place.desk.id), "\u2003" * place.depth + name))
    return options


def read_place() -> int | None:
    """The chosen place of a request; None is everything."""
    typed = request.args.get("place", "")
    if typed and not typed.isdecimal():
        raise NotFound
    return int(typed) if typed else None


def _asked() -> Asked:
    given = request.args
    if "from" in given or "to" in given:
        period = read_period(given.get("from", ""), given.get("to", ""))
    else:
        period = _period_by_name(Preset.THIS_WEEK)
    return Asked(period, _by(), read_place())


def _by() -> By:
    try:
        return By(request.args.get("by", By.QUEUE))
    except ValueError:
        raise NotFound from None


def _period_by_name(which: Preset) -> Period:
    return preset(which, i18n.local(clock.now()).date())


def _frame(asked: Asked) -> dict[str, Any]:
    periods = {which: _period_by_name(which) for which in Preset}
    given, period = request.args, asked.period
    page = "reports.report"
    return {
        "asked": asked,
        "typed": {"from": given.get("from", period.first), "to": given.get("to", period.last)},
        "place_options": place_choices(places(access.current())),
        "place_name": name_of(By.DESK, str(asked.place)) if asked.place else gettext("All my desks"),
        "name_of": name_of,
        "presets": [
            (
                url_for(page, **asked.query(**{"from": named.first, "to": named.last})),
                gettext(PRESET_WORDS[which]),
                None,
                named == period,
            )
            for which, named in periods.items()
        ],
        "ways": [
            (url_for(page, **asked.query(by=by.value)), gettext(words), None, by is asked.by)
            for by, words in BY_WORDS.items()
        ],
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)
