"""The second factor of a member of staff: set up, asked for, taken away."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor, staff
from helpdesk.identity import totp
from helpdesk.identity.access_models import RecoveryCode, SecondFactor
from helpdesk.identity.models import Staff
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_

# After so many wrong codes in a row nothing is tried for a while: a thief with the password gets 480 guesses a day.
MOST_FAILURES = 5
PAUSE = timedelta(minutes=15)


def factor_of(staff_id: int) -> SecondFactor | None:
    """The authenticator of somebody, also one that was not confirmed yet."""
    return session().get(SecondFactor, staff_id)


def is_on(staff_id: int) -> bool:
    """Whether this person is asked for a code."""
    found = factor_of(staff_id)
    return found is not None and found.confirmed_at is not None


def secret_of(factor: SecondFactor) -> str:
    """The secret of an authenticator, in base 32."""
    return totp.secret(settings.current().secret_key, factor.staff_id, factor.nonce)


def begin(staff_id: int) -> SecondFactor:
    """The authenticator that is being set up; asked for again, the same one. Raises Refused when one is on."""
    factor = factor_of(staff_id)
    if factor is None:
        factor = SecondFactor(staff_id=staff_id, nonce=secrets.token_hex(16), made_at=clock.now(), last_step=0)
        factor.failures = 0
        session().add(factor)
        session().flush()
    elif factor.confirmed_at is not None:
        raise Refused(N_("Your second factor is on already"))
    return factor


def confirm(staff_id: int, given: str) -> list[str]:
    """The first code of a new authenticator: from now on it is asked for. Returns the codes for paper, shown once.

    Everything signed in elsewhere is out. Raises Refused for a wrong code.
    """
    factor = begin(staff_id)
    step = totp.matching_step(secret_of(factor), given, clock.now(), factor.last_step)
    if step is None:
        raise Refused(N_("This code is not right. Look at the clock of your telephone and take the next code"), "code")
    factor.confirmed_at, factor.last_step = clock.now(), step
    _sign_out_everywhere(staff_id)
    journal.note("staff.second_factor_on", by=staff(staff_id), staff_id=staff_id)
    return new_recovery_codes(staff_id)


def new_recovery_codes(staff_id: int) -> list[str]:
    """Codes for paper; those from before open no more."""
    codes = [totp.recovery_code() for _ in range(totp.RECOVERY_CODES)]
    session().execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    key = settings.current().secret_key
    session().add_all(
        RecoveryCode(staff_id=staff_id, code_hash=totp.recovery_hash(key, staff_id, code)) for code in codes
    )
    session().flush()
    journal.note("staff.recovery_codes_made", by=staff(staff_id), staff_id=staff_id)
    return codes


def recovery_codes_left(staff_id: int) -> int:
    """How many codes on paper are good."""
    query = select(func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return session().execute(query).scalar_one()


def prove(staff_id: int, given: str) -> bool:
    """Whether this is the code of now, or one on paper; each opens once, also when it comes twice at the same moment.

    Raises Refused after too many wrong ones. A wrong code is counted, so the caller commits either way.
    """
    query = select(SecondFactor).where(SecondFactor.staff_id == staff_id).with_for_update()
    factor = session().scalars(query.execution_options(populate_existing=True)).first()
    if factor is None or factor.confirmed_at is None:
        return False
    now = clock.now()
    if factor.failures >= MOST_FAILURES and factor.tried_at is not None and now < factor.tried_at + PAUSE:
        raise Refused(N_("Too many wrong codes: wait a quarter of an hour"), "code")
    step = totp.matching_step(secret_of(factor), given, now, factor.last_step)
    if step is not None:
        factor.last_step = step
    elif not _paper_opens(staff_id, given):
        factor.failures = 1 if factor.failures >= MOST_FAILURES else factor.failures + 1
        factor.tried_at = now
        session().flush()
        journal.note("staff.code_refused", by=staff(staff_id), staff_id=staff_id)
        return False
    factor.failures, factor.tried_at = 0, now
    session().flush()
    return True


def _paper_opens(staff_id: int, given: str) -> bool:
    hashed = totp.recovery_hash(settings.current().secret_key, staff_id, given[:40])
    used = (
        update(RecoveryCode)
        .where(RecoveryCode.staff_id == staff_id, RecoveryCode.code_hash == hashed, RecoveryCode.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    )
    found = session().execute(used).scalar()
    if found is not None:
        journal.note("staff.recovery_code_used", by=staff(staff_id), staff_id=staff_id)
    return found is not None


def remove(staff_id: int, by: Actor) -> None:
    """The telephone is lost, or another one comes: no code is asked for any more, and all sessions end."""
    session().execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    gone = delete(SecondFactor).where(SecondFactor.staff_id == staff_id).returning(SecondFactor.staff_id)
    if session().execute(gone).scalar() is not None:
        _sign_out_everywhere(staff_id)
        journal.note("staff.second_factor_off", by=by, staff_id=staff_id)
    session().expire_all()


def _sign_out_everywhere(staff_id: int) -> None:
    raised = update(Staff).where(Staff.id == staff_id).values(session_version=Staff.session_version + 1)
    session().execute(raised)
    session().flush()
