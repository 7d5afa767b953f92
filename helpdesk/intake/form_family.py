"""One form for several pupils of a family: a request for each of them, the same words, each at its school's desk."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk.audit.actor import requester
from helpdesk.contacts.rules import class_name
from helpdesk.intake.accept import accept
from helpdesk.intake.incoming import Incoming
from helpdesk.organizations.search import search_schools
from helpdesk.tickets import linking
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.tie_rules import LinkKind

# Rows that the form offers beside the first pupil.
MORE = (2, 3, 4)


@dataclass(frozen=True)
class Sibling:
    """One more pupil: the place in the form, the class as typed, and the school when it is another one."""

    n: int
    pupil: str
    school_text: str


def file(first: Ticket, told: Incoming, siblings: Sequence[Sibling]) -> list[Ticket]:
    """A request for each sibling, linked with the first. The same form twice files nothing twice.

    A school that cannot be told from its words stays in words beside the class, and the first one's desk reads it.
    """
    made = []
    for one in siblings:
        found = search_schools(one.school_text, 2) if one.school_text else []
        certain = found[0].id if len(found) == 1 else None
        unknown = one.school_text if one.school_text and certain is None else ""
        accepted = accept(
            replace(
                told,
                key=f"{told.key}:pupil-{one.n}",
                contact_id=first.contact_id,
                organization_id=certain or told.organization_id,
                desk_id=None if certain else first.desk_id,
                pupil_note=", ".join(part for part in (_class(one.pupil), unknown) if part)[:120],
            ),
            requester(first.contact_id),
        )
        if not accepted.seen_before:
            linking.link(accepted.ticket, first, LinkKind.FAMILY, requester(first.contact_id))
        made.append(accepted.ticket)
    return made


def _class(raw: str) -> str:
    found = class_name(raw)
    if found is None:
        return raw[:80]
    grade, letter = found
    return f"{grade} «{letter}»" if letter else str(grade)
