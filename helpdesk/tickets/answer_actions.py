"""Canned answers are written, and tickets are answered with them: text and moves in one step."""

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Conflict, Refused
from helpdesk.kernel.i18n import LANGUAGES, N_
from helpdesk.organizations.models import Organization
from helpdesk.tickets import actions, answer_queries
from helpdesk.tickets.answer_models import CannedAnswer
from helpdesk.tickets.answer_queries import Answer
from helpdesk.tickets.answer_rules import AnswerMove, AssignTo, unknown_placeholders
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Resolution

LONGEST_TITLE = 120
LONGEST_BODY = 10_000


@dataclass(frozen=True)
class Draft:
    """An answer as it was typed; titles and bodies by language."""

    titles: Mapping[str, str]
    bodies: Mapping[str, str]
    locked: bool = False
    active: bool = True
    move: AnswerMove | None = None
    resolution: Resolution | None = None
    category_code: str | None = None
    assign_to: AssignTo | None = None


def save(known: CannedAnswer | None, at: Organization, draft: Draft, by: Actor, version: int | None = None) -> int:
    """Write an answer, new or `known` (locked), for the desks of `at` and below; its id. Raises Refused, and Conflict
    when somebody else changed it meanwhile."""
    _check(draft)
    now = clock.now()
    row = known or CannedAnswer(version=0)
    if known is not None and version is not None and version != known.version:
        raise Conflict
    row.organization_id, row.changed_at, row.changed_by = at.id, now, by.id
    for code in LANGUAGES:
        setattr(row, f"title_{code}", draft.titles[code].strip())
        setattr(row, f"body_{code}", draft.bodies[code].strip())
    row.locked, row.active, row.move, row.assign_to = draft.locked, draft.active, draft.move, draft.assign_to
    row.resolution = draft.resolution if draft.move is AnswerMove.RESOLVE else None
    row.category_code = draft.category_code
    row.version += 1
    session().add(row)
    session().flush()
    journal.note("answer.saved", by=by, desk_id=at.id, answer_id=row.id, version=row.version, active=row.active)
    return row.id


def use(ticket: Ticket, answer: Answer, text: str, by: Actor, to: Ticket | None = None) -> None:
    """Answer with `text`, and do what the answer does besides. Whoever calls has put the house's own words into `text`
    where the answer is locked. Raises Refused, and then nothing is done."""
    if answer.category_code and answer.category_code != ticket.category_code:
        actions.recategorise(ticket, answer.category_code, by)
    if answer.assign_to is AssignTo.ME:
        actions.assign(ticket, by.id, by)
    elif answer.assign_to is AssignTo.NOBODY:
        actions.assign(ticket, None, by)
    if answer.move is AnswerMove.RESOLVE and to is None:
        actions.resolve(ticket, answer.resolution or Resolution.ANSWERED, by, text)
    elif text.strip() or not answer.moves:
        actions.reply(ticket, text, by, to=to)
    if answer.move is AnswerMove.WAIT:
        actions.wait(ticket, by)
    journal.note("ticket.answered_with", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, answer_id=answer.id)


def _check(draft: Draft) -> None:
    says = any(draft.bodies[code].strip() for code in LANGUAGES)
    for code in LANGUAGES:
        if not draft.titles[code].strip():
            raise Refused(N_("Write the title in all three languages"), field=f"title_{code}")
        if len(draft.titles[code].strip()) > LONGEST_TITLE:
            raise Refused(N_("The title is too long: at most %(most)s"), field=f"title_{code}", most=LONGEST_TITLE)
        if says and not draft.bodies[code].strip():
            raise Refused(N_("Write the text in all three languages"), field=f"body_{code}")
        if len(draft.bodies[code]) > LONGEST_BODY:
            raise Refused(N_("The text is too long: at most %(most)s characters"), f"body_{code}", most=LONGEST_BODY)
        unknown = unknown_placeholders(draft.bodies[code])
        if unknown:
            raise Refused(N_("There is no such placeholder: %(names)s"), f"body_{code}", names=", ".join(unknown))
    if draft.move is AnswerMove.RESOLVE and draft.resolution is None:
        raise Refused(N_("Choose why the ticket counts as resolved"), field="resolution")
    if not says and not (draft.move or draft.category_code or draft.assign_to):
        raise Refused(N_("An answer says something or does something"), field="body_kk")
    if draft.locked and not says:
        raise Refused(N_("An official position needs its text"), field="body_kk")


def edited() -> None:
    """Call after the commit of `save`: this process offers the new words at once, others within half a minute."""
    answer_queries.forget()
