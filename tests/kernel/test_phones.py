import pytest

from helpdesk.kernel import phones


@pytest.mark.parametrize(
    "raw",
    [
        "+77011234567",
        "+7 701 123 45 67",
        "8 (701) 123-45-67",
        "87011234567",
        "7011234567",
        "8 701 123 4567",
        "8 10 7 701 123 45 67",
        "tel:+77011234567",
        "sip:+77011234567@carrier.example",
    ],
)
def test_every_spelling_of_a_number_is_written_one_way(raw: str) -> None:
    assert phones.written(raw) == "+77011234567"


@pytest.mark.parametrize("raw", ["1450", "+71450", "71450", "sip:1450@trunk.example"])
def test_the_short_number_is_a_service_however_the_carrier_writes_it(raw: str) -> None:
    assert phones.written(raw) == "1450"


def test_a_bare_city_number_needs_the_desks_area_code() -> None:
    assert phones.written("250-12-34", area_code="727") == "+77272501234"
    assert phones.written("250-12-34") is None


@pytest.mark.parametrize("raw", ["", "anonymous", "abc", "12", "+", "мектеп", "9" * 30])
def test_what_is_no_number_is_none(raw: str) -> None:
    assert phones.written(raw) is None


def test_a_foreign_number_is_kept_but_never_dialled_by_itself() -> None:
    assert phones.written("+998901234567") == "+998901234567"
    assert not phones.is_in_kazakhstan("+998901234567")
    assert not phones.is_in_kazakhstan("+79161234567"), "Moscow shares the country code"
    assert phones.is_in_kazakhstan("+77090000001"), "the demo's range, which the library refuses"


def test_people_read_groups_and_logs_see_two_digits() -> None:
    assert phones.shown("+77011234567") == "+7 (701) 123-45-67"
    assert phones.shown("1450") == "1450"
    assert "1234567" not in phones.masked("+77011234567")
    assert phones.masked("+77011234567").endswith("67")
