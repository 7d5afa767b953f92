"""Numbers with a rule of their own: turned away, or never rung; who set it, why, and until when.

A blocked number is turned away at the desk that blocked it and at every desk below. That somebody does not want to be
called holds everywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, desks_under, within
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock, phones
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import desk, desks
from helpdesk.telephony.conversation_models import NumberEntry
from helpdesk.telephony.conversation_rules import NumberRule

# A school whose telephones share one number calls often; nobody dials ten times within a minute by hand.
CALLS_A_MINUTE = 10
MINUTE = timedelta(minutes=1)


def _holds(now: datetime) -> ColumnElement[bool]:
    return or_(NumberEntry.until_at.is_(None), NumberEntry.until_at > now)


def must_not_be_called(number: str) -> bool:
    """Whether nothing of ours may ring this written number."""
    query = select(NumberEntry.id).where(NumberEntry.number == number, NumberEntry.rule == NumberRule.DO_NOT_CALL)
    return session().scalars(query.where(_holds(clock.now())).limit(1)).first() is not None


def is_blocked(number: str, desk_id: int) -> bool:
    """Whether calls from this written number are turned away at this desk."""
    query = select(NumberEntry.id).where(
        NumberEntry.number == number,
        NumberEntry.rule == NumberRule.BLOCKED,
        NumberEntry.desk_id == any_(literal(_and_above(desk(desk_id)))),
        _holds(clock.now()),
    )
    return session().scalars(query.limit(1)).first() is not None


def calls_too_often(started: Iterable[datetime]) -> bool:
    """Whether one more call after these comes from a machine rather than from a person."""
    since = clock.now() - MINUTE
    return sum(moment > since for moment in started) >= CALLS_A_MINUTE


def _and_above(at: Desk) -> list[int]:
    """The desks from here to the top of the tree: ids of a path are those of its organizations."""
    held = desks()
    return [int(part) for part in at.organization.path.strip("/").split("/") if int(part) in held]


# ── the supervisors' list ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Ruled:
    """A rule that holds now, and the name of whoever set it."""

    entry: NumberEntry
    by: str | None


def rules_for(asker: Asker, limit: int = 200) -> Sequence[Ruled]:
    """Rules that hold now at the desks that the asker supervises, the newest first."""
    query = (
        select(NumberEntry, Staff.name)
        .outerjoin(Staff, Staff.id == NumberEntry.staff_id)
        .where(within(NumberEntry.desk_id, asker.roots(Role.SUPERVISOR)), _holds(clock.now()))
        .order_by(NumberEntry.created_at.desc(), NumberEntry.id.desc())
        .limit(limit)
    )
    return [Ruled(entry, by) for entry, by in session().execute(query)]


def desk_of(asker: Asker) -> Desk:
    """The highest desk that the asker supervises: a rule holds there and below. Raises NotFound."""
    found = [desk(id_) for id_ in desks_under(asker.roots(Role.SUPERVISOR))]
    if not found:
        raise NotFound
    return min(found, key=lambda one: (len(one.organization.path), one.id))


def add(asker: Asker, typed: str, rule: NumberRule, reason: str, until: datetime | None = None) -> NumberEntry:
    """Turn a number away, or never ring it, from now on; an older rule of the same desk about it is replaced.

    Raises Refused for what is no person's number, without a reason, or for a time in the past.
    """
    at, now = desk_of(asker), clock.now()
    number = phones.written(typed[:60], at.area_code)
    if number is None or not number.startswith("+"):
        raise Refused(N_("This is not a phone number"), field="number")
    if not reason.strip():
        raise Refused(N_("Say why"), field="reason")
    if until is not None and until <= now:
        raise Refused(N_("Choose a time in the future"), field="until")
    values = {"reason": reason.strip()[:200], "staff_id": asker.id, "created_at": now, "until_at": until}
    made = insert(NumberEntry).values(number=number, rule=rule, desk_id=at.id, **values)
    kept = made.on_conflict_do_update(index_elements=["number", "rule", "desk_id"], set_=values)
    entry = session().scalars(kept.returning(NumberEntry), execution_options={"populate_existing": True}).one()
    journal.note("number.ruled", by=staff(asker.id), desk_id=at.id, rule=rule.value, entry_id=entry.id)
    return entry


def lift(asker: Asker, entry_id: int) -> None:
    """The rule holds no more. Raises NotFound for a rule of a desk that the asker does not supervise."""
    supervised = within(NumberEntry.desk_id, asker.roots(Role.SUPERVISOR))
    query = select(NumberEntry).where(and_(NumberEntry.id == entry_id, supervised)).with_for_update()
    entry = session().scalars(query).first()
    if entry is None:
        raise NotFound
    if entry.until_at is None or entry.until_at > clock.now():
        entry.until_at = clock.now()
        journal.note(
            "number.lifted", by=staff(asker.id), desk_id=entry.desk_id, rule=entry.rule.value, entry_id=entry.id
        )
