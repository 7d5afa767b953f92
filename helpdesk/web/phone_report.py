"""The telephone report: period, place, queue and language; figures, staffing, and the list behind each figure."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.callbacks.labels import STATES
from helpdesk.kernel import i18n
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import gettext
from helpdesk.reports import telephony_columns as columns
from helpdesk.reports.rules import By
from helpdesk.reports.scope import READERS, places
from helpdesk.reports.telephony import PhoneReport, phone_report
from helpdesk.reports.telephony_csv import phone_csv
from helpdesk.reports.telephony_figures import FIGURES
from helpdesk.reports.telephony_lists import BehindPhone, phone_list
from helpdesk.reports.telephony_staffing import staffed_intervals
from helpdesk.routing.rules import Queue
from helpdesk.web import access
from helpdesk.web.phone_address import Asked, asked, fitting, periods, usual
from helpdesk.web.phone_words import ANSWER_WORDS, BY_WORDS, REASON_WORDS, chart, clock_text, names, ordered
from helpdesk.web.reports import LANGUAGE_NAMES, MOST_ROWS, name_of, place_choices

door = Blueprint("phone_report", __name__)


@door.get("/reports/phone")
@access.staff_only(*READERS)
def report() -> ResponseReturnValue:
    """The report of a period by hour, day, queue, language, desk or operator."""
    try:
        wanted = asked()
        found = phone_report(access.current(), wanted.chosen, wanted.by)
    except Refused as refused:
        errors = {refused.field or "": gettext(refused.message)}
        return render_template("reports/phone.html", found=None, errors=errors, **_frame(usual())), 422
    rows = ordered(found)
    return render_template(
        "reports/phone.html",
        found=found,
        errors={},
        rows=rows[:MOST_ROWS],
        left_out=max(0, len(rows) - MOST_ROWS),
        tables=columns.tables(found.by),
        service_levels=[FIGURES[code] for code in columns.SERVICE_LEVELS],
        all_shown=[column.figure for table in columns.tables(found.by) for column in table.columns],
        reasons={code: REASON_WORDS[code] for code in found.total.calls.reasons},
        staffed=staffed_intervals(found)[:MOST_ROWS],
        chart=chart(found, rows),
        row_name=names(found.by, [row.value for row in rows], wanted.chosen),
        figures=FIGURES,
        **_frame(wanted),
    )


@door.get("/reports/phone.csv")
@access.staff_only(*READERS)
def export() -> ResponseReturnValue:
    """The report as a file for spreadsheets."""
    wanted = asked()
    found = phone_report(access.current(), wanted.chosen, wanted.by)
    found = PhoneReport(found.chosen, found.by, ordered(found), found.total, found.at)
    period = wanted.chosen.period
    name_of_row = names(found.by, [row.value for row in found.rows], wanted.chosen)
    written = phone_csv(found, gettext(BY_WORDS[found.by]), name_of_row, REASON_WORDS)
    name = f"1450-phone-{period.first}-{period.last}-{found.by.value}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(written, mimetype="text/csv", headers=headers)


@door.get("/reports/phone/list")
@access.staff_only(*READERS)
def behind() -> ResponseReturnValue:
    """The calls, offers or promises that a figure was counted from."""
    wanted, value, code = asked(), request.args.get("value"), request.args.get("figure", "")
    after = request.args.get("after")
    page = phone_list(access.current(), wanted.chosen, BehindPhone(code, wanted.by, value), after)
    here = wanted.query(figure=code, value=value)
    reason = code.removeprefix("other_")
    return render_template(
        "reports/phone_list.html",
        page=page,
        asked=wanted,
        title=REASON_WORDS[reason] if code != reason else "",
        row="" if value is None else names(wanted.by, [value], wanted.chosen)(value),
        name_of=name_of,
        By=By,
        outcomes=REASON_WORDS,
        answers=ANSWER_WORDS,
        promise_states=STATES,
        clock_text=clock_text,
        back=url_for("phone_report.report", **wanted.query()),
        first=url_for("phone_report.behind", **here) if after else "",
        next=url_for("phone_report.behind", **here, after=page.next) if page.next else "",
    )


def _frame(wanted: Asked) -> dict[str, Any]:
    given, period, page = request.args, wanted.chosen.period, "phone_report.report"
    place = wanted.chosen.place

    def address(**changes: Any) -> str:
        return url_for(page, **wanted.query(**changes))

    return {
        "asked": wanted,
        "typed": {"from": given.get("from", period.first), "to": given.get("to", period.last)},
        "place_options": place_choices(places(access.current())),
        "queue_options": [("", gettext("All queues")), *((q.value, name_of(By.QUEUE, q.value)) for q in Queue)],
        "language_options": [
            ("", gettext("All languages")),
            *((code, LANGUAGE_NAMES[code]) for code in i18n.LANGUAGES),
        ],
        "place_name": name_of(By.DESK, str(place)) if place else gettext("All my desks"),
        "clock_text": clock_text,
        "presets": [
            (
                address(**{"from": named.first, "to": named.last, "by": fitting(wanted.by, named).value}),
                gettext(words),
                None,
                named == period,
            )
            for words, named in periods()
        ],
        "ways": [(address(by=by.value), gettext(words), None, by is wanted.by) for by, words in BY_WORDS.items()],
    }
