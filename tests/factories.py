"""Things that tests need many of."""

import itertools
from typing import Any

from helpdesk.audit.actor import requester
from helpdesk.intake.accept import accept
from helpdesk.intake.incoming import Accepted, Incoming
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.tickets.rules import Channel

_serial = itertools.count(1)


def incoming(**changes: Any) -> Incoming:
    """A parent's web form, each one different from the one before."""
    values: dict[str, Any] = {
        "key": f"web:test-{next(_serial)}",
        "channel": Channel.WEB,
        "received_at": clock.now(),
        "language": "kk",
        "text": "4 «Ә» сыныбында оқитын баламның Kundelik құпиясөзін ұмытып қалдық.",
        "choice": 1,
    }
    return Incoming(**(values | changes))


def filed(**changes: Any) -> Accepted:
    """The same, accepted and committed."""
    with transaction():
        return accept(incoming(**changes), requester())
