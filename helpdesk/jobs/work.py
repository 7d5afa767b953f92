"""The jobs by name: short bodies that take ids, open a transaction each, and are safe to run twice."""

from collections import defaultdict
from collections.abc import Callable

import structlog

from helpdesk.audit import journal
from helpdesk.audit.models import JournalEntry
from helpdesk.jobs import (
    bulk,
    callbacks,
    calls,
    danger,
    hooks,
    imports,
    mail,
    mailboxes,
    operator_phones,
    privacy,
    recordings,
)
from helpdesk.jobs.reactions import REACTIONS
from helpdesk.kernel import failpoints
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
                failpoints.hit("reaction.due")
                with transaction():
                    reaction(entries)
            failpoints.hit("reactions.done")
            with transaction():
                journal.mark_announced([entry.id for entry in entries])
        except Exception:
            log.exception("reaction failed", kind=kind, entries=[entry.id for entry in entries])


JOBS: dict[str, Callable[[list[int]], None]] = {
    "react": react,
    "rejoin": calls.rejoin,
    "ring_operators": operator_phones.ring,
    "ask_about_legs": calls.ask_about_legs,
    "call_service": danger.call_service,
    "find_service": danger.find_service,
    "import_recordings": recordings.import_recordings,
    "ask_about_recordings": recordings.ask_about_recordings,
    "erase_recordings": recordings.erase_recordings,
    "read_lists": imports.read_lists,
    "do_moves": imports.do_moves,
    "fetch_mail": mailboxes.fetch,
    "file_mail": mail.file_mail,
    "send_letters": mail.send_letters,
    "send_hooks": hooks.send_hooks,
    "dial": callbacks.dial,
    "place": callbacks.place,
    "reconcile": callbacks.reconcile,
    "carry_on": bulk.carry_on,
    "erase_people": privacy.erase_people,
    "forget": privacy.forget,
}
