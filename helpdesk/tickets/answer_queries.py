"""Which canned answers there are: for whoever writes them, and for whoever answers a ticket with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import get_day_names
from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import joinedload

from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import gettext, language, spoken
from helpdesk.kernel.remembered import Remembered
from helpdesk.organizations.models import Desk, Organization
from helpdesk.organizations.queries import desk
from helpdesk.tickets.answer_models import CannedAnswer
from helpdesk.tickets.answer_rules import AnswerMove, AssignTo, filled
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Resolution

# Who writes answers: over the organization that they are for.
WRITERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
# More than this no composer offers and no page lists.
MOST = 500


@dataclass(frozen=True)
class Answer:
    """A canned answer as it is used: by language, without a row behind it. `path`: where it holds."""

    id: int
    path: str
    titles: dict[str, str]
    bodies: dict[str, str]
    locked: bool
    move: AnswerMove | None
    resolution: Resolution | None
    category_code: str | None
    assign_to: AssignTo | None

    @property
    def moves(self) -> bool:
        """Whether it does more than say something."""
        return any((self.move, self.category_code, self.assign_to))


_answers: Remembered[str, tuple[Answer, ...]] = Remembered()


def forget() -> None:
    """Read the answers anew: they were edited."""
    _answers.forget()


def offered(ticket: Ticket) -> list[Answer]:
    """Answers for the desk of a ticket, by their titles in the language spoken now. Usually no statement."""
    path = desk(ticket.desk_id).organization.path
    found = [one for one in _answers.get("all", _active) if path.startswith(one.path)]
    return sorted(found, key=lambda one: one.titles[language()].lower())


def offered_one(ticket: Ticket, answer_id: int) -> Answer:
    """One of these. Raises NotFound."""
    found = next((one for one in offered(ticket) if one.id == answer_id), None)
    if found is None:
        raise NotFound
    return found


def text_for(answer: Answer, ticket: Ticket, operator: str) -> str:
    """What the answer says to the requester of this ticket (loaded with what its page shows), in their language."""
    with spoken(ticket.language):
        at = desk(ticket.desk_id)
        values = {
            "ticket.number": ticket.number,
            "ticket.subject": ticket.subject,
            "contact.name": ticket.contact.name if ticket.contact else "",
            "desk.name": at.organization.name(language()),
            "desk.hours": hours_text(at),
            "school.name": ticket.organization.short(language()) if ticket.organization else "",
            "operator.name": operator,
        }
    return filled(answer.bodies[ticket.language if ticket.language in answer.bodies else "kk"], values)


def hours_text(at: Desk) -> str:
    """When a desk is open, by weekdays: Mon–Fri 09:00–13:00, 14:00–18:30; Sat 09:00–13:00."""
    if at.around_the_clock:
        return gettext("around the clock")
    names = get_day_names("abbreviated", locale=language())
    by_day: dict[int, str] = {}
    for one in at.hours:
        span = f"{one.opens:%H:%M}–{one.closes:%H:%M}"
        by_day[one.weekday] = f"{by_day[one.weekday]}, {span}" if one.weekday in by_day else span
    runs: list[tuple[int, int, str]] = []
    for day, spans in sorted(by_day.items()):
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == spans:
            runs[-1] = (runs[-1][0], day, spans)
        else:
            runs.append((day, day, spans))
    return "; ".join(f"{names[a]}{'–' + names[b] if b > a else ''} {spans}" for a, b, spans in runs)


def written(asker: Asker) -> Sequence[CannedAnswer]:
    """The answers that the asker may change. One statement."""
    query = select(CannedAnswer).join(Organization, Organization.id == CannedAnswer.organization_id)
    query = query.where(_writable(asker)).order_by(CannedAnswer.active.desc(), CannedAnswer.title_kk).limit(MOST)
    return session().scalars(query.options(joinedload(CannedAnswer.organization))).all()


def answer_for(asker: Asker, answer_id: int, lock: bool = False) -> CannedAnswer:
    """One of these, locked for a change when `lock`. Raises NotFound."""
    query = select(CannedAnswer).join(Organization, Organization.id == CannedAnswer.organization_id)
    query = query.where(CannedAnswer.id == answer_id, _writable(asker))
    found = session().scalars(query.with_for_update(of=CannedAnswer) if lock else query).first()
    if found is None:
        raise NotFound
    return found


def place_for(asker: Asker, organization_id: int) -> Organization:
    """An organization for whose desks the asker may write answers. Raises NotFound."""
    query = select(Organization).where(Organization.id == organization_id, _writable(asker))
    found = session().scalars(query).first()
    if found is None:
        raise NotFound
    return found


def _writable(asker: Asker) -> ColumnElement[bool]:
    roots = asker.roots(*WRITERS)
    return or_(false(), *(Organization.path.startswith(root, autoescape=True) for root in roots))


def _active() -> tuple[Answer, ...]:
    query = select(CannedAnswer, Organization.path).join(Organization, Organization.id == CannedAnswer.organization_id)
    found = session().execute(query.where(CannedAnswer.active).order_by(CannedAnswer.id)).all()
    return tuple(
        Answer(
            row.id,
            path,
            {"kk": row.title_kk, "ru": row.title_ru, "en": row.title_en},
            {"kk": row.body_kk, "ru": row.body_ru, "en": row.body_en},
            row.locked,
            row.move,
            row.resolution,
            row.category_code,
            row.assign_to,
        )
        for row, path in found
    )
