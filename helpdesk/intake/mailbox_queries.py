"""Questions about the mailboxes that letters are fetched from. Those of people take the asker's rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, tuple_

from helpdesk.identity.queries import Asker, desks_under, within
from helpdesk.identity.rules import Role
from helpdesk.intake.models import Mailbox, MailState, RawMail
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound


def due_mailboxes(limit: int = 5000) -> Sequence[int]:
    """Mailboxes whose time has come, the longest due first."""
    query = select(Mailbox.id).where(Mailbox.active, Mailbox.next_attempt_at <= clock.now())
    return session().scalars(query.order_by(Mailbox.next_attempt_at, Mailbox.id).limit(limit)).all()


@dataclass(frozen=True)
class MailboxPage:
    """Mailboxes by address, and the cursor of the next page (None at the end)."""

    rows: Sequence[Mailbox]
    next: tuple[str, int] | None


def mailboxes(
    asker: Asker, failing: bool = False, after: tuple[str, int] | None = None, limit: int = 50
) -> MailboxPage:
    """One page of the mailboxes of the asker's desks."""
    query = _mine(asker).order_by(Mailbox.address, Mailbox.id).limit(limit + 1)
    if failing:
        query = query.where(Mailbox.active, Mailbox.failures > 0)
    if after is not None:
        query = query.where(tuple_(Mailbox.address, Mailbox.id) > after)
    rows = session().scalars(query).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return MailboxPage(rows[:limit], (last.address, last.id) if last is not None else None)


def mailbox_for(asker: Asker, mailbox_id: int, lock: bool = False) -> Mailbox:
    """One mailbox of the asker's desks. Raises NotFound."""
    query = _mine(asker).where(Mailbox.id == mailbox_id)
    found = session().scalars(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound
    return found


def desks_of(asker: Asker) -> list[int]:
    """Desks whose mailboxes the asker looks after."""
    return desks_under(asker.roots(Role.ADMINISTRATOR))


def counts(addresses: Sequence[str], since: datetime) -> dict[str, dict[MailState, int]]:
    """What became of the letters to each of these addresses since then. The caller has checked the asker's right."""
    to = select(func.unnest(RawMail.envelope_to).label("address"), RawMail.state).where(RawMail.received_at >= since)
    each = to.subquery()
    query = select(each.c.address, each.c.state, func.count()).where(each.c.address.in_(addresses))
    found: dict[str, dict[MailState, int]] = {address: dict.fromkeys(MailState, 0) for address in addresses}
    if addresses:
        for address, state, count in session().execute(query.group_by(each.c.address, each.c.state)):
            found[address][state] = count
    return found


def _mine(asker: Asker) -> Select[Mailbox]:
    return select(Mailbox).where(within(Mailbox.desk_id, asker.roots(Role.ADMINISTRATOR)))
