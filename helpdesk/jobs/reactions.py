"""What follows from what happened: one table. Every reaction takes entries of the journal and may run twice."""

from collections.abc import Callable, Sequence

from helpdesk.audit.models import JournalEntry

Reaction = Callable[[Sequence[JournalEntry]], None]

REACTIONS: dict[str, tuple[Reaction, ...]] = {}
