"""Questions about webhooks. Those of administrators take the asker's rights."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, false, or_, select

from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.notifications.hook_models import Hook, HookDelivery
from helpdesk.notifications.hook_rules import UNSENT
from helpdesk.organizations.models import Organization


@dataclass(frozen=True)
class HookPage:
    """Subscriptions with their places, newest first, and the cursor of the next page (None at the end)."""

    rows: Sequence[tuple[Hook, Organization]]
    next: int | None


@dataclass(frozen=True)
class DeliveryPage:
    """Deliveries newest first, and the cursor of the next page (None at the end)."""

    rows: Sequence[HookDelivery]
    next: int | None


def hooks(asker: Asker, before: int | None = None, limit: int = 50) -> HookPage:
    """One page of the subscriptions of the asker's part of the tree. One statement."""
    query = select(Hook, Organization).join(Organization, Organization.id == Hook.organization_id)
    query = query.where(_mine(asker)).order_by(Hook.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(Hook.id < before)
    rows = [(hook, place) for hook, place in session().execute(query)]
    return HookPage(rows[:limit], rows[limit - 1][0].id if len(rows) > limit else None)


def hook_for(asker: Asker, hook_id: int, lock: bool = False) -> Hook:
    """One subscription. Raises NotFound."""
    query = select(Hook).join(Organization, Organization.id == Hook.organization_id)
    query = query.where(Hook.id == hook_id, _mine(asker))
    found = session().scalars(query.with_for_update(of=Hook) if lock else query).first()
    if found is None:
        raise NotFound
    return found


def deliveries(hook: Hook, before: int | None = None, limit: int = 30) -> DeliveryPage:
    """One page of what was sent to a subscription that the asker was given."""
    query = select(HookDelivery).where(HookDelivery.hook_id == hook.id).order_by(HookDelivery.id.desc())
    if before is not None:
        query = query.where(HookDelivery.id < before)
    rows = session().scalars(query.limit(limit + 1)).all()
    return DeliveryPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def delivery_for(asker: Asker, hook_id: int, delivery_id: int, lock: bool = False) -> HookDelivery:
    """One delivery of one subscription. Raises NotFound."""
    hook_for(asker, hook_id)
    query = select(HookDelivery).where(HookDelivery.id == delivery_id, HookDelivery.hook_id == hook_id)
    found = session().scalars(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound
    return found


def place_for(asker: Asker, organization_id: int) -> Organization | None:
    """An organization of the part of the tree that the asker administers."""
    return session().scalars(select(Organization).where(Organization.id == organization_id, _mine(asker))).first()


def listening() -> Select[Hook, str]:
    """The query of everybody who wants to hear of something, with the path of their place."""
    query = select(Hook, Organization.path).join(Organization, Organization.id == Hook.organization_id)
    return query.where(Hook.active)


def due(limit: int = 500) -> list[tuple[int, list[int]]]:
    """Deliveries whose time has come, oldest first, by subscription."""
    query = select(HookDelivery.hook_id, HookDelivery.id)
    query = query.where(HookDelivery.state.in_(UNSENT), HookDelivery.next_attempt_at <= clock.now())
    found: dict[int, list[int]] = {}
    for hook_id, id_ in session().execute(query.order_by(HookDelivery.next_attempt_at, HookDelivery.id).limit(limit)):
        found.setdefault(hook_id, []).append(id_)
    return list(found.items())


def _mine(asker: Asker) -> ColumnElement[bool]:
    roots = asker.roots(Role.ADMINISTRATOR)
    return or_(false(), *(Organization.path.startswith(root, autoescape=True) for root in roots))
