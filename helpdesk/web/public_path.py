"""Who has a request now, until when, and whom to ask when the term has passed: the way up as a parent sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.kernel import i18n
from helpdesk.organizations.queries import desks, numbers
from helpdesk.tickets.models import Ticket


@dataclass(frozen=True)
class Stop:
    """One desk on the way up; `number` is empty where only 1450 leads there."""

    name: str
    number: str
    here: bool


def way_up(ticket: Ticket) -> Sequence[Stop]:
    """The desk that has it, then every desk above it. No statement while desks are remembered."""
    every = desks()
    at = every.get(ticket.desk_id)
    if at is None:
        return ()
    above = [one for one in every.values() if at.organization.path.startswith(one.organization.path)]
    own = {desk_id: number for number, desk_id in numbers().items()}
    return [
        Stop(one.organization.name(i18n.language()), own.get(one.id, ""), one.id == ticket.desk_id)
        for one in sorted(above, key=lambda one: len(one.organization.path), reverse=True)
    ]
