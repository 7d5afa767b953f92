"""The log of breaches: where personal data may have got out, until when the authority must know, what was done.

The law (No. 94-V, since 1 July 2024) gives one working day from the moment it was noticed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, false, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Permission, Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Conflict, NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import city_desk, desk, desk_for
from helpdesk.privacy.models import Breach
from helpdesk.privacy.rules import BREACH_MOVES, UNREPORTED, BreachState
from helpdesk.sla.queries import calendar_of
from helpdesk.sla.rules import LEAK_REPORT_DAYS
from helpdesk.tickets.models import Ticket

# Who keeps the log.
KEEPERS = (Permission.DATA_OFFICER, Role.ADMINISTRATOR)
# The category that people choose when data leaked.
LEAK = "T44"
LONGEST = 5000
PAGE = 30


@dataclass(frozen=True)
class Told:
    """What a form says of a breach."""

    what: str = ""
    data: str = ""
    people: str = ""
    measures: str = ""
    reference: str = ""


# ── questions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _mine(asker: Asker) -> Select[Breach]:
    roots = asker.roots(*KEEPERS)
    held = or_(false(), *(Organization.path.startswith(root, autoescape=True) for root in roots))
    return select(Breach).join(Organization, Organization.id == Breach.organization_id).where(held)


def log(asker: Asker, before: int | None = None) -> Sequence[tuple[Breach, Organization]]:
    """Breaches of the asker's part with their places, newest first; one more than a page."""
    query = _mine(asker).add_columns(Organization)
    if before is not None:
        query = query.where(Breach.id < before)
    return [(row, place) for row, place in session().execute(query.order_by(Breach.id.desc()).limit(PAGE + 1))]


def breach_for(asker: Asker, breach_id: int, lock: bool = False) -> Breach:
    """One breach. Raises NotFound."""
    query = _mine(asker).where(Breach.id == breach_id)
    found = session().scalars(query.with_for_update(of=Breach) if lock else query).first()
    if found is None:
        raise NotFound
    return found


def place_of(breach: Breach) -> Organization:
    """Where it happened."""
    return session().get_one(Organization, breach.organization_id)


def places(asker: Asker) -> list[Organization]:
    """The organizations in whose name the asker keeps the log: the tops of the asker's part."""
    query = select(Organization).where(Organization.path.in_(asker.roots(*KEEPERS))).order_by(Organization.path)
    return list(session().scalars(query))


# ── verbs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def add(asker: Asker, organization_id: int, told: Told) -> Breach:
    """Somebody noticed it just now. Raises Refused naming the field."""
    place = next((one for one in places(asker) if one.id == organization_id), None)
    if place is None:
        raise Refused(N_("Choose where it happened"), field="organization")
    values = _checked(told)
    now = clock.now()
    at = desk_for(place.id) or city_desk()
    made = Breach(
        organization_id=place.id,
        state=BreachState.CONFIRMED,
        noticed_at=now,
        report_by=calendar_of(at).working_days_after(now, LEAK_REPORT_DAYS),
        created_by=asker.id,
        version=1,
        **values,
    )
    session().add(made)
    session().flush()
    _note("breach.logged", made, asker)
    return made


def change(asker: Asker, breach_id: int, told: Told, version: str, to: str = "") -> Breach:
    """Say more about it, and with `to` move it on. Raises NotFound, Conflict, Refused naming the field."""
    row = breach_for(asker, breach_id, lock=True)
    if version != str(row.version):
        raise Conflict(N_("Somebody has changed this meanwhile. Your text is kept: compare and save again."))
    for name, value in _checked(told).items():
        setattr(row, name, value)
    if to:
        _move(row, to)
    row.version += 1
    session().flush()
    _note(f"breach.{row.state.value}" if to else "breach.changed", row, asker)
    return row


def people_told(asker: Asker, breach_id: int) -> None:
    """The people concerned were told. Said twice, the first moment stands."""
    row = breach_for(asker, breach_id, lock=True)
    if row.people_told_at is None:
        row.people_told_at = clock.now()
        row.version += 1
        session().flush()
        _note("breach.people_told", row, asker)


def suspect(entries: Sequence[JournalEntry]) -> None:
    """A ticket tells of a leak: it stands in the log, to be judged, and the clock runs from when it reached us.

    Once a ticket, however often this runs.
    """
    ids = [entry.ticket_id for entry in entries if entry.ticket_id is not None]
    query = select(Ticket).where(Ticket.id.in_(ids), Ticket.category_code == LEAK).order_by(Ticket.id)
    for ticket in session().scalars(query):
        at = desk(ticket.desk_id)
        now = clock.now()
        row = {
            "organization_id": at.id,
            "ticket_id": ticket.id,
            "state": BreachState.SUSPECTED,
            "what": "",
            "data": "",
            "measures": "",
            "reference": "",
            "noticed_at": now,
            "report_by": calendar_of(at).working_days_after(now, LEAK_REPORT_DAYS),
            "version": 1,
        }
        made = session().scalar(insert(Breach).values(row).on_conflict_do_nothing().returning(Breach.id))
        if made is not None:
            journal.note("breach.suspected", by=SYSTEM, ticket_id=ticket.id, desk_id=at.id, breach_id=made)


def mark_overdue() -> int:
    """Note, once each, breaches whose term passed without a report; how many."""
    now = clock.now()
    due = select(Breach.id).where(Breach.state.in_(UNREPORTED), Breach.overdue_at.is_(None), Breach.report_by < now)
    late = (
        update(Breach)
        .where(Breach.id.in_(due.limit(100).with_for_update(skip_locked=True).scalar_subquery()))
        .values(overdue_at=now)
        .returning(Breach.id)
        .execution_options(synchronize_session=False)
    )
    ids = session().scalars(late).all()
    for breach_id in ids:
        journal.note("breach.overdue", by=SYSTEM, breach_id=breach_id)
    return len(ids)


def _move(row: Breach, to: str) -> None:
    wanted = next((state for state in BREACH_MOVES[row.state] if state == to), None)
    if wanted is None:
        raise Conflict(N_("Somebody has done this already"))
    if wanted is not BreachState.CONFIRMED and not row.measures:
        raise Refused(N_("Say what was done or why nothing has to be done"), field="measures")
    if wanted is BreachState.REPORTED:
        if not row.reference:
            raise Refused(N_("Write the number under which the authority was told"), field="reference")
        row.reported_at = clock.now()
    row.state = wanted


def _checked(told: Told) -> dict[str, str | int | None]:
    what, measures = told.what.strip(), told.measures.strip()
    if not what:
        raise Refused(N_("Say what happened"), field="what")
    for name, text in (("what", what), ("measures", measures)):
        if len(text) > LONGEST:
            raise Refused(N_("The text is too long by this many letters: %(over)s"), name, over=len(text) - LONGEST)
    people = told.people.strip()
    if people and not (people.isascii() and people.isdigit() and len(people) < 10):
        raise Refused(N_("Write how many people are concerned in digits"), field="people")
    return {
        "what": what,
        "data": told.data.strip()[:300],
        "people": int(people) if people else None,
        "measures": measures,
        "reference": told.reference.strip()[:60],
    }


def _note(kind: str, row: Breach, asker: Asker) -> None:
    journal.note(kind, by=staff(asker.id), breach_id=row.id, ticket_id=None)
