"""How many tickets each view of the board holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, and_, case, func, select, true

from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import session
from helpdesk.routing.rules import Queue
from helpdesk.tickets.board import VIEWS, BoardFilter, narrowed
from helpdesk.tickets.board_orders import DUE
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible
from helpdesk.tickets.rules import UNFINISHED

# Honest up to here; above it a list says "more than".
COUNT_LIMIT = 1000
# So many unfinished tickets of the asker are looked at for all counters together, the most urgent ones.
LOOKED_AT = 5_000
_LOOKED_AT = "looked at"


@dataclass(frozen=True)
class Counts:
    """How many tickets each view holds, up to COUNT_LIMIT + 1; `cut`: there are more unfinished ones than LOOKED_AT, of
    which nothing is known."""

    numbers: Mapping[str, int]
    cut: bool = False


def counts(
    asker: Asker,
    beside: Mapping[str, Select[int]] | None = None,
    saved: Mapping[str, Sequence[ColumnElement[bool]]] | None = None,
) -> Counts:
    """How many unfinished tickets each view, queue and saved view holds. One statement, however many views there are.

    `beside` are queries of ids, by name, that the page counts with them; `saved` are conditions of saved views.
    """
    found = dict(session().execute(counting(asker, beside or {}, saved or {})).mappings().one())
    cut = found.pop(_LOOKED_AT) > LOOKED_AT
    return Counts({name: min(number, COUNT_LIMIT + 1) for name, number in found.items()}, cut)


def counting(
    asker: Asker, beside: Mapping[str, Select[int]], saved: Mapping[str, Sequence[ColumnElement[bool]]]
) -> Select[*tuple[Any, ...]]:
    """The statement of the counters: one pass over at most LOOKED_AT tickets and one more."""
    named = {view: BoardFilter(view=view) for view in VIEWS}
    named |= {queue.value: BoardFilter(queue=queue) for queue in Queue}
    wanted: dict[str, Sequence[ColumnElement[bool]]] = {name: narrowed(asker, one) for name, one in named.items()}
    wanted |= {name: (Ticket.snoozed_until.is_(None), *conditions) for name, conditions in saved.items()}
    looked_at = (
        select(*(case((and_(true(), *conditions), 1)).label(name) for name, conditions in wanted.items()))
        .where(Ticket.state.in_(UNFINISHED), visible(asker))
        .order_by(DUE, Ticket.id)
        .limit(LOOKED_AT + 1)
        .subquery("looked_at")
    )
    columns: list[Label[int]] = [func.count(looked_at.c[name]).label(name) for name in wanted]
    columns.append(func.count().label(_LOOKED_AT))
    for name, inner in beside.items():
        counted = select(func.count()).select_from(inner.limit(COUNT_LIMIT + 1).subquery())
        columns.append(counted.scalar_subquery().label(name))
    return select(*columns).select_from(looked_at)
