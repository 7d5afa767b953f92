"""Take out of rows whatever says who somebody was. Numbers, states, moments and terms stay for the reports.

Every function may run twice: what is empty is emptied again and counts nothing.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Update, case, delete, func, or_, select, update
from sqlalchemy.sql.dml import Delete

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.contacts.models import Contact, ContactEmail, ContactPhone, HouseholdCategoryPeriod, Pupil
from helpdesk.intake.models import RawMail
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rules import UNSENT, LetterState
from helpdesk.search.models import TicketWords
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.conversation_rules import RecordingState
from helpdesk.telephony.models import Call, CallEvent
from helpdesk.tickets.draft_models import Draft
from helpdesk.tickets.handover_models import Handover
from helpdesk.tickets.models import Attachment, Message, Ticket, TicketPause
from helpdesk.tickets.opinion_models import Opinion

# What stands where a subject was.
NOTHING = "—"
# What the reports ask of a call's keys.
_COUNTED_KEYS = ("remembered", "talked")
_NEVER_HEARD = (RecordingState.ABSENT, RecordingState.ERASED)


@dataclass
class Erased:
    """How many of each were emptied, and the hashes of files whose rows are gone."""

    counts: Counter[str] = field(default_factory=Counter)
    files: set[str] = field(default_factory=set)


def ticket(ticket_id: int, by: Actor, **details: Any) -> Erased:
    """Empty one ticket and everything that hangs on it, once."""
    gone = Erased()
    row = session().get_one(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    if row.erased_at is not None:
        return gone
    _words(ticket_id, gone)
    _letters(Letter.ticket_id == ticket_id, gone)
    # the digest stays: the same letter delivered once more is known again
    mails = update(RawMail).where(RawMail.ticket_id == ticket_id, func.cardinality(RawMail.envelope_to) > 0)
    gone.counts["raw_mails"] += _run(mails.values(content=b"", envelope_from="", envelope_to=[]))
    _callbacks(ticket_id, gone)
    calls(Call.ticket_id == ticket_id, gone)
    _recordings(Recording.ticket_id == ticket_id, gone)
    row.subject, row.fields, row.pupil_note, row.pupil_id, row.source = NOTHING, {}, "", None, ""
    row.erased_at = row.updated_at = clock.now()
    row.version += 1
    session().flush()
    gone.counts["tickets"] += 1
    journal.note("ticket.erased", by=by, ticket_id=ticket_id, desk_id=row.desk_id, **details)
    return gone


def person(contact_id: int) -> Erased:
    """Empty what is known of a person beside the tickets: names, numbers, addresses, pupils, calls."""
    gone = Erased()
    row = session().get_one(Contact, contact_id, with_for_update=True, populate_existing=True)
    if row.erased_at is not None:
        return gone
    calls(Call.contact_id == contact_id, gone)
    addresses = [one.address for one in row.emails] + [one.number for one in row.phones]
    _letters(Letter.address.in_(_nobody_elses(contact_id, addresses)) & Letter.ticket_id.is_(None), gone)
    gone.counts["phones"] += _run(delete(ContactPhone).where(ContactPhone.contact_id == contact_id))
    gone.counts["emails"] += _run(delete(ContactEmail).where(ContactEmail.contact_id == contact_id))
    _family(row, gone)
    session().expire(row, ["phones", "emails"])
    row.name = row.sort_key = row.search = row.settlement = row.hearing_note = row.preferred_hours = ""
    row.consent, row.preferred_channel, row.household_id = {}, None, None
    row.erased_at = clock.now()
    session().flush()
    return gone


def calls(which: ColumnElement[bool], gone: Erased) -> None:
    """Take numbers and notes out of these calls, and end the keeping of their sounds."""
    ids = list(session().scalars(select(Call.id).where(which)))
    if not ids:
        return
    mine = Call.id.in_(ids)
    kept = func.jsonb_strip_nulls(
        func.jsonb_build_object(*[part for name in _COUNTED_KEYS for part in (name, Call.keys[name])])
    )
    outward = case((Call.direction == "inbound", Call.to_number), else_="")
    dialled = (Call.direction != "inbound") & (Call.to_number != "")
    known = or_(Call.from_number.is_not(None), Call.wrapup_note != "", dialled)
    empty = {"from_number": None, "to_number": outward, "wrapup_note": "", "keys": kept}
    gone.counts["calls"] += _run(update(Call).where(mine, known).values(**empty))
    _run(update(CallEvent).where(CallEvent.call_id.in_(ids)).values(data={}))
    _recordings(Recording.call_id.in_(ids), gone)


def _words(ticket_id: int, gone: Erased) -> None:
    said = select(Message.id).where(Message.ticket_id == ticket_id)
    gone.files |= set(session().scalars(select(Attachment.digest).where(Attachment.message_id.in_(said))))
    gone.counts["attachments"] += _run(delete(Attachment).where(Attachment.message_id.in_(said)))
    messages = update(Message).where(Message.ticket_id == ticket_id)
    gone.counts["messages"] += _run(messages.values(body="", quoted="", html=None))
    gone.counts["drafts"] += _run(delete(Draft).where(Draft.ticket_id == ticket_id))
    gone.counts["search_rows"] += _run(delete(TicketWords).where(TicketWords.ticket_id == ticket_id))
    opinions = update(Opinion).where(Opinion.ticket_id == ticket_id, Opinion.words != "")
    gone.counts["opinions"] += _run(opinions.values(words=""))
    _run(update(TicketPause).where(TicketPause.ticket_id == ticket_id).values(reason=""))
    handed_on = update(Handover).where(Handover.ticket_id == ticket_id)
    _run(handed_on.values(reason="", return_reason="", addressee=""))


def _letters(which: ColumnElement[bool], gone: Erased) -> None:
    """What had not left yet leaves no more."""
    state = case((Letter.state.in_(UNSENT), LetterState.FAILED.value), else_=Letter.state)
    empty = {"address": "", "subject": "", "body": "", "in_reply_to": None, "error": "", "state": state}
    gone.counts["letters"] += _run(update(Letter).where(which, Letter.address != "").values(**empty))


def _callbacks(ticket_id: int, gone: Erased) -> None:
    mine = select(Callback.id).where(Callback.ticket_id == ticket_id)
    _run(update(Attempt).where(Attempt.callback_id.in_(mine)).values(number=""))
    numbered = update(Callback).where(Callback.ticket_id == ticket_id, Callback.number != "")
    gone.counts["callbacks"] += _run(numbered.values(number=""))


def _recordings(which: ColumnElement[bool], gone: Erased) -> None:
    """Their time is over now: the job that erases sounds does the rest (helpdesk/jobs/recordings.py)."""
    due = or_(Recording.erase_at.is_(None), Recording.erase_at > clock.now())
    wanted = update(Recording).where(which, Recording.state.not_in(_NEVER_HEARD), due)
    gone.counts["recordings"] += _run(wanted.values(erase_at=clock.now()))


def _family(row: Contact, gone: Erased) -> None:
    """Pupils of a household in which nobody else is known."""
    if row.household_id is None:
        return
    others = select(Contact.id).where(Contact.household_id == row.household_id, Contact.id != row.id)
    if session().scalar(others.limit(1)) is not None:
        return
    gone.counts["pupils"] += _run(
        update(Pupil).where(Pupil.household_id == row.household_id).values(name="", group="", letter="")
    )
    _run(delete(HouseholdCategoryPeriod).where(HouseholdCategoryPeriod.household_id == row.household_id))


def _nobody_elses(contact_id: int, addresses: list[str]) -> list[str]:
    """Those of these numbers and addresses that reach no other person whom we know."""
    other_phone, other_email = ContactPhone.contact_id != contact_id, ContactEmail.contact_id != contact_id
    phones = select(ContactPhone.number).where(ContactPhone.number.in_(addresses), other_phone)
    emails = select(ContactEmail.address).where(ContactEmail.address.in_(addresses), other_email)
    shared = set(session().scalars(phones.union(emails)))
    return [one for one in addresses if one not in shared]


def _run(statement: Update | Delete) -> int:
    done = session().execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", done).rowcount
