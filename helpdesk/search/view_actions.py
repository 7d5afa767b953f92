"""Saving, changing, ordering and deleting views of the board."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Conflict, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Organization
from helpdesk.search import rules
from helpdesk.search.view_models import SavedView, ViewPlace
from helpdesk.search.view_queries import count_beside
from helpdesk.search.view_rules import MOST, Scope, unusable
from helpdesk.tickets.board_rules import Order


@dataclass(frozen=True)
class Draft:
    """What somebody typed for a view. `today` and `categories` are what its filters are read with."""

    name: str
    filter: str
    order: Order
    scope: Scope
    today: date
    categories: Collection[str]


def save(known: SavedView | None, at: Organization | None, draft: Draft, by: Actor, version: int | None) -> SavedView:
    """Save a new view, or change one that is `known`; `at`: for whom it is, None for oneself.

    Raises Refused, and Conflict when somebody changed it meanwhile.
    """
    name, typed = " ".join(draft.name.split()), " ".join(draft.filter.split())
    if not name:
        raise Refused(N_("Give the view a name"), field="name")
    if len(typed) > rules.LONGEST:
        raise Refused(N_("The filter is too long"), field="filter")
    _check(typed, draft)
    if known is not None and version is not None and known.version != version:
        raise Conflict
    view = known or SavedView(owner_id=by.id, version=0)
    view.name, view.filter, view.order, view.changed_at = name[:80], typed, draft.order, clock.now()
    view.scope, view.organization_id = (draft.scope, at.id) if at is not None else (Scope.OWN, None)
    view.version += 1
    if at is None and view.owner_id != by.id:
        # it becomes the view of whoever takes it away from the others
        view.owner_id = by.id or view.owner_id
    if known is None and count_beside(view) >= MOST:
        raise Refused(N_("There are enough views here: delete one first (at most %(most)s)"), most=MOST)
    session().add(view)
    session().flush()
    journal.note("view.saved", by=by, view_id=view.id, scope=view.scope.value)
    return view


def delete(view: SavedView, by: Actor) -> None:
    """Nobody sees it any more; it can be brought back."""
    view.deleted_at = clock.now()
    session().flush()
    journal.note("view.deleted", by=by, view_id=view.id, scope=view.scope.value)


def restore(view: SavedView, by: Actor) -> None:
    """Bring it back."""
    if count_beside(view) >= MOST:
        raise Refused(N_("There are enough views here: delete one first (at most %(most)s)"), most=MOST)
    view.deleted_at = None
    session().flush()
    journal.note("view.restored", by=by, view_id=view.id, scope=view.scope.value)


def arrange(by: Actor, order: Sequence[int], hidden: Collection[int]) -> None:
    """Put the views of one's column in this order; those that are hidden keep their place and are not shown."""
    rows = [
        {"staff_id": by.id, "view_id": id_, "position": position, "hidden": id_ in hidden}
        for position, id_ in enumerate(order)
    ]
    if not rows:
        return
    put = insert(ViewPlace).values(rows)
    now = {"position": put.excluded.position, "hidden": put.excluded.hidden}
    session().execute(put.on_conflict_do_update(index_elements=["staff_id", "view_id"], set_=now))
    journal.note("view.arranged", by=by)


def _check(typed: str, draft: Draft) -> None:
    asked = rules.read(typed, draft.today, draft.categories)
    if asked.problems:
        one = asked.problems[0]
        raise Refused(one.message, field="filter", **one.values)
    why = unusable(asked)
    if why is not None:
        raise Refused(why, field="filter")
