"""Letters to staff that let them in: reactions to the journal, each safe to run twice."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit.models import JournalEntry
from helpdesk.identity.access_models import StaffLink
from helpdesk.identity.links import word
from helpdesk.identity.models import Staff
from helpdesk.identity.rules import LinkPurpose
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.notifications import letters
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rules import LetterState, Medium


class StaffKind(StrEnum):
    """The names of the templates."""

    INVITED = "staff_invited"
    PASSWORD = "staff_password"  # noqa: S105 - the name of a template


KIND_OF = {LinkPurpose.INVITATION: StaffKind.INVITED, LinkPurpose.PASSWORD: StaffKind.PASSWORD}
_MARK = re.compile(r"⟦staff:(\d{1,18})⟧")


def link_made(entries: Sequence[JournalEntry]) -> None:
    """The letter with a link, in the person's language; not for one that was used or replaced meanwhile."""
    for link, person in _good_links([entry.details["link_id"] for entry in entries]):
        kind = KIND_OF[link.purpose]
        address = f"{settings.current().public_base_url}/welcome/⟦staff:{link.id}⟧"
        subject, body = letters.write_to_staff(kind.value, person.name, address, link.expires_at, person.language)
        house, now = settings.current(), clock.now()
        row = {
            "medium": Medium.EMAIL,
            "template": kind.value,
            "language": person.language,
            "address": person.email,
            "dedupe_key": f"staff-link:{link.id}",
            "message_id": f"<staff.{link.id}.{word(link.id)[-8:]}@{house.mail_domain}>",
            "subject": subject,
            "body": body,
            "state": LetterState.PENDING,
            "attempts": 0,
            "error": "",
            "created_at": now,
            "next_attempt_at": now,
        }
        session().execute(insert(Letter).values(row).on_conflict_do_nothing(index_elements=["dedupe_key"]))


def letter_of(link: StaffLink | None) -> Letter | None:
    """The letter that a link was written in. The caller may see its person."""
    if link is None:
        return None
    return session().scalars(select(Letter).where(Letter.dedupe_key == f"staff-link:{link.id}")).first()


def filled(body: str) -> str:
    """A kept text as its reader gets it: the word of the link is put in when the letter leaves."""
    return _MARK.sub(lambda match: word(int(match.group(1))), body)


def _good_links(ids: Sequence[int]) -> Iterator[tuple[StaffLink, Staff]]:
    query = select(StaffLink, Staff).join(Staff, Staff.id == StaffLink.staff_id)
    query = query.where(StaffLink.id.in_(ids), StaffLink.used_at.is_(None), StaffLink.expires_at > clock.now())
    yield from session().execute(query.where(Staff.active).order_by(StaffLink.id))
