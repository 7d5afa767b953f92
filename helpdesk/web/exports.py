"""Lists as files for spreadsheet programs."""

import csv
import io
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from openpyxl import Workbook

from helpdesk.administration import exports as lists
from helpdesk.administration.rules import ListKind
from helpdesk.kernel.db import transaction
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.reports.spreadsheets import BYTE_ORDER_MARK, harmless
from helpdesk.web.access import current, staff_only
from helpdesk.web.administration import ADMINISTRATORS

door = Blueprint("exports", __name__, url_prefix="/exports")

FORMS = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
# A sheet holds 1,048,576 rows; more than these no spreadsheet program opens in comfort, and the CSV has them all.
MOST_ROWS = 200_000
IN_MEMORY = 4 * 1024 * 1024


@door.get("/list")
@staff_only(*ADMINISTRATORS)
def file() -> ResponseReturnValue:
    """One list of my part of the tree, in the columns in which it can be read again."""
    kind, form = request.args.get("kind", ""), request.args.get("form", "csv")
    if kind not in lists.KINDS or form not in FORMS:
        abort(404)
    wanted = ListKind(kind)
    with transaction():
        lists.note_export(current(), wanted)
    out = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - read on after this function
    (_write_csv if form == "csv" else _write_workbook)(lists.rows(current(), wanted), out)
    out.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{wanted.value}.{form}"'}
    return Response(iter(lambda: out.read(65536), b""), mimetype=FORMS[form], headers=headers)


def _write_csv(rows: Iterator[lists.Row], out: Any) -> None:
    text = io.TextIOWrapper(out, "utf-8", newline="")
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    text.flush()
    text.detach()


def _write_workbook(rows: Iterator[lists.Row], out: Any) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for number, row in enumerate(rows):
        if number > MOST_ROWS:
            sheet.append([gettext(N_("The list goes on: take the CSV file"))])
            break
        sheet.append([harmless(cell) for cell in row])
    book.save(out)
