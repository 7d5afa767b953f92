"""Ask whether people are satisfied, and take their answer."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.audit.models import JournalEntry
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.opinion_models import Opinion
from helpdesk.tickets.opinion_rules import GRADES, LONGEST_WORDS, may_answer, may_ask


def ask(entries: Sequence[JournalEntry]) -> None:
    """A reaction to resolutions: note who is to be asked. May run twice; the letter that follows carries the question,
    and the page of the ticket does."""
    for entry in entries:
        ticket = session().get(Ticket, entry.ticket_id)
        if ticket is None:
            continue
        before = select(func.max(Opinion.asked_at)).where(
            Opinion.contact_id == ticket.contact_id, Opinion.entry_id != entry.id
        )
        last = session().scalar(before) if ticket.contact_id is not None else None
        if not may_ask(ticket.category_code, str(entry.details.get("resolution", "")), last, clock.now()):
            continue
        row = {
            "entry_id": entry.id,
            "ticket_id": ticket.id,
            "contact_id": ticket.contact_id,
            "desk_id": ticket.desk_id,
            "queue": ticket.queue,
            "staff_id": entry.actor_id if entry.actor_kind == "staff" else ticket.assignee_id,
            "asked_at": clock.now(),
            "words": "",
        }
        session().execute(insert(Opinion).values(row).on_conflict_do_nothing(index_elements=["entry_id"]))


def answer(opinion: Opinion, grade: int | None, words: str, by: Actor) -> None:
    """What the person says (of an opinion that was locked); again within seven days it replaces what was said.

    Raises Refused.
    """
    now = clock.now()
    if not may_answer(opinion.asked_at, opinion.answered_at, now):
        raise Refused(N_("The time for this answer is over. Thank you all the same!"))
    if grade not in GRADES:
        raise Refused(N_("Please choose one of the grades"), field="grade")
    if len(words) > LONGEST_WORDS:
        over = len(words) - LONGEST_WORDS
        raise Refused(N_("The text is too long by this many letters: %(over)s"), field="words", over=over)
    if (opinion.grade, opinion.words) == (grade, words):
        return
    opinion.grade, opinion.words = grade, words
    opinion.answered_at = opinion.answered_at or now
    journal.note("ticket.rated", by=by, ticket_id=opinion.ticket_id, desk_id=opinion.desk_id, grade=grade)
