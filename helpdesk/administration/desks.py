"""Desks: opened at an organization, with hours, numbers, addresses and the rules of their telephone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, select

from helpdesk.administration.queries import organization_for, roots
from helpdesk.administration.rules import BadHours, Interval, at_or_below, read_hours
from helpdesk.administration.tree import read_day
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity.queries import Asker
from helpdesk.kernel import phones
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import LANGUAGES, N_
from helpdesk.organizations.models import Desk, DeskHours, DeskMailbox, DeskNumber, DeskSpecialDay, Organization
from helpdesk.organizations.queries import desks
from helpdesk.organizations.rules import CallbackMode
from helpdesk.organizations.search import words

# What may be typed, least and most, and what a new desk begins with.
NUMBERS: dict[str, tuple[int, int]] = {
    "overflow_after_seconds": (10, 3600),
    "wrapup_seconds": (0, 900),
    "promise_minutes": (1, 1440),
    "reminds_after_days": (0, 60),
    "settles_after_days": (0, 120),
}
SWITCHES = ("records_calls", "around_the_clock", "calls_abandoned_back", "dials_service_numbers")
MOST_OF_EACH = 20
MOST_DAYS = 400


@dataclass(frozen=True)
class DeskCard:
    """A desk as its administrator edits it; `desk` is None where none was opened yet."""

    organization: Organization
    desk: Desk | None
    numbers: Sequence[str]
    mailboxes: Sequence[str]
    overflow: Sequence[Desk]


def desk_card(asker: Asker, organization_id: int, lock: bool = False) -> DeskCard:
    """The desk of an organization in the asker's part of the tree, or that there is none yet. Raises NotFound."""
    at = organization_for(asker, organization_id)
    desk = session().get(Desk, at.id, with_for_update={"of": Desk} if lock else None, populate_existing=lock)
    if desk is None:
        return DeskCard(at, None, [], [], _above(at))
    numbers = session().scalars(
        select(DeskNumber.number).where(DeskNumber.desk_id == at.id).order_by(DeskNumber.number)
    )
    boxes = session().scalars(
        select(DeskMailbox.address).where(DeskMailbox.desk_id == at.id).order_by(DeskMailbox.address)
    )
    return DeskCard(at, desk, numbers.all(), boxes.all(), _above(at))


def desk_list(asker: Asker, typed: str = "", after: str = "", limit: int = 50) -> tuple[list[Desk], str | None]:
    """Desks in the asker's part of the tree whose names begin with the typed words, and the cursor of the next page.

    From the remembered desks: no statement.
    """
    mine, wanted = roots(asker), words(typed)
    found = [
        desk
        for desk in desks().values()
        if at_or_below(desk.organization.path, mine)
        and all(f" {word}" in f" {desk.organization.search}" for word in wanted)
    ]
    found.sort(key=_place)
    found = [desk for desk in found if not after or "~".join(map(str, _place(desk))) > after]
    more = len(found) > limit
    return found[:limit], "~".join(map(str, _place(found[limit - 1]))) if more else None


def _place(desk: Desk) -> tuple[str, str]:
    return desk.organization.sort_key, f"{desk.id:09d}"


def save(asker: Asker, organization_id: int, given: Mapping[str, str], languages: Sequence[str]) -> Desk:
    """Open the desk of an organization, or change it. Raises Refused naming the field."""
    card = desk_card(asker, organization_id, lock=True)
    if card.organization.closed_on is not None:
        raise Refused(N_("This organization is closed"))
    values = _policy(given, languages) | {"overflow_to_id": _overflow(given, card)}
    week = _week(given)
    numbers = _numbers(given.get("numbers", ""), str(values["area_code"]))
    boxes = _addresses(given.get("mailboxes", ""))
    _not_of_others(card.organization.id, numbers, boxes)
    opened = card.desk is None
    desk = card.desk or Desk(id=card.organization.id, hours=[], special_days=[])
    changed = sorted(name for name, value in values.items() if opened or getattr(desk, name) != value)
    for name, value in values.items():
        setattr(desk, name, value)
    session().add(desk)
    session().flush()
    if {(one.weekday, one.opens, one.closes) for one in desk.hours} != set(week):
        desk.hours[:] = []
        session().execute(delete(DeskHours).where(DeskHours.desk_id == desk.id))
        session().add_all(DeskHours(desk_id=desk.id, weekday=day, opens=a, closes=b) for day, a, b in week)
        changed.append("hours")
    changed += _replace(DeskNumber, DeskNumber.number, desk.id, card.numbers, numbers)
    changed += _replace(DeskMailbox, DeskMailbox.address, desk.id, card.mailboxes, boxes)
    session().flush()
    if opened or changed:
        kind = "desk.opened" if opened else "desk.changed"
        journal.note(kind, by=staff(asker.id), desk_id=desk.id, fields=[] if opened else changed)
    return desk


def set_day(asker: Asker, organization_id: int, given: Mapping[str, str]) -> None:
    """Other hours on one day, or none: instead of the weekday's, also on a holiday. Raises Refused."""
    card = desk_card(asker, organization_id, lock=True)
    if card.desk is None:
        raise NotFound
    day = read_day(given.get("day", ""), "day")
    hours = _hours(given.get("day_hours", ""), "day_hours")
    reason = given.get("day_reason", "").strip()[:120]
    others = {one.day for one in card.desk.special_days if one.day != day}
    if len(others) >= MOST_DAYS:
        raise Refused(N_("There are too many special days: take old ones away"), "day")
    _clear_day(card.desk.id, day)
    rows: list[tuple[time | None, time | None]] = list(hours) or [(None, None)]
    for opens, closes in rows:
        session().add(DeskSpecialDay(desk_id=card.desk.id, day=day, opens=opens, closes=closes, reason=reason))
    session().flush()
    journal.note("desk.day_set", by=staff(asker.id), desk_id=card.desk.id, day=day.isoformat(), open=bool(hours))


def drop_day(asker: Asker, organization_id: int, given: Mapping[str, str]) -> None:
    """The day is as its weekday again."""
    card = desk_card(asker, organization_id, lock=True)
    day = read_day(given.get("day", ""), "day")
    if card.desk is None or not _clear_day(card.desk.id, day):
        raise NotFound
    journal.note("desk.day_dropped", by=staff(asker.id), desk_id=card.desk.id, day=day.isoformat())


def _clear_day(desk_id: int, day: date) -> bool:
    gone = delete(DeskSpecialDay).where(DeskSpecialDay.desk_id == desk_id, DeskSpecialDay.day == day)
    found = session().execute(gone.returning(DeskSpecialDay.id)).first()
    session().flush()
    return found is not None


def _above(at: Organization) -> list[Desk]:
    known = desks()
    above = [int(part) for part in at.path.strip("/").split("/") if part and int(part) != at.id]
    return [known[id_] for id_ in reversed(above) if id_ in known]


def _overflow(given: Mapping[str, str], card: DeskCard) -> int | None:
    chosen = given.get("overflow_to_id", "")
    if not chosen:
        return None
    allowed = {str(desk.id) for desk in card.overflow}
    if card.desk is not None and card.desk.overflow_to_id is not None:
        allowed.add(str(card.desk.overflow_to_id))
    if chosen not in allowed:
        raise Refused(N_("Choose a desk of the list"), "overflow_to_id")
    known, at = desks(), int(chosen)
    for _ in range(len(known)):
        if at == card.organization.id:
            raise Refused(N_("Callers would come back to this desk in a circle"), "overflow_to_id")
        further = known[at].overflow_to_id if at in known else None
        if further is None:
            break
        at = further
    return int(chosen)


def _policy(given: Mapping[str, str], languages: Sequence[str]) -> dict[str, Any]:
    spoken = [code for code in LANGUAGES if code in languages]
    if not spoken:
        raise Refused(N_("Choose at least one language"), "languages")
    values: dict[str, Any] = {"languages": spoken}
    for name, (least, most) in NUMBERS.items():
        typed = given.get(name, "").strip()
        if not typed and name == "promise_minutes":
            values[name] = None
        elif not (typed.isascii() and typed.isdigit() and len(typed) < 6 and least <= int(typed) <= most):
            raise Refused(N_("Enter a number from %(least)s to %(most)s"), name, least=least, most=most)
        else:
            values[name] = int(typed)
    values |= {name: given.get(name) == "1" for name in SWITCHES}
    mode = given.get("callback_mode", "")
    values["callback_mode"] = (
        CallbackMode(mode) if mode in CallbackMode.__members__.values() else CallbackMode.OPERATOR_FIRST
    )
    values["dials_from"], values["dials_to"] = _clock(given, "dials_from"), _clock(given, "dials_to")
    if values["dials_from"] >= values["dials_to"]:
        raise Refused(N_("The end lies before the beginning"), "dials_to")
    area = given.get("area_code", "").strip()
    if not re.fullmatch(r"[0-9]{0,5}", area):
        raise Refused(N_("An area code has at most five digits"), "area_code")
    return values | {"area_code": area}


def _clock(given: Mapping[str, str], field: str) -> time:
    try:
        return time.fromisoformat(given.get(field, "").strip())
    except ValueError:
        raise Refused(N_("Enter a time like 09:00"), field) from None


def _week(given: Mapping[str, str]) -> list[tuple[int, time, time]]:
    return [
        (weekday, opens, closes)
        for weekday in range(7)
        for opens, closes in _hours(given.get(f"hours_{weekday}", ""), f"hours_{weekday}")
    ]


def _hours(typed: str, field: str) -> tuple[Interval, ...]:
    try:
        return read_hours(typed[:200])
    except BadHours as error:
        raise Refused(N_("These are no opening hours: %(piece)s"), field, piece=str(error)[:60]) from None


def _pieces(typed: str, field: str) -> list[str]:
    found = list(dict.fromkeys(piece.strip() for piece in re.split(r"[\n,;]", typed) if piece.strip()))
    if len(found) > MOST_OF_EACH:
        raise Refused(N_("These are too many"), field)
    return found


def _numbers(typed: str, area_code: str) -> list[str]:
    found = []
    for piece in _pieces(typed, "numbers"):
        number = phones.written(piece[:40], area_code)
        if number is None or not number.startswith("+"):
            raise Refused(N_("This is no number of a desk: %(piece)s"), "numbers", piece=piece[:40])
        found.append(number)
    return list(dict.fromkeys(found))


def _addresses(typed: str) -> list[str]:
    found = []
    for piece in _pieces(typed, "mailboxes"):
        try:
            address = validate_email(piece, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            if not re.fullmatch(r"[\w.+-]{1,64}@[\w.-]{1,180}", piece):
                raise Refused(N_("This is no mail address: %(piece)s"), "mailboxes", piece=piece[:60]) from None
            address = piece  # a domain of this house alone
        found.append(address.lower())
    return list(dict.fromkeys(found))


def _not_of_others(desk_id: int, numbers: Sequence[str], boxes: Sequence[str]) -> None:
    taken = select(DeskNumber.number).where(DeskNumber.number.in_(numbers), DeskNumber.desk_id != desk_id)
    number = session().scalar(taken.limit(1)) if numbers else None
    if number is not None:
        raise Refused(N_("Another desk has this number: %(number)s"), "numbers", number=phones.shown(number))
    held = select(DeskMailbox.address).where(func.lower(DeskMailbox.address).in_(boxes), DeskMailbox.desk_id != desk_id)
    address = session().scalar(held.limit(1)) if boxes else None
    if address is not None:
        raise Refused(N_("Another desk has this address: %(address)s"), "mailboxes", address=address)


def _replace(model: Any, column: Any, desk_id: int, before: Sequence[str], after: Sequence[str]) -> list[str]:
    if set(before) == set(after):
        return []
    gone = [one for one in before if one not in after]
    session().execute(delete(model).where(model.desk_id == desk_id, column.in_(gone)))
    session().add_all(model(desk_id=desk_id, **{column.key: one}) for one in after if one not in before)
    return [model.__tablename__]
