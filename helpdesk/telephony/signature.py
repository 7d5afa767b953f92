"""Is this webhook really the carrier's? Its signature covers the exact bytes of the address and every field."""

from collections.abc import Mapping
from typing import Any

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from helpdesk.kernel.settings import Settings


def is_genuine(
    settings: Settings, environ: Mapping[str, Any], form: Mapping[str, Any], headers: Mapping[str, str]
) -> bool:
    """Whether the request was signed with our token.

    The address is our public one and the path as it came over the wire (`RAW_URI` of gunicorn and werkzeug, or
    `REQUEST_URI`): a rebuilt one has other escapes, and a proxy may have changed the host. `form` is empty for a GET.
    """
    signature = headers.get(SIGNATURE_HEADER)
    if not signature or not settings.twilio_auth_token:
        return False
    algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER))
    validator = RequestValidator(settings.twilio_auth_token)
    return bool(validator.validate(signed_url(settings, environ), form, signature, algorithm))


def signed_url(settings: Settings, environ: Mapping[str, Any]) -> str:
    """The address that the carrier signed."""
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/"))
    if "://" in raw.partition("?")[0]:
        raw = "/" + raw.split("://", 1)[1].partition("/")[2]
    return settings.public_base_url + raw
