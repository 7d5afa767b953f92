"""Webhooks to other systems: written down, told of what happened, sent, and settled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import RESTRICTED
from helpdesk.kernel import clock, sealed, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.notifications import hook_queries
from helpdesk.notifications.hook_models import Hook, HookDelivery
from helpdesk.notifications.hook_rules import (
    EVENTS,
    SEALED_FOR,
    TOLD,
    UNSENT,
    DeliveryState,
    Event,
    is_address,
    new_secret,
)
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desks
from helpdesk.organizations.rules import is_within
from helpdesk.tickets.models import Ticket


@dataclass(frozen=True)
class Wanted:
    """What a form says of a subscription."""

    address: str
    organization_id: int | None
    events: Collection[str]


def add(asker: Asker, wanted: Wanted) -> tuple[Hook, str]:
    """A new subscription and its secret, which is shown now and never again. Raises Refused naming the field."""
    address, events, place = _checked(asker, wanted)
    secret = new_secret()
    made = Hook(
        organization_id=place.id,
        address=address,
        secret=sealed.seal(settings.current().ticket_key, SEALED_FOR, secret),
        events=events,
        active=True,
        created_by=asker.id,
        created_at=clock.now(),
        last_error="",
    )
    session().add(made)
    session().flush()
    _note("webhook.added", made, asker)
    return made, secret


def change(asker: Asker, hook_id: int, wanted: Wanted) -> None:
    """Another address, other events or another place; the secret stays. Raises Refused, NotFound."""
    found = hook_queries.hook_for(asker, hook_id, lock=True)
    found.address, found.events, place = _checked(asker, wanted)
    found.organization_id, found.last_error = place.id, ""
    session().flush()
    _note("webhook.changed", found, asker)


def switch(asker: Asker, hook_id: int, active: bool) -> None:
    """Tell it what happens, or do not. What happens while it is off is not told later. Raises NotFound."""
    found = hook_queries.hook_for(asker, hook_id, lock=True)
    found.active = active
    session().flush()
    _note("webhook.switched_on" if active else "webhook.switched_off", found, asker)


def test(asker: Asker, hook_id: int) -> HookDelivery:
    """Send a message that says nothing, now, also where it is switched off. Raises NotFound."""
    found = hook_queries.hook_for(asker, hook_id)
    now = clock.now()
    made = HookDelivery(
        hook_id=found.id,
        event=Event.TEST,
        payload={"type": Event.TEST.value, "timestamp": now.isoformat(), "data": {}},
        state=DeliveryState.PENDING,
        attempts=0,
        error="",
        created_at=now,
        next_attempt_at=now,
    )
    session().add(made)
    session().flush()
    # nothing listens to it; it wakes the clock process, so that the test leaves at once
    _note("webhook.tested", found, asker)
    return made


def redeliver(asker: Asker, hook_id: int, delivery_id: int) -> None:
    """Send it once more under the same id, for another day. Raises NotFound; what is on its way stays as it is."""
    found = hook_queries.delivery_for(asker, hook_id, delivery_id, lock=True)
    if found.state in UNSENT:
        return
    now = clock.now()
    found.state, found.attempts, found.created_at, found.next_attempt_at = DeliveryState.PENDING, 0, now, now
    session().flush()
    _note("webhook.redelivered", hook_queries.hook_for(asker, hook_id), asker)


def _checked(asker: Asker, wanted: Wanted) -> tuple[str, list[str], Organization]:
    address = wanted.address.strip()
    if not is_address(address, settings.current().webhooks_inside):
        raise Refused(N_("Write a public address that begins with https://"), field="address")
    events = [one.value for one in EVENTS if one.value in wanted.events]
    if not events:
        raise Refused(N_("Choose what it is told"), field="events")
    place = hook_queries.place_for(asker, wanted.organization_id or 0)
    if place is None:
        raise Refused(N_("Choose the part of the tree that it is for"), field="organization_text")
    return address, events, place


def _note(kind: str, hook: Hook, asker: Asker) -> None:
    desk_id = hook.organization_id if hook.organization_id in desks() else None
    journal.note(kind, by=staff(asker.id), desk_id=desk_id, webhook_id=hook.id)


# ── what happened ───────────────────────────────────────────────────────────────────────────────────────────────────


def tell(entries: Sequence[JournalEntry]) -> None:
    """Write a delivery for everybody who wants to hear of these; run twice, it writes them once.

    One statement where nobody wants to hear. Nothing of restricted tickets is told.
    """
    listening = [(hook, path) for hook, path in session().execute(hook_queries.listening())]
    wanted = {event for hook, _ in listening for event in hook.events}
    told = [entry for entry in entries if entry.kind in TOLD and TOLD[entry.kind].value in wanted]
    if not told:
        return
    tickets = _tickets({entry.ticket_id for entry in told if entry.ticket_id is not None})
    now, rows = clock.now(), []
    for entry in told:
        ticket = tickets.get(entry.ticket_id or 0)
        at = desks().get(entry.desk_id or 0)
        if ticket is None or at is None or ticket.category_code in RESTRICTED:
            continue
        event = TOLD[entry.kind]
        payload = _payload(event, entry, ticket)
        rows += [
            {"hook_id": hook.id, "journal_id": entry.id, "event": event, "payload": payload, "created_at": now}
            | {"state": DeliveryState.PENDING, "attempts": 0, "error": "", "next_attempt_at": now}
            for hook, path in listening
            if event.value in hook.events and is_within(at.organization.path, path)
        ]
    if rows:
        session().execute(insert(HookDelivery).values(rows).on_conflict_do_nothing())


def _payload(event: Event, entry: JournalEntry, ticket: Ticket) -> dict[str, Any]:
    """Identifiers and states alone: whoever may know more asks with a token."""
    data: dict[str, Any] = {
        "ticket": ticket.number,
        "state": ticket.state.value,
        "queue": ticket.queue.value,
        "priority": ticket.priority.value,
        "desk_id": entry.desk_id,
        "organization_id": ticket.organization_id,
        "version": ticket.version,
    }
    if event is Event.MESSAGE_ADDED:
        data |= {"message_id": entry.details.get("message_id"), "from_requester": entry.kind == "ticket.heard"}
    if entry.callback_id is not None:
        data["callback_id"] = entry.callback_id
    return {"type": event.value, "timestamp": entry.at.astimezone(UTC).isoformat(), "data": data}


def _tickets(ids: Collection[int]) -> dict[int, Ticket]:
    return {one.id: one for one in session().scalars(select(Ticket).where(Ticket.id.in_(ids)))}
