"""Tables out of files of other programs."""

import contextlib
import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook

from helpdesk.administration.sheets import LARGEST_UNFOLDED, Columns, read_table
from helpdesk.kernel.errors import Refused

COLUMNS = Columns(("number", "subject", "created_at"), ("number", "subject"), {"#": "number", "title": "subject"}, True)


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_with_a_title_above_its_heading_is_read_with_the_rows_as_they_are_numbered() -> None:
    content = workbook(
        ["2025-09"],
        [],
        ["#", "Title", "Created At", "Mood"],
        [10023.0, "Құпиясөз", datetime.fromisoformat("2025-09-03 09:15"), True],
    )
    table = read_table(
        content, Columns(COLUMNS.names, COLUMNS.needed, {**COLUMNS.aliases, "created at": "created_at"}, True)
    )
    assert table.lines == [
        (4, {"number": "10023", "subject": "Құпиясөз", "created_at": "2025-09-03 09:15:00", "+Mood": "1"})
    ]
    assert "title" in table.headings


def test_columns_that_are_not_ours_are_left_out_unless_they_are_to_be_kept() -> None:
    few = Columns(COLUMNS.names, COLUMNS.needed, COLUMNS.aliases)
    assert read_table(b"#,Title,Mood\n1,a,b", few).lines == [(2, {"number": "1", "subject": "a"})]


def test_a_semicolon_list_with_commas_in_its_heading_is_read() -> None:
    content = b'#;Title;"a, b, c, d, e"\n1;x;y'
    assert read_table(content, COLUMNS).lines[0][1]["subject"] == "x"


def test_the_sign_that_kept_a_formula_harmless_is_taken_off() -> None:
    assert read_table(b"number,subject\n1,'=SUM(A1)\n2,'+77010000001", COLUMNS).lines[1][1]["subject"] == "+77010000001"


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Refused) as refused:
        read_table(b"number,created_at\n1,2", COLUMNS)
    assert refused.value.values == {"columns": "subject"}


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as folder,
        folder.open("xl/worksheets/sheet1.xml", "w") as one,
    ):
        for _ in range(LARGEST_UNFOLDED // 2**20 + 1):
            one.write(b" " * 2**20)
    with pytest.raises(Refused):
        read_table(out.getvalue(), COLUMNS)


@pytest.mark.parametrize("spoilt", range(0, 4000, 97))
def test_a_spoilt_workbook_is_refused_in_words_or_read(spoilt: int) -> None:
    content = bytearray(workbook(["number", "subject"], ["1", "a"]))
    content[spoilt % len(content)] ^= 0xFF
    with contextlib.suppress(Refused):
        assert read_table(bytes(content), COLUMNS).lines


def test_entities_that_unfold_in_a_workbook_are_refused() -> None:
    whole, out = workbook(["number", "subject"], ["1", "a"]), io.BytesIO()
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    with zipfile.ZipFile(io.BytesIO(whole)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            body = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]>'.encode()
                body = head + body[body.index(b"<worksheet") :].replace(b"<t>a</t>", b"<t>&l8;</t>")
            after.writestr(name, body)
    with pytest.raises(Refused):
        read_table(out.getvalue(), COLUMNS)
