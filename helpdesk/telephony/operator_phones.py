"""Operators who answer on a telephone: rung once for each offer, and put through only after pressing 1.

As with callbacks, what is about to be asked of the carrier is written down first, and the offer's token stands in every
address: a crash in between costs one offer, and no telephone rings twice for the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from helpdesk.identity.models import Staff
from helpdesk.identity.queries import mobile_of
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.telephony import offers, presence, queries
from helpdesk.telephony.models import Offer, Presence
from helpdesk.telephony.rules import Device, OfferState

# Stands in the place of the leg's sid from before the carrier is asked until the first word about the leg.
ASKED = "asked"
RING_SECONDS = 20


@dataclass(frozen=True)
class Ring:
    """A telephone to be rung for an offer."""

    offer_id: int
    token: str
    number: str


def choose(staff_id: int, device: Device) -> None:
    """Where an operator is rung from now on. Raises Refused without a known number, and during a call."""
    if device is Device.PHONE and not mobile_of(staff_id):
        raise Refused(N_("Your mobile number is not known: ask your administrator"), field="device")
    presence.answer_on(staff_id, device)


def to_ring(limit: int = 100) -> Sequence[int]:
    """Ids of open offers to operators on telephones which were not rung yet."""
    query = (
        select(Offer.id)
        .join(Presence, Presence.staff_id == Offer.staff_id)
        .where(
            Offer.state == OfferState.OPEN,
            Offer.leg_sid.is_(None),
            Offer.expires_at > clock.now(),
            Presence.device == Device.PHONE,
        )
    )
    return session().scalars(query.order_by(Offer.id).limit(limit)).all()


def claim(offer_id: int) -> Ring | None:
    """Take an offer to be rung now; None when somebody has, or it is settled."""
    claimed = (
        update(Offer)
        .where(
            Offer.id == offer_id,
            Offer.state == OfferState.OPEN,
            Offer.leg_sid.is_(None),
            Offer.expires_at > clock.now(),
            Offer.staff_id == Staff.id,
            Staff.mobile.is_not(None),
        )
        .values(leg_sid=ASKED)
        .returning(Offer.token, Staff.mobile)
        .execution_options(synchronize_session=False)
    )
    row = session().execute(claimed).first()
    return Ring(offer_id, row.token, row.mobile) if row is not None else None


def adopt(token: str, leg_sid: str) -> Offer | None:
    """The offer for which this leg rings: the first leg that is heard of. None for any other one, which has to go."""
    known = queries.offer_by_token(token)
    if known is None or known.leg_sid == leg_sid:
        return known
    if known.call_id is not None:
        queries.locked(known.call_id)  # before the offer, as everywhere
    taken = (
        update(Offer)
        .where(Offer.token == token, Offer.leg_sid.in_((ASKED, leg_sid)))
        .values(leg_sid=leg_sid)
        .returning(Offer.id)
        .execution_options(synchronize_session=False)
    )
    found = session().execute(taken).first()
    return session().get_one(Offer, found.id, populate_existing=True) if found is not None else None


def ring_again(offer_id: int) -> None:
    """The carrier has certainly not rung: it may be asked once more."""
    session().execute(
        update(Offer)
        .where(Offer.id == offer_id, Offer.leg_sid == ASKED)
        .values(leg_sid=None)
        .execution_options(synchronize_session=False)
    )


def not_answered(offer_id: int) -> None:
    """Busy, not picked up, hung up without a key, or no such number: the next operator is asked at once."""
    offers.expire(offer_id, early=True)


def unneeded(offer_ids: Sequence[int]) -> Sequence[str]:
    """Of settled offers: the legs that ring, or wait for a key, and have not become part of a conversation."""
    query = select(Offer.leg_sid).where(
        Offer.id.in_(offer_ids), Offer.state != OfferState.OPEN, Offer.leg_sid.is_not(None), Offer.leg_sid != ASKED
    )
    return [sid for sid in session().scalars(query) if sid is not None and queries.leg_by_sid(sid) is None]
