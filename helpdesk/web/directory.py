"""The public directory of desks: number, hours today, languages. Asked of what is remembered: usually no statement."""

import csv
import io
from collections import defaultdict
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.kernel import clock, phones
from helpdesk.kernel.i18n import gettext, language
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import desks as all_desks
from helpdesk.organizations.queries import numbers
from helpdesk.organizations.search import words
from helpdesk.reports.spreadsheets import BYTE_ORDER_MARK, harmless
from helpdesk.sla.queries import calendar_of
from helpdesk.web import limits
from helpdesk.web.help import kept
from helpdesk.web.pages import NAMES
from helpdesk.web.public import PREFIX

door = Blueprint("directory", __name__)

# A page has so many; who looks for a school types its number.
SHOWN = 50
LONGEST_QUESTION = 100


@dataclass(frozen=True)
class Entry:
    """One desk as everybody may know it. `hours`: today's, in words."""

    name: str
    numbers: tuple[str, ...]
    hours: str
    open_now: bool
    languages: tuple[str, ...]


@door.get(PREFIX + "/desks")
@limits.limiter.limit(limits.STEPS)
def desks(language: str) -> ResponseReturnValue:
    """Desks whose names have the words; departments before schools."""
    asked = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    found = _found(asked)
    page = render_template(
        "directory/desks.html", searched=asked, entries=_entries(found[:SHOWN]), count=len(found), shown=SHOWN
    )
    return make_response(page) if asked else kept(page)


@door.get(PREFIX + "/desks.csv")
@limits.limiter.limit("30 per minute")
def export(language: str) -> ResponseReturnValue:
    """The same desks, all of them, for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([gettext("Desk"), gettext("Phone"), gettext("Hours today"), gettext("Languages")])
    for one in _entries(_found(request.args.get("q", "").strip()[:LONGEST_QUESTION])):
        told = (one.name, ", ".join(one.numbers), one.hours, ", ".join(one.languages))
        writer.writerow([f"'{cell}" if cell.startswith("+") else harmless(cell) for cell in told])
    answer: Response = make_response(BYTE_ORDER_MARK + out.getvalue())
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=1450.csv"
    return answer


def _found(asked: str) -> list[Desk]:
    wanted = [f" {word}" for word in words(asked)]
    fitting = (
        one
        for one in all_desks().values()
        if _works(one) and all(word in f" {one.organization.search}" for word in wanted)
    )
    return sorted(fitting, key=lambda one: (one.organization.path.count("/"), one.organization.sort_key, one.id))


def _works(desk: Desk) -> bool:
    day = clock.now().date()
    begun = desk.active_from is None or desk.active_from <= day
    lasts = desk.active_to is None or desk.active_to >= day
    return begun and lasts and desk.organization.closed_on is None


def _entries(found: list[Desk]) -> list[Entry]:
    of_desk: dict[int, list[str]] = defaultdict(list)
    for number, desk_id in numbers().items():
        of_desk[desk_id].append(phones.shown(number))
    return [
        Entry(
            one.organization.name(language()),
            tuple(of_desk[one.id]),
            _hours(one),
            one.around_the_clock or calendar_of(one).is_open(clock.now()),
            tuple(NAMES[code] for code in one.languages if code in NAMES),
        )
        for one in found
    ]


def _hours(desk: Desk) -> str:
    if desk.around_the_clock:
        return gettext("around the clock")
    calendar = calendar_of(desk)
    today = calendar.hours_on(calendar.local_day(clock.now()))
    spans = ", ".join(f"{one.opens:%H:%M}–{one.closes:%H:%M}" for one in today)
    return spans or gettext("closed today")
