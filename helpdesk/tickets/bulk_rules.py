"""What may be done with many tickets at once, the states of such a piece of work, and what can be taken back."""

from enum import StrEnum


class BulkVerb(StrEnum):
    """What is done with each ticket."""

    ASSIGN = "assign"
    QUEUE = "queue"
    RESOLVE = "resolve"
    NOTE = "note"


class BulkState(StrEnum):
    """Workers go on with what is running, from where they were."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


MOVES: dict[BulkState, frozenset[BulkState]] = {
    BulkState.RUNNING: frozenset({BulkState.STOPPED, BulkState.DONE}),
    BulkState.STOPPED: frozenset({BulkState.RUNNING}),
    BulkState.DONE: frozenset(),
}


class ItemState(StrEnum):
    """One ticket of it: not yet, done, or left as it was, with the reason."""

    WAITING = "waiting"
    DONE = "done"
    LEFT = "left"


# A note was read by somebody: it is not unwritten.
UNDOABLE = frozenset({BulkVerb.ASSIGN, BulkVerb.QUEUE, BulkVerb.RESOLVE})
# Tickets in one piece of work; a view that holds more is worked off in several.
MOST = 5000
