import pytest

from helpdesk.contacts.rules import class_name


@pytest.mark.parametrize(
    ("raw", "grade", "letter"),
    [
        ("7А", 7, "А"),
        ("7A", 7, "А"),
        ("7 «Ә»", 7, "Ә"),
        ('11-"б"', 11, "Б"),
        ("0 К", 0, "К"),
        ("10", 10, ""),
        (" 4 ә ", 4, "Ә"),
        ("9X", 9, "Х"),
    ],
)
def test_a_class_is_read_however_it_is_written(raw: str, grade: int, letter: str) -> None:
    assert class_name(raw) == (grade, letter)


@pytest.mark.parametrize("raw", ["", "А", "13А", "7АБ", "7?", "class 7"])
def test_what_is_no_class_is_none(raw: str) -> None:
    assert class_name(raw) is None
