"""What the carrier told us, once each, however often it tells it."""

from datetime import datetime
from typing import Any

from helpdesk.kernel.statements import put
from helpdesk.telephony.models import CallEvent


def note(dedupe_key: str, kind: str, call_id: int | None, leg_sid: str, at: datetime, **data: Any) -> bool:
    """Keep an event in the transaction of its consequences; False when it was here before."""
    values = {
        "dedupe_key": dedupe_key[:200],
        "at": at,
        "kind": kind[:40],
        "call_id": call_id,
        "leg_sid": leg_sid[:64] or None,
        "data": data,
    }
    return put(CallEvent, values) is not None
