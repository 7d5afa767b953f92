"""Desks: the list with who is open now, and one desk with its hours, numbers and rules."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.administration import desks as verbs
from helpdesk.administration import labels
from helpdesk.administration.rules import Interval, write_hours
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Conflict, Refused
from helpdesk.kernel.i18n import N_, gettext, language
from helpdesk.organizations import queries as desk_queries
from helpdesk.organizations.models import Desk
from helpdesk.sla import queries as calendars
from helpdesk.sla.calendar import Calendar, NoWorkingTime
from helpdesk.web.access import current, staff_only
from helpdesk.web.administration import ADMINISTRATORS

door = Blueprint("desks", __name__, url_prefix="/desks")

POLICY = (*verbs.NUMBERS, "area_code", "callback_mode", "overflow_to_id", *verbs.SWITCHES)
# A new desk begins so; every field is explained on the page.
NEW = {
    "overflow_after_seconds": "300",
    "wrapup_seconds": "90",
    "promise_minutes": "",
    "reminds_after_days": "3",
    "settles_after_days": "7",
    "area_code": "",
    "callback_mode": "operator_first",
    "dials_from": "09:00",
    "dials_to": "20:00",
    **{f"hours_{day}": "09:00–18:30" if day < 5 else "" for day in range(7)},
}
DAYS_SHOWN = 8


@door.get("")
@staff_only(*ADMINISTRATORS)
def desks() -> ResponseReturnValue:
    """The desks of my part of the tree, and whether they are open now."""
    typed, after = request.args.get("q", "")[:80], request.args.get("after", "")[:240]
    found, further = verbs.desk_list(current(), typed, after)
    return render_template(
        "desks/desks.html",
        rows=[(desk, now_at(desk)) for desk in found],
        typed=typed,
        next=url_for("desks.desks", after=further, q=typed or None) if further else "",
        first=url_for("desks.desks", q=typed or None) if after else "",
    )


@door.get("/<int:desk_id>")
@staff_only(*ADMINISTRATORS)
def desk(desk_id: int) -> ResponseReturnValue:
    """One desk, or the form that opens it."""
    return _page(desk_id)


@door.post("/<int:desk_id>")
@staff_only(*ADMINISTRATORS)
def save(desk_id: int) -> ResponseReturnValue:
    """Open or change it."""
    languages = request.form.getlist("languages")
    return _act(desk_id, lambda form: verbs.save(current(), desk_id, form, languages), N_("The desk is saved."))


@door.post("/<int:desk_id>/days")
@staff_only(*ADMINISTRATORS)
def set_day(desk_id: int) -> ResponseReturnValue:
    """Other hours on one day."""
    return _act(desk_id, lambda form: verbs.set_day(current(), desk_id, form), N_("Saved."))


@door.post("/<int:desk_id>/days/drop")
@staff_only(*ADMINISTRATORS)
def drop_day(desk_id: int) -> ResponseReturnValue:
    """The day is as its weekday again."""
    return _act(desk_id, lambda form: verbs.drop_day(current(), desk_id, form), N_("Saved."))


def now_at(one: Desk) -> dict[str, Any]:
    """Whether a desk is open now, until when, and when it opens next (None: not in sight)."""
    calendar, now = calendars.calendar_of(one), clock.now()
    try:
        is_open = calendar.is_open(now)
        return {
            "open": is_open,
            "until": calendar.open_until(now) if is_open else None,
            "next": None if is_open else calendar.next_opening(now),
        }
    except NoWorkingTime:
        return {"open": False, "until": None, "next": None}


def _act(desk_id: int, verb: Callable[[Mapping[str, str]], Any], done: str) -> AnyResponse | tuple[str, int]:
    try:
        with transaction():
            verb(request.form.to_dict())
    except Refused as refused:
        return _page(desk_id, {refused.field or "": gettext(refused.message, **refused.values)}), 422
    except IntegrityError:
        raise Conflict from None
    desk_queries.forget()
    calendars.forget()
    flash(gettext(done), "calm")
    return redirect(url_for("desks.desk", desk_id=desk_id), 303)


def _page(desk_id: int, errors: dict[str, str] | None = None) -> str:
    card = verbs.desk_card(current(), desk_id)
    form = request.form
    remembered = desk_queries.desks().get(desk_id)
    at = remembered or card.desk
    calendar = calendars.calendar_of(at) if at is not None else None
    sent = "overflow_after_seconds" in form
    typed = form.to_dict() if sent else _shown(card)
    words = language()
    return render_template(
        "desks/desk.html",
        at=card,
        errors=errors or {},
        typed=typed,
        languages=form.getlist("languages") if sent else (card.desk.languages if card.desk else ["kk", "ru"]),
        weekdays=[gettext(day) for day in labels.WEEKDAYS],
        mode_options=[(code, gettext(text)) for code, text in labels.CALLBACK_MODES.items()],
        overflow_options=[
            ("", gettext("To nobody")),
            *((str(one.id), one.organization.short(words)) for one in card.overflow),
        ],
        chain=_chain(at),
        now_=now_at(at) if at is not None else None,
        days=_days(calendar, clock.now()) if calendar else [],
        special=_special(card.desk),
        day_typed=form,
    )


def _shown(card: verbs.DeskCard) -> dict[str, str]:
    desk = card.desk
    if desk is None:
        return dict(NEW, overflow_to_id=str(card.overflow[0].id) if card.overflow else "")
    found = {name: _plain(getattr(desk, name)) for name in POLICY}
    found |= {name: f"{getattr(desk, name):%H:%M}" for name in ("dials_from", "dials_to")}
    for day in range(7):
        found[f"hours_{day}"] = write_hours(Interval(one.opens, one.closes) for one in desk.hours if one.weekday == day)
    return found | {"numbers": "\n".join(card.numbers), "mailboxes": "\n".join(card.mailboxes)}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return "" if value is None else str(getattr(value, "value", value))


def _chain(at: Desk | None) -> list[tuple[Desk, int]]:
    """The desks that callers go on to, one after the other, and after how many seconds."""
    known = desk_queries.desks()
    found: list[tuple[Desk, int]] = []
    while at is not None and at.overflow_to_id in known and len(found) < 10:
        further = known[at.overflow_to_id]
        found.append((further, at.overflow_after_seconds))
        at = further
    return found


def _days(calendar: Calendar, now: datetime) -> list[tuple[date, str]]:
    first = calendar.local_day(now)
    days = [first + timedelta(days=number) for number in range(DAYS_SHOWN)]
    return [(day, write_hours(Interval(*hours) for hours in calendar.hours_on(day))) for day in days]


def _special(desk: Desk | None) -> list[tuple[date, str, str]]:
    rows = desk.special_days if desk is not None else []
    days = sorted({row.day for row in rows}, reverse=True)
    return [
        (
            day,
            write_hours(
                Interval(row.opens, row.closes)
                for row in rows
                if row.day == day and row.opens is not None and row.closes is not None
            ),
            next(row.reason for row in rows if row.day == day),
        )
        for day in days
    ]
