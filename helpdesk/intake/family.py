"""One person, several pupils: what was told once is filed for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.audit.actor import Actor
from helpdesk.intake.accept import accept
from helpdesk.intake.incoming import Incoming
from helpdesk.kernel import clock
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.tickets import linking
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import MessageKind
from helpdesk.tickets.tie_rules import LinkKind


@dataclass(frozen=True)
class Pupil:
    """One more pupil: the place in the form, class and name, and what is different for this one (else as before)."""

    n: int
    note: str
    organization_id: int | None = None
    category_code: str | None = None
    text: str = ""


def file(ticket: Ticket, pupils: Sequence[Pupil], form_id: str, by: Actor) -> list[Ticket]:
    """A ticket for each pupil, of the same person and by the same channel as `ticket`, linked with it.

    The same form twice files nothing twice. Raises Refused when nobody was named.
    """
    if not pupils:
        raise Refused(N_("Name one pupil at least"), field="pupil_note_1")
    new = []
    for pupil in pupils:
        place = pupil.organization_id or ticket.organization_id
        accepted = accept(
            Incoming(
                key=f"family:{form_id}:{pupil.n}",
                channel=ticket.channel,
                received_at=clock.now(),
                language=ticket.language,
                text=pupil.text or ticket.subject,
                subject="" if pupil.text else ticket.subject,
                kind=MessageKind.CALL,
                type=ticket.type,
                contact_id=ticket.contact_id,
                organization_id=place,
                desk_id=ticket.desk_id if place == ticket.organization_id else None,
                pupil_note=pupil.note[:120],
                answer_by=ticket.answer_by,
                source=ticket.source,
                choice=ticket.choice if pupil.category_code is None else None,
                category_code=pupil.category_code or ticket.category_code,
                queue=ticket.queue if pupil.category_code is None else None,
            ),
            by,
        )
        if not accepted.seen_before:
            linking.link(accepted.ticket, ticket, LinkKind.FAMILY, by)
        new.append(accepted.ticket)
    return new
