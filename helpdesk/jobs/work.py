"""The jobs by name: short bodies that take ids, open a transaction each, and are safe to run twice."""

from collections import defaultdict
from collections.abc import Callable

import structlog

from helpdesk.audit import journal
from helpdesk.audit.models import JournalEntry
from helpdesk.jobs import callbacks, calls, mail
from helpdesk.jobs.reactions import REACTIONS
from helpdesk.kernel.db import transaction

log = structlog.get_logger()


def react(ids: list[int]) -> None:
    """Run the reactions to these journal entries, each kind and reaction in its own transaction.

    An entry counts as announced when all its reactions went through; one that fails is given out again later, and
    holds up no other kind.
    """
    by_kind: dict[str, list[JournalEntry]] = defaultdict(list)
    for entry in journal.entries(ids):
        by_kind[entry.kind].append(entry)
    for kind, entries in by_kind.items():
        try:
            for reaction in REACTIONS.get(kind, ()):
                with transaction():
                    reaction(entries)
            with transaction():
                journal.mark_announced([entry.id for entry in entries])
        except Exception:
            log.exception("reaction failed", kind=kind, entries=[entry.id for entry in entries])


JOBS: dict[str, Callable[[list[int]], None]] = {
    "react": react,
    "rejoin": calls.rejoin,
    "ask_about_legs": calls.ask_about_legs,
    "file_mail": mail.file_mail,
    "send_letters": mail.send_letters,
    "dial": callbacks.dial,
    "reconcile": callbacks.reconcile,
}
