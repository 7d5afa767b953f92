"""Tables out of files: CSV as spreadsheet programs write it, and XLSX. Lines with their numbers, columns by name."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_

LARGEST_FILE = 5 * 1024 * 1024
# What a file may unfold to: some of five megabytes are bombs.
LARGEST_UNFOLDED = 120 * 1024 * 1024
MOST_LINES = 20_000
MOST_COLUMNS = 200
# Reports begin with a title; the heading is looked for in so many rows.
HEADING_WITHIN = 10
# Before the name of a column that is not one of ours.
FOREIGN = "+"
# The last row of a report of Zammad: in which zone its moments are written.
_ZONE = re.compile(r"^[^:]+: *([A-Z]\w*(?:/[\w+-]+)+|UTC)$")

Line = tuple[int, dict[str, str]]
_Row = tuple[int, list[str]]
_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    SyntaxError,  # what both parsers of XML raise
    NotImplementedError,
)
UNREADABLE = N_("This file cannot be read as a table. Save the list as XLSX or CSV in the spreadsheet program")


@dataclass(frozen=True)
class Columns:
    """The columns of a kind of list. `aliases` are headings of other programs, in small letters; `keeps` says that
    columns which are not ours stay in the line, their names after FOREIGN."""

    names: Sequence[str]
    needed: Sequence[str]
    aliases: Mapping[str, str]
    keeps: bool = False

    def named(self, heading: str) -> str | None:
        """Our name of a column, "" for none."""
        said = " ".join(heading.split())
        name = said.lower()
        name = self.aliases.get(name, name)
        if name in self.names:
            return name
        return FOREIGN + said if self.keeps and said else None


@dataclass(frozen=True)
class Table:
    """Lines with their numbers in the file (the first row of the file is 1), and the headings as they were written."""

    headings: frozenset[str]
    lines: list[Line]


def read_table(content: bytes, columns: Columns) -> Table:
    """What a file holds. Raises Refused.

    UTF-8, or what Kazakh spreadsheet programs write without it (KZ-1048), apart by semicolon, comma or tab; or the
    first sheet of an XLSX workbook.
    """
    if len(content) > LARGEST_FILE:
        raise Refused(N_("The file is too large: at most 5 MB"), "file")
    readings = [_workbook(content)] if content.startswith(b"PK\x03\x04") else _texts(content)
    best: list[str] | None = None
    for rows in readings:
        head = rows[:HEADING_WITHIN]
        for place, (_, cells) in enumerate(head):
            names = [columns.named(cell) for cell in cells]
            missing = [name for name in columns.needed if name not in names]
            if not missing:
                return Table(frozenset(" ".join(cell.lower().split()) for cell in cells), _lines(rows, place, names))
            if best is None or len(missing) < len(best):
                best = missing
    raise Refused(N_("These columns are missing: %(columns)s"), "file", columns=", ".join(best or columns.needed))


def _lines(rows: Sequence[_Row], place: int, names: Sequence[str | None]) -> list[Line]:
    found: list[Line] = []
    zone = ""
    for number, cells in rows[place + 1 :]:
        said = [cell for cell in cells if cell]
        if len(said) == 1 and len(names) > 1 and (match := _ZONE.match(said[0])):
            zone = match[1]
            continue
        line: dict[str, str] = {}
        for name, cell in zip(names, cells, strict=False):
            # a heading that stands twice: what is written in the first one counts
            if name is not None and not line.get(name):
                line[name] = cell
        if any(line.values()):
            found.append((number, line))
    for _, line in found if zone else ():
        line.setdefault("zone", zone)
    if not found:
        raise Refused(N_("The list is empty"), "file")
    if len(found) > MOST_LINES:
        raise Refused(N_("The list is too long: at most %(most)s lines"), "file", most=MOST_LINES)
    return found


def _texts(content: bytes) -> Iterator[list[_Row]]:
    """The rows for every sign that may stand between cells, the likeliest first."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("kz1048", "replace")
    if "\0" in text:
        raise Refused(UNREADABLE, "file")
    heading = text.partition("\n")[0]
    for delimiter in sorted(";,\t", key=heading.count, reverse=True):
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            yield [
                (rows.line_num, [plain(cell) for cell in row[:MOST_COLUMNS]])
                for row in islice(rows, MOST_LINES + HEADING_WITHIN + 1)
                if any(cell.strip() for cell in row)
            ]
        except csv.Error as error:
            raise Refused(UNREADABLE, "file") from error


def _workbook(content: bytes) -> list[_Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as folder:
            if sum(one.file_size for one in folder.infolist()) > LARGEST_UNFOLDED:
                raise Refused(N_("The file is too large: at most 5 MB"), "file")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # what the file says of its own size is often wrong
        sheet.reset_dimensions()
        rows = islice(sheet.iter_rows(values_only=True), MOST_LINES + HEADING_WITHIN + 1)
        found = [(number, [_cell(value) for value in row[:MOST_COLUMNS]]) for number, row in enumerate(rows, 1)]
        book.close()
    except _BROKEN as error:
        raise Refused(UNREADABLE, "file") from error
    return [(number, cells) for number, cells in found if any(cells)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return plain(str(value))


def plain(cell: str) -> str:
    """A cell without the sign that keeps a spreadsheet program from computing it (`harmless` puts it there)."""
    text = cell.strip().replace("\x00", "")
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def several(cell: str, allowed: Collection[str] | None = None) -> list[str]:
    """The values of a cell that holds several, apart by comma, semicolon or line."""
    parts = [part.strip() for part in cell.replace(";", ",").replace("\n", ",").split(",")]
    return [part for part in dict.fromkeys(parts) if part and (allowed is None or part in allowed)]
