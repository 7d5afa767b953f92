"""Twilio's webhook signature and the overrides that stand in a webhook's fragment."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag

from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER

HASHES = {HMAC_SHA1: "sha1", HMAC_SHA256: "sha256"}
RETRY_REASONS = frozenset({"4xx", "5xx", "ct", "rt", "all"})


def sign(token: str, url: str, params: Mapping[str, str], algorithm: str = HMAC_SHA1) -> str:
    """X-Twilio-Signature of a request: an HMAC over the URL without its fragment and the sorted form fields."""
    signed = urldefrag(url).url + "".join(name + params[name] for name in sorted(params))
    return b64encode(hmac.digest(token.encode(), signed.encode(), HASHES[algorithm])).decode()


def signed_headers(token: str, url: str, params: Mapping[str, str], algorithm: str) -> dict[str, str]:
    """The signature, and for any algorithm but the usual one its name."""
    headers = {SIGNATURE_HEADER: sign(token, url, params, algorithm)}
    if algorithm != HMAC_SHA1:
        headers[SIGNATURE_SETTINGS_HEADER] = f"key=phonesim,algorithm={algorithm}"
    return headers


@dataclass(frozen=True)
class Overrides:
    """`#rc=2&rp=ct,5xx&ct=2000&rt=8000&tt=15000` of a webhook URL; times in seconds here, milliseconds there.

    Source: Twilio, "webhooks connection overrides". `mistake` says what could not be understood (error 11243).
    """

    retries: int = 1
    reasons: frozenset[str] = frozenset({"ct"})
    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    mistake: str = ""

    def wants_retry(self, failure: str) -> bool:
        return "all" in self.reasons or failure in self.reasons


def overrides_of(url: str) -> Overrides:
    fragment = urldefrag(url).fragment
    if not fragment:
        return Overrides()
    given = {key: values[-1] for key, values in parse_qs(fragment).items()}
    reasons = frozenset(part.strip() for part in given.get("rp", "ct").split(",") if part.strip())
    if unknown := reasons - RETRY_REASONS:
        return Overrides(mistake=f"rp={','.join(sorted(unknown))}")
    try:
        return Overrides(
            retries=min(5, max(0, int(given.get("rc", "1")))),
            reasons=reasons,
            connect=_seconds(given.get("ct", "5000"), 0.1, 10.0),
            read=_seconds(given.get("rt", "15000"), 0.1, 15.0),
            total=_seconds(given.get("tt", "15000"), 0.1, 15.0),
        )
    except ValueError as error:
        return Overrides(mistake=str(error))


def _seconds(milliseconds: str, least: float, most: float) -> float:
    return min(most, max(least, int(milliseconds) / 1000))
