"""Erase a person across the house: begun by a data officer, carried on by workers, finished with an act."""

import re
from collections import Counter

from sqlalchemy import Select, or_, select

from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import ACTIVE
from helpdesk.identity.queries import Asker
from helpdesk.kernel import clock, settings, store
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Organization
from helpdesk.privacy import erasing, queries, retention
from helpdesk.privacy.erasing import Erased
from helpdesk.privacy.models import Erasure
from helpdesk.privacy.rules import Basis, ErasureState, Kept
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.conversation_rules import RecordingState
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState
from helpdesk.tickets.models import Attachment, Ticket
from helpdesk.tickets.rules import UNFINISHED, TicketType

# The number of a letter, not words: the act says nothing of anybody.
_REFERENCE = re.compile(r"[\w./№ -]{0,40}")
_SOUNDLESS = (RecordingState.ABSENT, RecordingState.ERASED)


def begin(asker: Asker, contact_id: int, basis: str, reference: str, sure: bool) -> Erasure:
    """Write down that a person is to be erased. Asked for twice it is the same erasure. Raises NotFound, Refused."""
    contact = queries.person_for(asker, contact_id, lock=True)
    done = (
        session()
        .scalars(select(Erasure).where(Erasure.contact_id == contact_id).order_by(Erasure.id.desc()).limit(1))
        .first()
    )
    if done is not None and (done.state is ErasureState.RUNNING or contact.erased_at is not None):
        return done
    if basis not in list(Basis.__members__.values()):
        raise Refused(N_("Choose why the person is erased"), field="basis")
    reference = " ".join(reference.split())
    if not _REFERENCE.fullmatch(reference) or re.search(r"[^\W\d_]{4,}", reference):
        raise Refused(N_("Only the number of the document, without words or names"), field="reference")
    if not sure:
        raise Refused(N_("Confirm that it cannot be taken back"), field="sure")
    _refuse_what_goes_on(asker, contact_id)
    made = Erasure(
        contact_id=contact_id,
        organization_id=_office(asker, contact_id).id,
        staff_id=asker.id,
        basis=Basis(basis),
        reference=reference,
        state=ErasureState.RUNNING,
        counts={},
        files={"digests": []},
        created_at=clock.now(),
    )
    session().add(made)
    session().flush()
    journal.note("person.erasing", by=staff(asker.id), erasure_id=made.id, basis=made.basis.value)
    return made


def go_on(erasure_id: int) -> bool:
    """Take the next step; False when only sounds and files are left. Two at once take turns at the row."""
    row = session().get_one(Erasure, erasure_id, with_for_update=True, populate_existing=True)
    if row.state is ErasureState.DONE:
        return False
    by = staff(row.staff_id)
    waiting = select(Ticket.id).where(Ticket.contact_id == row.contact_id, Ticket.erased_at.is_(None))
    ticket_id = session().scalar(waiting.order_by(Ticket.id).limit(1))
    gone = erasing.ticket(ticket_id, by, erasure_id=row.id) if ticket_id else erasing.person(row.contact_id)
    _add(row, gone)
    return bool(ticket_id)


def sounds(erasure_id: int) -> list[int]:
    """Recordings of the person that are still somewhere: ours to be erased, or not even fetched yet."""
    row = session().get_one(Erasure, erasure_id)
    return list(session().scalars(_sounds(row)))


def finish(erasure_id: int) -> bool:
    """Remove the files that nobody else needs and write the act; False while something is left."""
    row = session().get_one(Erasure, erasure_id, with_for_update=True, populate_existing=True)
    if row.state is ErasureState.DONE:
        return True
    left = select(Ticket.id).where(Ticket.contact_id == row.contact_id, Ticket.erased_at.is_(None))
    if session().scalar(left.limit(1)) or session().scalar(_sounds(row).limit(1)):
        return False
    for digest in row.files.get("digests", []):
        remove_file(digest)
    row.files = {"digests": []}
    row.state, row.finished_at = ErasureState.DONE, clock.now()
    session().flush()
    journal.note("person.erased", by=staff(row.staff_id), erasure_id=row.id, counts=row.counts)
    return True


def remove_file(digest: str) -> None:
    """Remove content from the store unless another row still means it."""
    files = select(Attachment.id).where(Attachment.digest == digest)
    heard = select(Recording.id).where(Recording.stored == digest)
    if not session().scalar(select(or_(files.exists(), heard.exists()))):
        store.remove(settings.current().var_dir, digest)


def _add(row: Erasure, gone: Erased) -> None:
    row.counts = dict(Counter(row.counts) + gone.counts)
    row.files = {"digests": sorted({*row.files.get("digests", []), *gone.files})}
    session().flush()


def _sounds(row: Erasure) -> Select[int]:
    mine = select(Ticket.id).where(Ticket.contact_id == row.contact_id)
    calls = select(Call.id).where(or_(Call.contact_id == row.contact_id, Call.ticket_id.in_(mine)))
    theirs = or_(Recording.call_id.in_(calls), Recording.ticket_id.in_(mine))
    return select(Recording.id).where(theirs, Recording.state.not_in(_SOUNDLESS)).order_by(Recording.id)


def _refuse_what_goes_on(asker: Asker, contact_id: int) -> None:
    if queries.elsewhere(asker, contact_id):
        raise Refused(N_("This person also asked at desks outside your part: the data officer above must do it"))
    mine = Ticket.contact_id == contact_id
    open_ = session().scalar(select(Ticket.number).where(mine, Ticket.state.in_(UNFINISHED)).limit(1))
    if open_ is not None:
        raise Refused(N_("Settle this ticket first: %(number)s"), number=open_)
    rung = select(Callback.id).join(Ticket, Ticket.id == Callback.ticket_id).where(mine, Callback.state.in_(ACTIVE))
    talks = select(Call.id).where(Call.contact_id == contact_id, Call.state != CallState.ENDED)
    if session().scalar(select(or_(rung.exists(), talks.exists()))):
        raise Refused(N_("The person is on the telephone or waits to be called back: end that first"))
    term = retention.limit_of(Kept.APPEALS, clock.now())
    appeal = select(Ticket.number).where(
        mine, Ticket.type.in_((TicketType.APPEAL, TicketType.COMPLAINT)), Ticket.erased_at.is_(None)
    )
    if term is not None:
        appeal = appeal.where(Ticket.updated_at > term)
    number = session().scalar(appeal.limit(1))
    if number is not None:
        raise Refused(N_("The law asks us to keep this registered appeal: %(number)s"), number=number)


def _office(asker: Asker, contact_id: int) -> Organization:
    """The highest place where the asker is a data officer over this person's tickets."""
    roots = sorted(queries.roots(asker), key=len)
    places = {one.path: one for one in session().scalars(select(Organization).where(Organization.path.in_(roots)))}
    about = (
        session()
        .scalars(
            select(Organization.path)
            .join(Ticket, Ticket.desk_id == Organization.id)
            .where(Ticket.contact_id == contact_id)
        )
        .all()
    )
    held = [root for root in roots if root in places and (not about or about[0].startswith(root))]
    return places[(held or roots)[0]]


def exported(asker: Asker, contact_id: int, tickets: int) -> None:
    """Note that somebody took everything about a person out of the house."""
    journal.note("person.exported", by=staff(asker.id), contact_id=contact_id, tickets=tickets)
