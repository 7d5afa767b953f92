"""Staff come, sign in, and change."""

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import update

from helpdesk.identity.models import Staff
from helpdesk.identity.queries import staff_by_email
from helpdesk.kernel import clock
from helpdesk.kernel.db import session

# RFC 9106's second recommended profile: about 50 ms here; sign-in is rate-limited because of it.
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody signs in with this")


def password_hash(password: str) -> str:
    """The argon2id hash that is stored."""
    return _hasher.hash(password)


def sign_in(email: str, password: str) -> Staff | None:
    """Whose address and password these are, or None. Takes as long for an unknown address as for a known one."""
    found = staff_by_email(email)
    try:
        _hasher.verify(found.password_hash if found else _NOBODY, password)
    except VerificationError:
        return None
    if found is not None:
        found.signed_in_at = clock.now()
    if found is not None and _hasher.check_needs_rehash(found.password_hash):
        found.password_hash = _hasher.hash(password)
        session().add(found)
    return found


def speak_to(staff_id: int, language: str) -> None:
    """From now on the pages speak `language` (kk, ru, en) to this member of staff."""
    session().execute(update(Staff).where(Staff.id == staff_id).values(language=language))
