"""Who can hear whom: noted on the legs, told to the far ends, counted in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phonesim.calls import Call

if TYPE_CHECKING:
    from phonesim.network import Network


def meet(network: Network, one: Call, other: Call, place: str) -> None:
    """Two far ends can hear each other."""
    if other.sid in one.company:
        return
    network.ledger.met((one.sid, one.address), (other.sid, other.address), place)
    for call, companion in ((one, other), (other, one)):
        call.company.add(companion.sid)
        call.note("talk", {"with": companion.address, "what": "met"})
        call.far_end.met(call)


def part(network: Network, call: Call, place: str, stays: bool = False) -> None:
    """A far end talks with nobody any more; whoever stays alone with that is told too.

    `stays`: it goes on listening.
    """
    network.ledger.parted(call.sid, place)
    if not stays:
        network.ledger.left(call.sid)
    for sid in list(call.company):
        other = network.calls[sid]
        other.company.discard(call.sid)
        if not other.company and not other.over:
            other.far_end.parted(other)
    had_company = bool(call.company)
    call.company.clear()
    if had_company:
        call.note("talk", {"what": "parted"})
        if not call.over:
            call.far_end.parted(call)
