"""Is this webhook really the carrier's? Its signature covers the exact bytes of the address and every field."""

import base64
import hmac
from collections.abc import Mapping
from typing import Any

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)
from werkzeug.datastructures import Headers, MultiDict

from helpdesk.kernel.settings import Settings


def is_genuine(
    settings: Settings, environ: Mapping[str, Any], form: Mapping[str, Any], headers: Mapping[str, str] | Headers
) -> bool:
    """Whether the request was signed with our token.

    The address is our public one and the path as it came over the wire (`RAW_URI` of gunicorn and werkzeug, or
    `REQUEST_URI`): a rebuilt one has other escapes, and a proxy may have changed the host. `form` is empty for a GET.
    """
    signature = headers.get(SIGNATURE_HEADER)
    if not signature or not settings.twilio_auth_token:
        return False
    url, named = signed_url(settings, environ), headers.get(SIGNATURE_SETTINGS_HEADER)
    if named is None and hmac.compare_digest(_usual(settings.twilio_auth_token, url, form), signature.encode()):
        return True
    # other keys, a port that was signed too, a field given twice: the library knows them all, ten times slower
    validator = RequestValidator(settings.twilio_auth_token)
    return bool(validator.validate(url, form, signature, get_signature_algorithm(named)))


def _usual(token: str, url: str, form: Mapping[str, Any]) -> bytes:
    """HMAC-SHA1 over the address and every field, sorted."""
    fields = form.items(multi=True) if isinstance(form, MultiDict) else form.items()
    signed = url + "".join(f"{name}{value}" for name, value in sorted(fields))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1"))


def signed_url(settings: Settings, environ: Mapping[str, Any]) -> str:
    """The address that the carrier signed."""
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/"))
    if "://" in raw.partition("?")[0]:
        raw = "/" + raw.split("://", 1)[1].partition("/")[2]
    return settings.public_base_url + raw
