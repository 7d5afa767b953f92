"""A list of organizations from a file: checked without a change, then read in batches by a worker.

A line is known again by its code: read twice, it changes nothing the second time.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer

from helpdesk.administration import tree
from helpdesk.administration.models import ImportRun
from helpdesk.administration.queries import organizations_below, roots
from helpdesk.administration.rules import ImportState, at_or_below
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations import actions
from helpdesk.organizations.models import Organization

COLUMNS: tuple[str, ...] = (
    "code",
    "parent_code",
    "kind",
    "name_kk",
    "name_ru",
    "name_en",
    "short_kk",
    "short_ru",
    "short_en",
)
COLUMNS += ("number", "kato", "contingent", "zone", "ownership")
NEEDED = ("code", "parent_code", "kind", "name_kk", "name_ru")
LARGEST_FILE = 5 * 1024 * 1024
MOST_LINES = 20_000
BATCH = 200
# So many refused lines are named; the others are counted.
NAMED = 200

Line = tuple[int, dict[str, str]]


@dataclass
class Tally:
    """What reading lines came to, or would come to."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    refused: list[list[Any]] = field(default_factory=list)

    def refuse(self, line: int, refused: Refused) -> None:
        """A line that was not read, and why."""
        self.failed += 1
        values = {name: str(value) for name, value in refused.values.items()}
        self.refused.append([line, refused.field or "", refused.message, values])


def read_lines(content: bytes) -> list[Line]:
    """Lines with their numbers in the file (the heading is 1), columns by name. Raises Refused.

    UTF-8, or what Kazakh spreadsheet programs write without it (KZ-1048); apart by semicolon, comma or tab.
    """
    if len(content) > LARGEST_FILE:
        raise Refused(N_("The file is too large: at most 5 MB"), "file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("kz1048", "replace")
    if "\0" in text:
        raise Refused(N_("This is no CSV file. Save the list as CSV in the spreadsheet program"), "file")
    heading = text.partition("\n")[0]
    delimiter = max(";,\t", key=heading.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        missing = [name for name in NEEDED if name not in names]
        if missing:
            raise Refused(N_("These columns are missing: %(columns)s"), "file", columns=", ".join(missing))
        found = [
            (rows.line_num, {name: cell.strip() for name, cell in zip(names, row, strict=False) if name in COLUMNS})
            for row in rows
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise Refused(N_("This is no CSV file. Save the list as CSV in the spreadsheet program"), "file") from error
    if not found:
        raise Refused(N_("The list is empty"), "file")
    if len(found) > MOST_LINES:
        raise Refused(N_("The list is too long: at most %(most)s lines"), "file", most=MOST_LINES)
    return found


def check(who: Asker, file_name: str, content: bytes) -> ImportRun:
    """A dry run: nothing is changed but the run itself, which tells what would become of each line. Raises Refused."""
    lines = read_lines(content)
    tally, known = Tally(), _Known(who)
    for number, line in lines:
        try:
            _count(tally, known.plan(line))
        except Refused as refused:
            tally.refuse(number, refused)
    run = ImportRun(
        by_id=who.id,
        state=ImportState.CHECKED,
        file_name=file_name[:200] or "list.csv",
        content=content,
        created_at=clock.now(),
        total=len(lines),
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


def start(who: Asker, run_id: int) -> ImportRun:
    """Let a worker read a checked list. A second time changes nothing."""
    run = run_for(who, run_id, lock=True)
    if run.state is ImportState.CHECKED:
        run.state = ImportState.RUNNING
        run.added = run.changed = run.unchanged = run.failed = run.done = 0
        run.refused = {"lines": []}
        session().flush()
        journal.note("import.started", by=staff(who.id), run_id=run.id, lines=run.total)
    return run


def go_on(run_id: int) -> bool:
    """Read the next lines of a running list, in the caller's transaction; whether there are more.

    Lines, counts and how far it came are committed together: a worker that dies in between has read none of them.
    """
    query = select(ImportRun).where(ImportRun.id == run_id).with_for_update(skip_locked=True)
    run = session().scalars(query.execution_options(populate_existing=True)).first()
    if run is None or run.state is not ImportState.RUNNING:
        return False
    who = asker(run.by_id)
    lines = read_lines(run.content)
    batch = lines[run.done : run.done + BATCH]
    tally = Tally()
    known = _Known(who) if who is not None else None
    for number, line in batch:
        try:
            if known is None:
                raise Refused(N_("Whoever started this import no longer works here"))
            _count(tally, known.apply(line))
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


def running() -> Sequence[int]:
    """Lists that are being read."""
    query = select(ImportRun.id).where(ImportRun.state == ImportState.RUNNING).order_by(ImportRun.id)
    return session().scalars(query.limit(20)).all()


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


def _count(tally: Tally, outcome: str) -> None:
    setattr(tally, outcome, getattr(tally, outcome) + 1)


class _Known:
    """The organizations that the asker may change, by code and by id, and those that this list adds."""

    def __init__(self, who: Asker) -> None:
        self._who, self._mine = who, roots(who)
        rows = session().scalars(select(Organization).where(organizations_below(self._mine))).all()
        self._by_code = {row.code: row for row in rows if row.code}
        self._by_id = {f"#{row.id}": row for row in rows}
        self._planned: dict[str, Organization] = {}
        self._seen: set[str] = set()

    def plan(self, line: Mapping[str, str]) -> str:
        """What would become of a line, "added", "changed" or "unchanged", nothing being written. Raises Refused."""
        code, parent, values = self._read(line)
        known = self._by_code.get(code)
        if known is None:
            kind = tree.kind_below(line.get("kind", ""), parent)
            self._planned[code] = Organization(kind=kind, zone=values["zone"], code=code)
            return "added"
        moves = self._moves(known, parent)
        return "changed" if moves or self._differs(known, values) else "unchanged"

    def apply(self, line: Mapping[str, str]) -> str:
        """The same, written. Raises Refused."""
        code, parent, values = self._read(line)
        known = self._by_code.get(code)
        if known is None:
            kind = tree.kind_below(line.get("kind", ""), parent)
            if session().scalar(select(Organization.id).where(Organization.code == code)) is not None:
                raise Refused(N_("Another organization has this code"), "code")
            made = actions.found(parent, kind, tree.today(values["zone"]), **values)
            self._by_code[code] = made
            return "added"
        changed = bool(actions.rename(known, **values)) if self._differs(known, values) else False
        if self._moves(known, parent):
            day = tree.today(known.zone)
            actions.move(known, parent, day, day)
            session().refresh(known)
            changed = True
        return "changed" if changed else "unchanged"

    def _read(self, line: Mapping[str, str]) -> tuple[str, Organization, dict[str, Any]]:
        code = line.get("code", "")
        if not code:
            raise Refused(N_("A line needs a code"), "code")
        if code in self._seen:
            raise Refused(N_("This code stands twice in the list"), "code")
        self._seen.add(code)
        named = line.get("parent_code", "")
        parent = self._by_code.get(named) or self._by_id.get(named) or self._planned.get(named)
        if parent is None:
            raise Refused(N_("No organization of yours has this code, and no line above"), "parent_code")
        if parent.closed_on is not None:
            raise Refused(N_("This organization is closed"), "parent_code")
        return code, parent, tree.checked(line, parent.zone)

    def _moves(self, known: Organization, parent: Organization) -> bool:
        if parent.id is None or parent.id == known.parent_id:
            return parent.id is None
        if known.path in self._mine:
            raise Refused(N_("The top of your part of the tree is moved by an administrator above you"), "parent_code")
        if parent.path and at_or_below(parent.path, [known.path]):
            raise Refused(N_("An organization cannot stand below itself"), "parent_code")
        tree.kind_below(known.kind.value, parent)
        return True

    @staticmethod
    def _differs(known: Organization, values: Mapping[str, Any]) -> bool:
        return any(getattr(known, name) != value for name, value in values.items())


def template() -> Iterator[str]:
    """The heading of a list, and one line as an example."""
    yield ";".join(COLUMNS)
    yield "S-0931;#1;school;№ 931 мектеп;Школа № 931;School 931;;;;931;751210000;640;Asia/Almaty;state"
