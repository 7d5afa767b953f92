"""A person with everything that a person can leave in the house, each piece with a word that must go."""

from helpdesk.audit.actor import staff
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import CallbackState
from helpdesk.contacts.models import Contact, Household, HouseholdCategoryPeriod, Pupil
from helpdesk.contacts.rules import HouseholdCategory
from helpdesk.intake.incoming import IncomingFile
from helpdesk.intake.mailroom import store as take_in
from helpdesk.jobs.mail import file_mail
from helpdesk.kernel import clock, settings, store
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.conversation_rules import RecordingKind, RecordingState
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState, Outcome
from helpdesk.tickets import actions
from helpdesk.tickets.draft_models import Draft
from helpdesk.tickets.handover_models import Handover
from helpdesk.tickets.handover_rules import Way
from helpdesk.tickets.models import Ticket, TicketPause
from helpdesk.tickets.opinion_models import Opinion
from helpdesk.tickets.rules import DraftKind, Resolution, TicketState
from tests.callbacks.promises import promised
from tests.factories import filed
from tests.people import Town

SECRET = "жусанбай"
PHONE = "+77090000077"
ADDRESS = "zhusanbai@parents.test"
IIN = "850101100012"
PHOTO, SOUND = b"a photo of a screen", b"RIFF a voice"


def lived(town: Town) -> tuple[int, list[int]]:
    """The contact's id and the ids of two settled tickets, committed."""
    digest = store.put(settings.current().var_dir, PHOTO)
    first = filed(
        name=f"Айдос {SECRET}",
        phones=(PHONE,),
        emails=(ADDRESS,),
        text=f"{SECRET} {IIN} кіре алмайды",
        pupil_note=f"{SECRET} 4 «А»",
        organization_id=town.school905.id,
        files=(IncomingFile(f"{SECRET}.png", "image/png", digest, len(PHOTO)),),
    ).ticket
    by = staff(town.aigul.id)
    with transaction():
        actions.reply(session().get_one(Ticket, first.id), f"Құрметті {SECRET}", by)
        actions.note(session().get_one(Ticket, first.id), f"{SECRET} қоңырау шалды", by)
        _call(first, town)
        session().add(
            Draft(
                ticket_id=first.id,
                staff_id=town.aigul.id,
                kind=DraftKind.REPLY,
                body=SECRET,
                updated_at=clock.now(),
            )
        )
        pause = TicketPause(ticket_id=first.id, state=TicketState.WAITING, reason=SECRET, started_at=clock.now())
        handed_on = Handover(ticket_id=first.id, way=Way.UP, from_desk_id=first.desk_id, to_desk_id=town.city.id)
        handed_on.reason, handed_on.return_reason = SECRET, f"{SECRET}: қайта қараңыз"
        handed_on.sent_at, handed_on.sent_by = clock.now(), town.aigul.id
        session().add_all([pause, handed_on, _household(first)])
        opinion = Opinion(entry_id=1, ticket_id=first.id, contact_id=first.contact_id, desk_id=first.desk_id)
        opinion.queue, opinion.words, opinion.asked_at = first.queue, SECRET, clock.now()
        session().add(opinion)
    _callback(first)
    raw = (
        f"From: {ADDRESS}\nTo: 905@1450.test\nSubject: =?utf-8?q?Platform?=\nMessage-ID: <77@parents.test>\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{SECRET}\n"
    )
    with transaction():
        raw_id = take_in(raw.encode(), ADDRESS, ["905@1450.test"])
    file_mail([raw_id])
    tickets = session().query(Ticket).filter_by(contact_id=first.contact_id).order_by(Ticket.id).all()
    assert len(tickets) == 2
    with transaction():
        for one in tickets:
            actions.resolve(session().get_one(Ticket, one.id), Resolution.SOLVED, by)
    assert first.contact_id is not None
    return first.contact_id, [one.id for one in tickets]


def _household(ticket: Ticket) -> Pupil:
    """A family of one grown-up, with a child by name."""
    household = Household(created_at=clock.now())
    session().add(household)
    session().flush()
    session().get_one(Contact, ticket.contact_id).household_id = household.id
    session().add(
        HouseholdCategoryPeriod(
            household_id=household.id, category=HouseholdCategory.LARGE, valid_from=clock.now().date()
        )
    )
    return Pupil(household_id=household.id, name=SECRET, grade=4, letter="А")


def _call(ticket: Ticket, town: Town) -> None:
    now = clock.now()
    call = Call(
        sid=f"CA{ticket.id}",
        from_number=PHONE,
        to_number="+77272000905",
        desk_id=ticket.desk_id,
        contact_id=ticket.contact_id,
        ticket_id=ticket.id,
        language="kk",
        queue=ticket.queue,
        state=CallState.ENDED,
        outcome=Outcome.HANDLED,
        operator_id=town.aigul.id,
        wrapup_note=SECRET,
        keys={"remembered": "kk", "number": "26-000001-4"},
        started_at=now,
        ended_at=now,
    )
    session().add(call)
    session().flush()
    digest = store.put(settings.current().var_dir, SOUND)
    row = Recording(call_id=call.id, ticket_id=ticket.id, kind=RecordingKind.CONVERSATION, created_at=now)
    row.state, row.sid, row.stored, row.sha256 = RecordingState.IMPORTED, f"RE{ticket.id}", digest, digest
    session().add(row)


def _callback(ticket: Ticket) -> None:
    made = promised(session().get_one(Ticket, ticket.id), PHONE)
    with transaction():
        row = session().get_one(Callback, made.id)
        row.state, row.ended_at = CallbackState.DONE, clock.now()
