"""Passkeys (W3C Web Authentication): made, asked for, taken away. They open a session without a password, and stand for
the code where the password was typed."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass

import webauthn
from sqlalchemy import delete, exists, select, update
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor, staff
from helpdesk.identity.models import Staff
from helpdesk.identity.passkey_models import Passkey
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_

MOST_PASSKEYS, LONGEST_NAME, LONGEST_ANSWER = 10, 60, 20_000
_BROKEN = (WebAuthnException, ValueError, KeyError, TypeError)
_WRONG = N_("This passkey was not accepted")


@dataclass(frozen=True)
class Place:
    """Where passkeys hold: the domain, and the addresses from which an answer may come."""

    domain: str
    origin: str


def challenge_of(options: str) -> str:
    """The question inside of options, to be kept until the answer comes."""
    return str(json.loads(options)["challenge"])


def passkeys_of(staff_id: int) -> Sequence[Passkey]:
    """Somebody's passkeys, the oldest first."""
    return session().scalars(select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.id)).all()


def has_any(staff_id: int) -> bool:
    """Whether somebody has a passkey: then the password alone opens nothing."""
    return bool(session().scalar(select(exists().where(Passkey.staff_id == staff_id))))


def offer(staff_id: int, place: Place) -> str:
    """Options for a new passkey, as JSON for the browser. Raises Refused when there are enough."""
    person, known = session().get_one(Staff, staff_id), passkeys_of(staff_id)
    if len(known) >= MOST_PASSKEYS:
        raise Refused(N_("These are enough passkeys: remove one first"), "passkey")
    made = webauthn.generate_registration_options(
        rp_id=place.domain,
        rp_name="1450",
        user_id=_handle(staff_id),
        user_name=person.email,
        user_display_name=person.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
    )
    return webauthn.options_to_json(made)


def add(staff_id: int, place: Place, challenge: str, answer: str, name: str) -> Passkey:
    """Keep a new passkey. Raises Refused when the answer is not one to this question from this place."""
    if len(passkeys_of(staff_id)) >= MOST_PASSKEYS:
        raise Refused(N_("These are enough passkeys: remove one first"), "passkey")
    try:
        verified = webauthn.verify_registration_response(
            credential=_short(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.domain,
            expected_origin=place.origin,
        )
    except _BROKEN as error:
        raise Refused(_WRONG, "passkey") from error
    if session().scalar(select(exists().where(Passkey.credential_id == verified.credential_id))):
        raise Refused(N_("This passkey is known already"), "passkey")
    made = Passkey(
        staff_id=staff_id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=" ".join(name.split())[:LONGEST_NAME],
        made_at=clock.now(),
    )
    session().add(made)
    session().flush()
    journal.note("staff.passkey_added", by=staff(staff_id), staff_id=staff_id, passkey_id=made.id)
    return made


def ask(place: Place, staff_id: int | None = None) -> str:
    """Options to be answered with a passkey, as JSON: of somebody who typed the password, or of whoever is there."""
    known = passkeys_of(staff_id) if staff_id is not None else ()
    asked = webauthn.generate_authentication_options(
        rp_id=place.domain,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
        # without a password the device must have asked for a finger, a face or its own code
        user_verification=UserVerificationRequirement.PREFERRED if known else UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(asked)


def opened(place: Place, challenge: str, answer: str, staff_id: int | None = None) -> Staff:
    """Whose passkey answered, once; `staff_id` says whose it must be where the password was typed. Raises Refused."""
    try:
        given = parse_authentication_credential_json(_short(answer))
        query = select(Passkey).where(Passkey.credential_id == given.raw_id).with_for_update()
        row = session().scalars(query.execution_options(populate_existing=True)).first()
        asked = base64url_to_bytes(challenge)
        if row is None or (staff_id is not None and row.staff_id != staff_id) or row.last_challenge == asked:
            raise Refused(_WRONG, "passkey")
        if given.response.user_handle and not hmac.compare_digest(given.response.user_handle, _handle(row.staff_id)):
            raise Refused(_WRONG, "passkey")
        verified = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=asked,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=staff_id is None,
        )
    except _BROKEN as error:
        raise Refused(_WRONG, "passkey") from error
    person = session().scalars(select(Staff).where(Staff.id == row.staff_id, Staff.active)).first()
    if person is None:
        raise Refused(_WRONG, "passkey")
    now = clock.now()
    row.sign_count, row.last_challenge, row.used_at = verified.new_sign_count, asked, now
    person.signed_in_at = now
    session().flush()
    journal.note("staff.passkey_used", by=staff(person.id), staff_id=person.id, passkey_id=row.id)
    return person


def remove(staff_id: int, passkey_id: int) -> None:
    """One's own passkey opens nothing more, and every session ends. Raises NotFound."""
    gone = delete(Passkey).where(Passkey.id == passkey_id, Passkey.staff_id == staff_id).returning(Passkey.id)
    if session().execute(gone).first() is None:
        raise NotFound
    _removed(staff_id, staff(staff_id))


def remove_all(staff_id: int, by: Actor) -> None:
    """The devices are lost: no passkey of this person opens anything, and every session ends."""
    gone = delete(Passkey).where(Passkey.staff_id == staff_id).returning(Passkey.id)
    if session().execute(gone).first() is not None:
        _removed(staff_id, by)


def _removed(staff_id: int, by: Actor) -> None:
    session().execute(update(Staff).where(Staff.id == staff_id).values(session_version=Staff.session_version + 1))
    session().flush()
    journal.note("staff.passkey_removed", by=by, staff_id=staff_id)
    session().expire_all()


def _handle(staff_id: int) -> bytes:
    """What a device keeps of somebody: no name, no number."""
    return hmac.new(settings.current().secret_key.encode(), f"passkey:{staff_id}".encode(), hashlib.sha256).digest()


def _short(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER:
        raise Refused(_WRONG, "passkey")
    return answer
