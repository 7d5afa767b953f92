"""The telephone report as a table for a spreadsheet program."""

import csv
import io
from collections.abc import Callable

from helpdesk.kernel.i18n import N_, gettext, language
from helpdesk.reports.spreadsheets import BYTE_ORDER_MARK, harmless
from helpdesk.reports.telephony import PhoneReport
from helpdesk.reports.telephony_columns import EXPORTED
from helpdesk.reports.telephony_counts import REASONS
from helpdesk.reports.telephony_figures import FIGURES, Unit
from helpdesk.reports.telephony_rows import PhoneRow
from helpdesk.reports.telephony_staffing import StaffedInterval, staffed_intervals

_UNITS = {Unit.SHARE: "%", Unit.SECONDS: N_("s")}
_STAFFING = (N_("Load, erlang"), N_("Operators needed"), N_("Scheduled with shrinkage"), N_("Operators there"))


def phone_csv(report: PhoneReport, first_heading: str, name_of: Callable[[str], str], reason_of: dict[str, str]) -> str:
    """Semicolons, decimal sign and headings of the language spoken now; the total last; an empty cell is no data.

    `reason_of` names the other outcomes. Hours and half hours end with what Erlang C says of them.
    """
    staffed = {one.value: one for one in staffed_intervals(report)}
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        [first_heading, *(_heading(code, reason_of) for code in EXPORTED), *map(gettext, _STAFFING if staffed else ())]
    )
    for row in report.rows:
        cells = [harmless(name_of(row.value or "")), *_cells(row)]
        writer.writerow(cells + (_staffing(staffed[row.value or ""]) if staffed else []))
    writer.writerow([gettext("Total"), *_cells(report.total), *("" for _ in _STAFFING if staffed)])
    return BYTE_ORDER_MARK + out.getvalue()


def _heading(code: str, reason_of: dict[str, str]) -> str:
    figure = FIGURES[code]
    name = gettext(figure.name)
    if code.startswith("other_") and code.removeprefix("other_") in REASONS:
        return f"{name}: {gettext(reason_of[code.removeprefix('other_')])}"
    unit = _UNITS.get(figure.unit)
    return f"{name}, {gettext(unit)}" if unit else name


def _cells(row: PhoneRow) -> list[str]:
    return [_cell(FIGURES[code].unit, FIGURES[code].value(row)) for code in EXPORTED]


def _cell(unit: Unit, value: float | None) -> str:
    if value is None:
        return ""
    if unit is Unit.COUNT:
        return f"{value:.0f}"
    return _decimal(value * 100 if unit is Unit.SHARE else value)


def _staffing(one: StaffedInterval) -> list[str]:
    return [_decimal(one.needed.erlangs), str(one.needed.operators), str(one.needed.scheduled()), _decimal(one.there)]


def _decimal(value: float) -> str:
    written = f"{value:.1f}"
    return written if language() == "en" else written.replace(".", ",")
