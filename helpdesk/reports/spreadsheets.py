"""The report as a table for a spreadsheet program."""

import csv
import io
from collections.abc import Callable

from helpdesk.kernel.i18n import gettext, language
from helpdesk.reports.columns import EXPORTED
from helpdesk.reports.figures import FIGURES, Share
from helpdesk.reports.queries import Report, Row

# Excel takes a file for UTF-8 only when it begins with this.
BYTE_ORDER_MARK = "\ufeff"
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def report_csv(report: Report, first_heading: str, name_of: Callable[[str], str]) -> str:
    """Semicolons, decimal sign and headings of the language spoken now; the total last; an empty cell is no data."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([first_heading, *(_heading(code) for code in EXPORTED)])
    for row in report.rows:
        writer.writerow([harmless(name_of(row.value or "")), *(_cell(row, code) for code in EXPORTED)])
    writer.writerow([gettext("Total"), *(_cell(report.total, code) for code in EXPORTED)])
    return BYTE_ORDER_MARK + out.getvalue()


def _heading(code: str) -> str:
    name = gettext(FIGURES[code].name)
    return f"{name}, %" if isinstance(FIGURES[code], Share) else name


def _cell(row: Row, code: str) -> str:
    value = row.figure(code)
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    written = f"{value * 100:.1f}" if isinstance(FIGURES[code], Share) else f"{value:.1f}"
    return written if language() == "en" else written.replace(".", ",")


def harmless(name: str) -> str:
    """A name that begins like a formula would be computed by the spreadsheet: it gets a sign before it."""
    return f"'{name}" if name.startswith(_FORMULA_SIGNS) else name
