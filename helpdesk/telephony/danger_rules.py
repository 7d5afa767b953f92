"""A child in danger: which services are called in, and the states of such a call."""

from datetime import timedelta
from enum import StrEnum


class Service(StrEnum):
    """112 is the rescue service of the country, 111 the helpline for children; both answer around the clock."""

    RESCUE = "112"
    CHILDREN = "111"


class ServiceState(StrEnum):
    """ASKED is written before the carrier is asked; DIALLING before the one request to it leaves the house."""

    ASKED = "asked"
    DIALLING = "dialling"
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"
    FAILED = "failed"


SERVICE_MOVES: dict[ServiceState, frozenset[ServiceState]] = {
    ServiceState.ASKED: frozenset({ServiceState.DIALLING, ServiceState.FAILED}),
    ServiceState.DIALLING: frozenset(
        {ServiceState.RINGING, ServiceState.TALKING, ServiceState.ENDED, ServiceState.FAILED}
    ),
    ServiceState.RINGING: frozenset({ServiceState.TALKING, ServiceState.ENDED, ServiceState.FAILED}),
    ServiceState.TALKING: frozenset({ServiceState.ENDED}),
    ServiceState.ENDED: frozenset(),
    ServiceState.FAILED: frozenset(),
}

OPEN_SERVICE = (ServiceState.ASKED, ServiceState.DIALLING, ServiceState.RINGING, ServiceState.TALKING)

# Nothing was heard of a service that was dialled: after this long the carrier is asked, after that it counts as failed.
ASK_AFTER = timedelta(seconds=10)
FAILED_AFTER = timedelta(seconds=40)
