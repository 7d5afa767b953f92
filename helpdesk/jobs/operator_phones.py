"""Telephones of operators are rung for what is held out to them, and let go when it is settled otherwise."""

from collections.abc import Sequence

import structlog

from helpdesk.audit.models import JournalEntry
from helpdesk.jobs.calls import hang_up_leg
from helpdesk.kernel import failpoints
from helpdesk.kernel.db import transaction
from helpdesk.telephony import operator_phones
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused
from helpdesk.telephony.gateway import carrier
from helpdesk.telephony.operator_phones import Ring
from helpdesk.telephony.rules import OfferState
from helpdesk.telephony.twiml import path

log = structlog.get_logger()


def ring(offer_ids: list[int]) -> None:
    """Ring each of these once: claim and commit, ask the carrier, make the leg ours."""
    for offer_id in offer_ids:
        with transaction():
            wanted = operator_phones.claim(offer_id)
        if wanted is None:
            continue
        failpoints.hit("operator_phone.claimed")
        sid = _place(wanted)
        if sid is None:
            continue
        failpoints.hit("operator_phone.placed")
        with transaction():
            offer = operator_phones.adopt(wanted.token, sid)
            needless = offer is None or offer.state not in (OfferState.OPEN, OfferState.ACCEPTED)
        if needless:
            hang_up_leg(sid)


def _place(wanted: Ring) -> str | None:
    """The leg's sid; None when there is none, or nobody knows. Only what certainly did not ring is tried again."""
    steps = [path(step, offer=wanted.token) for step in ("operator-phone", "operator-phone-status")]
    try:
        return carrier().place_call(wanted.number, steps[0], steps[1], operator_phones.RING_SECONDS).sid
    except CarrierRefused as error:
        log.warning("carrier refuses to ring an operator", offer=wanted.offer_id, code=error.code)
        if not error.outcome_known:
            return None
        with transaction():
            if error.retryable:
                operator_phones.ring_again(wanted.offer_id)
            else:
                operator_phones.not_answered(wanted.offer_id)
    except CarrierAway as error:
        log.warning("carrier away, an operator was not rung", offer=wanted.offer_id, reason=str(error))
        if error.outcome_known:
            with transaction():
                operator_phones.ring_again(wanted.offer_id)
    return None


def let_go(entries: Sequence[JournalEntry]) -> None:
    """Offers were settled: whatever still rings for them need not."""
    ids = [entry.details["offer_id"] for entry in entries if entry.details.get("offer_id") is not None]
    for sid in operator_phones.unneeded(ids) if ids else ():
        hang_up_leg(sid)
