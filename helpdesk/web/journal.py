"""The journal: filtered, and as a file."""

import csv
import io
import json
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.administration import journal as read
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.i18n import DEFAULT_ZONE, N_, gettext, local
from helpdesk.organizations.queries import desks
from helpdesk.reports.spreadsheets import BYTE_ORDER_MARK, harmless
from helpdesk.web.access import current, staff_only

door = Blueprint("journal", __name__, url_prefix="/journal")

SUBJECTS = {
    "": N_("Everything"),
    "ticket": N_("Tickets"),
    "call": N_("Calls"),
    "callback": N_("Callbacks"),
    "letter": N_("Sent letters"),
    "mail": N_("Incoming letters"),
    "recording": N_("Recordings"),
    "number": N_("Numbers"),
    "presence": N_("Presence"),
    "staff": N_("Staff"),
    "organization": N_("Organizations"),
    "desk": N_("Desks"),
    "category": N_("Categories"),
    "import": N_("Imports"),
    "export": N_("Exports"),
    "prompt": N_("Voice prompts"),
    "job": N_("Jobs"),
    "token": N_("Tokens"),
    "webhook": N_("Webhooks"),
    "journal": N_("Exports of the journal"),
    "person": N_("People: data taken out or erased"),
    "retention": N_("Terms of keeping"),
    "breach": N_("Breaches"),
}
ACTORS = {
    "staff": N_("staff"),
    "requester": N_("requester"),
    "carrier": N_("telephone company"),
    "system": N_("by itself"),
}
DAYS = 7


@door.get("")
@staff_only(*read.READERS)
def journal() -> ResponseReturnValue:
    """What happened, newest first."""
    wanted, shown = _filter()
    before = request.args.get("before", "")
    page = read.entries(current(), wanted, int(before) if before.isdigit() and len(before) < 19 else None)
    return render_template(
        "journal/journal.html",
        page=page,
        shown=shown,
        desks=desks(),
        actors=ACTORS,
        subject_options=[(code, gettext(words)) for code, words in SUBJECTS.items()],
        next=url_for("journal.journal", before=page.next, **shown) if page.next else "",
        first=url_for("journal.journal", **shown) if before else "",
        export=url_for("journal.export", **shown),
        details=_details,
    )


@door.get("/export.csv")
@staff_only(*read.READERS)
def export() -> ResponseReturnValue:
    """The same as a file for a spreadsheet program."""
    wanted, _shown = _filter()
    with transaction():
        read.note_export(current(), wanted)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    heading = (N_("When"), N_("What"), N_("Who"), N_("About whom"), N_("Ticket"), N_("Desk"), N_("Details"))
    writer.writerow(map(gettext, heading))
    for one in read.exported(current(), wanted):
        entry = one.entry
        cells = (
            f"{local(entry.at):%Y-%m-%d %H:%M:%S}",
            entry.kind,
            one.by or gettext(ACTORS.get(entry.actor_kind, entry.actor_kind)),
            one.about,
            one.ticket,
            entry.desk_id or "",
            json.dumps(entry.details, ensure_ascii=False, sort_keys=True) if entry.details else "",
        )
        writer.writerow([harmless(str(cell)) for cell in cells])
    headers = {"Content-Disposition": 'attachment; filename="journal.csv"'}
    return Response(BYTE_ORDER_MARK + out.getvalue(), mimetype="text/csv", headers=headers)


def _filter() -> tuple[read.Filter, dict[str, Any]]:
    today = clock.now().astimezone(DEFAULT_ZONE).date()
    first = _day(request.args.get("since", ""), today - timedelta(days=DAYS - 1))
    first, last = read.days(first, _day(request.args.get("until", ""), today))
    subject = request.args.get("subject", "")
    shown = {
        "since": first.isoformat(),
        "until": last.isoformat(),
        "subject": subject if subject in SUBJECTS else "",
        "address": request.args.get("address", "")[:254],
        "number": request.args.get("number", "")[:20],
    }
    wanted = read.Filter(
        since=datetime.combine(first, time(), DEFAULT_ZONE),
        before=datetime.combine(last + timedelta(days=1), time(), DEFAULT_ZONE),
        subject=shown["subject"],
        address=shown["address"],
        number=shown["number"],
    )
    return wanted, shown


def _day(typed: str, usual: date) -> date:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return usual
    return found if date(2000, 1, 1) <= found <= date(2100, 1, 1) else usual


def _details(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in sorted(values.items()) if value not in (None, "", []))
