"""A list from a file: checked without a change, then read in batches by a worker, and taken back if it was a mistake.

A line is known again: read twice, it changes nothing the second time. What becomes of a line stands in the file of its
kind of list (organization_list.py, staff_list.py, contact_list.py, ticket_list.py).
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import defer

from helpdesk.administration import contact_list, organization_list, staff_list, ticket_list
from helpdesk.administration.list_rules import Outcome, Reader, Wanted
from helpdesk.administration.models import ImportMark, ImportRun
from helpdesk.administration.rules import ImportState, ListKind
from helpdesk.administration.sheets import LARGEST_FILE, Columns, Line, read_table
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.contacts.actions import forget_unasked
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Organization

__all__ = ["LARGEST_FILE"]
BATCH = 200
# So many refused lines are named; the others are counted.
NAMED = 200


@dataclass(frozen=True)
class ListOf:
    """A kind of list: its columns, an example line, who reads it."""

    columns: Columns
    heading: tuple[str, ...]
    example: str
    reader: type[Reader]


LISTS: dict[ListKind, ListOf] = {
    ListKind.ORGANIZATIONS: ListOf(
        organization_list.COLUMNS, organization_list.NAMES, organization_list.EXAMPLE, organization_list.Organizations
    ),
    ListKind.STAFF: ListOf(staff_list.COLUMNS, staff_list.NAMES, staff_list.EXAMPLE, staff_list.People),
    ListKind.CONTACTS: ListOf(contact_list.COLUMNS, contact_list.NAMES, contact_list.EXAMPLE, contact_list.Contacts),
    ListKind.TICKETS: ListOf(ticket_list.COLUMNS, ticket_list.NAMES, ticket_list.EXAMPLE, ticket_list.OldTickets),
}


@dataclass
class Tally:
    """What reading lines came to, or would come to."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    refused: list[list[Any]] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """A line that was read."""
        setattr(self, outcome.word, getattr(self, outcome.word) + 1)

    def refuse(self, line: int, refused: Refused) -> None:
        """A line that was not read, and why."""
        self.failed += 1
        values = {name: str(value) for name, value in refused.values.items()}
        self.refused.append([line, refused.field or "", refused.message, values])


def check(
    who: Asker,
    file_name: str,
    content: bytes,
    kind: ListKind = ListKind.ORGANIZATIONS,
    at: Organization | None = None,
) -> ImportRun:
    """A dry run: nothing is changed but the run itself, which tells what would become of each line. Raises Refused.

    `at` is the organization of lines that name none.
    """
    table = read_table(content, LISTS[kind].columns)
    wanted = Wanted(at.id if at else None, system=ticket_list.system_of(table.headings))
    tally, reader = Tally(), LISTS[kind].reader(who, table.lines, wanted)
    for number, line in table.lines:
        try:
            tally.count(reader.plan(line))
        except Refused as refused:
            tally.refuse(number, refused)
    run = ImportRun(
        by_id=who.id,
        kind=kind,
        at_id=wanted.at_id,
        letters=False,
        system=wanted.system,
        state=ImportState.CHECKED,
        file_name=file_name[:200] or "list.csv",
        content=_kept(table.lines),
        created_at=clock.now(),
        total=len(table.lines),
        done=0,
        added=tally.added,
        changed=tally.changed,
        unchanged=tally.unchanged,
        failed=tally.failed,
        refused={"lines": tally.refused[:NAMED]},
    )
    session().add(run)
    session().flush()
    return run


def start(who: Asker, run_id: int, letters: bool = False) -> ImportRun:
    """Let a worker read a checked list; `letters` sends the invitations of new staff. A second time changes nothing."""
    run = run_for(who, run_id, lock=True)
    if run.state is ImportState.CHECKED:
        run.state, run.letters = ImportState.RUNNING, letters
        run.added = run.changed = run.unchanged = run.failed = run.done = 0
        run.refused = {"lines": []}
        session().flush()
        journal.note("import.started", by=staff(who.id), run_id=run.id, lines=run.total, of=run.kind.value)
    return run


def undo(who: Asker, run_id: int) -> ImportRun:
    """Let a worker take back what a list added. A second time changes nothing. Raises Refused."""
    run = run_for(who, run_id, lock=True)
    if not can_undo(run):
        raise Refused(N_("There is nothing of this list to take back"))
    if run.state is ImportState.DONE:
        run.state = ImportState.UNDOING
        run.taken_back = run.kept = 0
        session().flush()
        journal.note("import.undone", by=staff(who.id), run_id=run.id, of=run.kind.value)
    return run


def can_undo(run: ImportRun) -> bool:
    """Whether something of a list can be taken back, or is being."""
    done = run.state in (ImportState.DONE, ImportState.UNDOING)
    return done and run.added > 0 and LISTS[run.kind].reader.takes_back


def go_on(run_id: int) -> bool:
    """Deal with the next lines of a list, in the caller's transaction; whether there are more.

    Lines, counts and how far it came are committed together: a worker that dies in between has read none of them.
    """
    query = select(ImportRun).where(ImportRun.id == run_id).with_for_update(skip_locked=True)
    run = session().scalars(query.execution_options(populate_existing=True)).first()
    if run is None or run.state not in (ImportState.RUNNING, ImportState.UNDOING):
        return False
    who = asker(run.by_id)
    if run.state is ImportState.UNDOING:
        return _take_back(run, who)
    lines = _lines_of(run)
    batch = lines[run.done : run.done + BATCH]
    tally = Tally()
    wanted = Wanted(run.at_id, run.letters, run.system, run.id)
    reader = LISTS[run.kind].reader(who, batch, wanted) if who is not None else None
    for number, line in batch:
        try:
            if reader is None:
                raise Refused(N_("Whoever started this import no longer works here"))
            outcome = reader.apply(line)
            tally.count(outcome)
            _mark(run, outcome)
        except Refused as refused:
            tally.refuse(number, refused)
    run.done += len(batch)
    run.added += tally.added
    run.changed += tally.changed
    run.unchanged += tally.unchanged
    run.failed += tally.failed
    run.refused = {"lines": (run.refused.get("lines", []) + tally.refused)[:NAMED]}
    if run.done >= len(lines):
        run.state, run.finished_at = ImportState.DONE, clock.now()
        journal.note(
            "import.done", by=staff(run.by_id), run_id=run.id, added=run.added, changed=run.changed, failed=run.failed
        )
    session().flush()
    return run.state is ImportState.RUNNING


def _mark(run: ImportRun, outcome: Outcome) -> None:
    marks = [ImportMark(run_id=run.id, kind=ListKind.CONTACTS, object_id=id_) for id_ in outcome.beside]
    if outcome.made_id:
        marks.append(ImportMark(run_id=run.id, kind=run.kind, object_id=outcome.made_id, key=outcome.key))
    session().add_all(marks)
    session().flush()


def _take_back(run: ImportRun, who: Asker | None) -> bool:
    # what was made later stands on what was made before
    query = select(ImportMark).where(ImportMark.run_id == run.id, ~ImportMark.kept).order_by(ImportMark.id.desc())
    marks = session().scalars(query.limit(BATCH)).all()
    wanted = Wanted(run.at_id, run.letters, run.system, run.id)
    reader = LISTS[run.kind].reader(who, [], wanted) if who is not None else None
    gone: list[int] = []
    kept: list[int] = []
    for mark in marks:
        if mark.kind is not run.kind:
            undone = forget_unasked(mark.object_id)
        else:
            undone = reader is not None and reader.take_back(mark.object_id)
            run.taken_back += undone
            run.kept += not undone
        (gone if undone else kept).append(mark.id)
    session().execute(delete(ImportMark).where(ImportMark.id.in_(gone)))
    session().execute(update(ImportMark).where(ImportMark.id.in_(kept)).values(kept=True))
    if len(marks) < BATCH:
        run.state, run.finished_at = ImportState.UNDONE, clock.now()
        journal.note("import.taken_back", by=staff(run.by_id), run_id=run.id, gone=run.taken_back, kept=run.kept)
    session().flush()
    return run.state is ImportState.UNDOING


def running() -> Sequence[int]:
    """Lists that are being read, or taken back."""
    busy = ImportRun.state.in_((ImportState.RUNNING, ImportState.UNDOING))
    return session().scalars(select(ImportRun.id).where(busy).order_by(ImportRun.id).limit(20)).all()


def run_for(who: Asker, run_id: int, lock: bool = False) -> ImportRun:
    """One's own import. Raises NotFound."""
    query = select(ImportRun).where(ImportRun.id == run_id, ImportRun.by_id == who.id)
    query = query.with_for_update() if lock else query.options(defer(ImportRun.content))
    found = session().scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound
    return found


def runs_of(who: Asker, limit: int = 20) -> Sequence[ImportRun]:
    """One's own imports, the newest first."""
    query = select(ImportRun).where(ImportRun.by_id == who.id).options(defer(ImportRun.content))
    return session().scalars(query.order_by(ImportRun.id.desc()).limit(limit)).all()


def template(kind: ListKind = ListKind.ORGANIZATIONS) -> Iterator[str]:
    """The heading of a list, and one line as an example."""
    yield ";".join(heading(kind))
    yield LISTS[kind].example


def heading(kind: ListKind) -> tuple[str, ...]:
    """The columns of a list as we write it."""
    return LISTS[kind].heading


def _kept(lines: Sequence[Line]) -> bytes:
    """The lines as they are kept: a workbook is unfolded once, not for every batch."""
    return zlib.compress(json.dumps(lines, ensure_ascii=False).encode())


def _lines_of(run: ImportRun) -> list[Line]:
    try:
        kept = zlib.decompress(run.content)
    except zlib.error:
        # a list that was checked before lists were kept so: the file itself
        return read_table(run.content, LISTS[run.kind].columns).lines
    return [(number, line) for number, line in json.loads(kept)]
