"""Links that let somebody choose a password: written to them by e-mail, good once and for a time.

The row says for whom and until when; the word in the link is its id and 100 bits of HMAC under our key, so that the
database alone opens nothing.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta

from sqlalchemy import select, update

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor, staff
from helpdesk.identity import passwords
from helpdesk.identity.access_models import StaffLink
from helpdesk.identity.actions import password_hash
from helpdesk.identity.models import Staff
from helpdesk.identity.rules import LinkPurpose
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound

GOOD_FOR = {LinkPurpose.INVITATION: timedelta(days=7), LinkPurpose.PASSWORD: timedelta(hours=24)}


def unusable_password() -> str:
    """The hash of a password that nobody knows."""
    return password_hash(secrets.token_urlsafe(32))


def word(link_id: int) -> str:
    """The word in the address of a link."""
    mac = hmac.new(settings.current().secret_key.encode(), f"staff-link:{link_id}".encode(), hashlib.sha256).digest()
    return f"{link_id:x}-{base64.b32encode(mac[:13]).decode().lower()[:20]}"


def make(person: Staff, purpose: LinkPurpose, by: Actor) -> StaffLink:
    """A new link for somebody; what was written before opens no more. A letter follows after the commit."""
    now = clock.now()
    unused = update(StaffLink).where(StaffLink.staff_id == person.id, StaffLink.used_at.is_(None))
    session().execute(unused.values(used_at=now))
    link = StaffLink(
        staff_id=person.id, purpose=purpose, by_id=by.id, created_at=now, expires_at=now + GOOD_FOR[purpose]
    )
    session().add(link)
    session().flush()
    journal.note("staff.link_made", by=by, staff_id=person.id, link_id=link.id, purpose=purpose.value)
    return link


def opened(given: str) -> tuple[StaffLink, Staff]:
    """The link with this word and whose it is. Raises NotFound when it is not ours, too old, or was used."""
    head = given.partition("-")[0]
    if not head or len(head) > 15 or any(sign not in "0123456789abcdef" for sign in head):
        raise NotFound
    link_id = int(head, 16)
    if not hmac.compare_digest(given.encode(), word(link_id).encode()):
        raise NotFound
    query = (
        select(StaffLink, Staff)
        .join(Staff, Staff.id == StaffLink.staff_id)
        .where(StaffLink.id == link_id, StaffLink.used_at.is_(None), StaffLink.expires_at > clock.now(), Staff.active)
    )
    found = session().execute(query).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def use(given: str, password: str, again: str) -> Staff:
    """Choose a password with a link: it opens no more, and everything signed in elsewhere is out.

    Raises NotFound, and Refused for a password that will not do (the link stays good).
    """
    link, person = opened(given)
    passwords.check(password, again, person.name, person.email)
    taken = (
        update(StaffLink)
        .where(StaffLink.id == link.id, StaffLink.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(StaffLink.id)
    )
    if session().execute(taken).scalar() is None:
        raise NotFound
    person.password_hash = password_hash(password)
    person.session_version += 1
    session().flush()
    journal.note("staff.password_set", by=staff(person.id), staff_id=person.id, link_id=link.id)
    return person
