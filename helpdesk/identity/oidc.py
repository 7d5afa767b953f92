"""Signing in with an account of another house (OpenID Connect Core 1.0, code flow with PKCE, RFC 7636).

One provider, named in the settings. It says which verified e-mail address somebody has; whoever was invited here with
that address comes in, and nobody is ever made.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import requests
import structlog
from sqlalchemy import update

from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import staff_by_email
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.kernel.remembered import Remembered

log = structlog.get_logger()

# Only signatures by a key pair: one that our own secret could make ("HS256"), or none, proves nothing.
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
PATIENCE_SECONDS = 5
CLOCKS_DIFFER_SECONDS = 60
LARGEST_ANSWER = 200_000
_AWAY = N_("The other house does not answer: sign in with your password")
_WRONG = N_("The other house did not confirm who you are: try again")


class Away(Refused):
    """The provider cannot be asked."""


@dataclass(frozen=True)
class Attempt:
    """A way in that was begun: where the browser goes, and what only this browser knows until it comes back."""

    address: str
    state: str
    nonce: str
    verifier: str


_documents: Remembered[str, dict[str, Any]] = Remembered()


def forget() -> None:
    """Ask the provider for its addresses and keys anew."""
    _documents.forget()


def is_offered() -> bool:
    """Whether there is a provider."""
    known = settings.current()
    return bool(known.oidc_issuer and known.oidc_client_id)


def begin(back: str) -> Attempt:
    """Where to send a browser that shall come back to `back`. Raises Refused when the provider does not answer."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": settings.current().oidc_client_id,
        "redirect_uri": back,
        "scope": "openid email",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    address = str(_described()["authorization_endpoint"])
    return Attempt(f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", state, nonce, verifier)


def finish(code: str, nonce: str, verifier: str, back: str) -> Staff:
    """The member of staff whom the provider confirms. Raises Refused."""
    claims = _claims(_token(code, verifier, back))
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise Refused(_WRONG)
    if claims.get("email_verified") not in (True, "true") or not claims.get("email"):
        raise Refused(N_("The other house has not verified your e-mail address"))
    person = staff_by_email(str(claims["email"]))
    if person is None:
        raise Refused(N_("Nobody was invited with this address: ask your administrator"))
    return person


def _token(code: str, verifier: str, back: str) -> str:
    known = settings.current()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
        "client_id": known.oidc_client_id,
    }
    secret = (known.oidc_client_id, known.oidc_client_secret) if known.oidc_client_secret else None
    token = _asked("POST", str(_described()["token_endpoint"]), data=form, auth=secret).get("id_token")
    if not isinstance(token, str):
        raise Refused(_WRONG)
    return token


def _claims(token: str) -> dict[str, Any]:
    known = settings.current()
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        keys = jwt.PyJWKSet.from_dict(_remembered(str(_described()["jwks_uri"]))).keys
        if kid is not None and all(key.key_id != kid for key in keys):
            # the provider has changed its keys
            forget()
            keys = jwt.PyJWKSet.from_dict(_remembered(str(_described()["jwks_uri"]))).keys
        key = next(key for key in keys if kid is None or key.key_id == kid)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=known.oidc_client_id,
            issuer=known.oidc_issuer,
            # the house has one clock, and it is asked below
            options={"require": ["exp", "iat", "sub"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
        now = clock.now().timestamp()
        if float(claims["exp"]) < now - CLOCKS_DIFFER_SECONDS or float(claims["iat"]) > now + CLOCKS_DIFFER_SECONDS:
            raise Refused(_WRONG)
        if claims.get("azp", known.oidc_client_id) != known.oidc_client_id:
            raise Refused(_WRONG)
    except (jwt.PyJWTError, StopIteration, ValueError, KeyError, TypeError) as error:
        log.warning("a token of the provider was refused", error=str(error)[:200])
        raise Refused(_WRONG) from error
    return claims


def _described() -> dict[str, Any]:
    issuer = settings.current().oidc_issuer
    found = _remembered(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise Away(_AWAY)
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        # what was configured over https leads nowhere else
        if urlsplit(str(found.get(name, ""))).scheme not in ("https", urlsplit(issuer).scheme):
            raise Away(_AWAY)
    return found


def _remembered(address: str) -> dict[str, Any]:
    return _documents.get(address, lambda: _asked("GET", address))


def _asked(method: str, address: str, **more: Any) -> dict[str, Any]:
    try:
        answer = requests.request(method, address, timeout=PATIENCE_SECONDS, allow_redirects=False, **more)
        if len(answer.content) > LARGEST_ANSWER or answer.status_code >= 500:
            raise Away(_AWAY)
        said = answer.json()
    except (requests.RequestException, ValueError) as error:
        log.warning("the provider does not answer", address=address, error=str(error)[:200])
        raise Away(_AWAY) from error
    if answer.status_code != 200 or not isinstance(said, dict):
        raise Refused(_WRONG)
    return said


def signed_in(staff_id: int) -> None:
    """Somebody came in this way."""
    session().execute(update(Staff).where(Staff.id == staff_id).values(signed_in_at=clock.now()))
    journal.note("staff.signed_in_elsewhere", by=staff(staff_id), staff_id=staff_id)
