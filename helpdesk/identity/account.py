"""What somebody changes about their own way in."""

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity import passwords, second_factor
from helpdesk.identity.actions import password_hash
from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_

_hasher = PasswordHasher()


def change_password(staff_id: int, old: str, password: str, again: str) -> None:
    """Another password; whatever is signed in is out. Raises Refused when the old one is wrong."""
    person = session().get_one(Staff, staff_id, with_for_update=True, populate_existing=True)
    try:
        _hasher.verify(person.password_hash, old)
    except VerificationError:
        raise Refused(N_("This is not your password"), "old") from None
    passwords.check(password, again, person.name, person.email)
    person.password_hash = password_hash(password)
    person.session_version += 1
    session().flush()
    journal.note("staff.password_set", by=staff(staff_id), staff_id=staff_id)


def sign_out_everywhere(staff_id: int) -> None:
    """Every browser asks for the password again."""
    person = session().get_one(Staff, staff_id, with_for_update=True, populate_existing=True)
    person.session_version += 1
    session().flush()
    journal.note("staff.signed_out_everywhere", by=staff(staff_id), staff_id=staff_id)


def remove_second_factor(staff_id: int) -> None:
    """No code is asked for any more."""
    second_factor.remove(staff_id, staff(staff_id))


def email_of(staff_id: int) -> str:
    """The address that somebody signs in with."""
    return session().scalar(select(Staff.email).where(Staff.id == staff_id)) or ""
