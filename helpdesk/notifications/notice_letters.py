"""What staff wish to hear by letter: one letter a person and quarter of an hour at most, with all that gathered."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import lazyload

from helpdesk.identity.models import Staff
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import DEFAULT_ZONE
from helpdesk.notifications import letters
from helpdesk.notifications.models import Letter
from helpdesk.notifications.notice_labels import KINDS
from helpdesk.notifications.notice_models import Notice, NoticeLetter
from helpdesk.notifications.notice_rules import BUNDLED, GATHERS, LETTERS_FROM, LETTERS_TO, MOST_IN_A_LETTER
from helpdesk.notifications.rules import LetterState, Medium
from helpdesk.tickets.models import Ticket

TEMPLATE = "staff_notices"
_WAITS = (Notice.wants_letter, Notice.read_at.is_(None), Notice.lettered_at.is_(None))


def due(limit: int = 200) -> list[int]:
    """Ids of staff for whom a letter is due now; nobody's at night."""
    now = clock.now()
    if not LETTERS_FROM <= now.astimezone(DEFAULT_ZONE).time() < LETTERS_TO:
        return []
    lately = select(NoticeLetter.staff_id).where(NoticeLetter.written_at > now - BUNDLED)
    query = select(Notice.staff_id).where(*_WAITS, Notice.at <= now - GATHERS, Notice.staff_id.not_in(lately))
    return list(session().scalars(query.distinct().order_by(Notice.staff_id).limit(limit)))


def write(staff_id: int) -> bool:
    """Write one person's letter with all that waits; False when it was written meanwhile, or is not wanted any more."""
    now = clock.now()
    first = insert(NoticeLetter).values(staff_id=staff_id, written_at=datetime.fromtimestamp(0, now.tzinfo))
    session().execute(first.on_conflict_do_nothing())
    last = session().get_one(NoticeLetter, staff_id, with_for_update=True, populate_existing=True)
    person = session().get(Staff, staff_id, options=[lazyload("*")])
    if last.written_at > now - BUNDLED or person is None:
        return False
    query = select(Notice.id, Notice.kind, Notice.times, Ticket.number).join(Ticket, Ticket.id == Notice.ticket_id)
    found = session().execute(query.where(Notice.staff_id == staff_id, *_WAITS).order_by(Notice.id)).all()
    if not found:
        return False
    ids = [row.id for row in found]
    session().execute(update(Notice).where(Notice.id.in_(ids)).values(lettered_at=now))
    last.written_at = now
    if person.active:
        _queue(person, [(row.number, KINDS[row.kind], row.times) for row in found], ids[-1], now)
    session().flush()
    return person.active


def _queue(person: Staff, lines: list[tuple[str, str, int]], last_id: int, now: datetime) -> None:
    house = settings.current()
    subject, body = letters.write_notices(
        TEMPLATE,
        lines[:MOST_IN_A_LETTER],
        len(lines) - MOST_IN_A_LETTER,
        f"{house.public_base_url}/notifications",
        person.language,
    )
    row = {
        "medium": Medium.EMAIL,
        "template": TEMPLATE,
        "language": person.language,
        "address": person.email,
        "dedupe_key": f"notices:{person.id}:{last_id}",
        "message_id": f"<notices.{person.id}.{last_id}@{house.mail_domain}>",
        "subject": subject,
        "body": body,
        "state": LetterState.PENDING,
        "attempts": 0,
        "error": "",
        "created_at": now,
        "next_attempt_at": now,
    }
    session().execute(insert(Letter).values(row).on_conflict_do_nothing(index_elements=["dedupe_key"]))
