"""The place in a list where the next page begins: a moment and an id, opaque to whoever carries it."""

import base64
import binascii
from datetime import UTC, datetime

from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_

_MOST = 2**63 - 1
_YEARS = range(1990, 2200)


def write(moment: datetime, id_: int) -> str:
    """The cursor after a row."""
    text = f"{moment.astimezone(UTC).isoformat()}_{id_}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def write_id(id_: int) -> str:
    """The cursor after a row of a list that is ordered by id."""
    return base64.urlsafe_b64encode(str(id_).encode()).decode().rstrip("=")


def read(cursor: str) -> tuple[datetime, int]:
    """What `write` wrote. Raises Refused."""
    moment, _, id_ = _opened(cursor).partition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        raise _strange() from None
    if at.tzinfo is None or at.year not in _YEARS:
        raise _strange()
    return at, _id(id_)


def read_id(cursor: str) -> int:
    """What `write_id` wrote. Raises Refused."""
    return _id(_opened(cursor))


def _opened(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise _strange() from None


def _id(text: str) -> int:
    if not text.isdecimal() or len(text) > 19 or int(text) > _MOST:
        raise _strange()
    return int(text)


def _strange() -> Refused:
    return Refused(N_("This is no cursor of ours: begin without one"), field="cursor")
