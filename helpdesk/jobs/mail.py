"""Jobs of the post: letters in and letters out. Each takes ids and may run twice."""

import time

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from helpdesk.intake import mailroom
from helpdesk.kernel import failpoints, settings
from helpdesk.kernel.db import transaction
from helpdesk.notifications import post, sending
from helpdesk.telephony import gateway

log = structlog.get_logger()

# A job begins no further letter after this long: what is left is found by the next round, and with Redis away the
# clock process, which runs the job itself, gets back to promised callbacks.
BUDGET_SECONDS = 10.0


def file_mail(ids: list[int]) -> None:
    """Read waiting letters, each in its own transaction: one that cannot be read is put aside and holds up no other."""
    until = time.monotonic() + BUDGET_SECONDS
    for raw_id in ids:
        if time.monotonic() > until:
            break
        with transaction():
            readable = mailroom.begin(raw_id)
        if not readable:
            continue
        try:
            with transaction():
                mailroom.file_mail(raw_id)
        except (OperationalError, PoolTimeout):
            log.exception("letter waits for the database", raw_mail_id=raw_id)
        except Exception as error:
            log.exception("letter cannot be read", raw_mail_id=raw_id)
            with transaction():
                mailroom.put_aside(raw_id, f"{type(error).__name__}: {error}")


def send_letters(ids: list[int]) -> None:
    """Send due letters: claim, commit, send, record. Killed in between, a letter is sent again under the same id."""
    until = time.monotonic() + BUDGET_SECONDS
    for letter_id in ids:
        if time.monotonic() > until:
            break
        with transaction():
            parcel = sending.claim(letter_id)
        if parcel is None:
            continue
        outcome = post.deliver(parcel, settings.current(), gateway.carrier().send_sms)
        failpoints.hit("letter.left")
        with transaction():
            sending.settle(letter_id, outcome)
