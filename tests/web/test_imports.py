"""Lists of organizations: checked first, read by a worker in batches, twice the same, whatever dies in between."""

import io

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpdesk.administration import imports
from helpdesk.administration.models import ImportRun
from helpdesk.administration.organization_list import COLUMNS
from helpdesk.administration.rules import ImportState
from helpdesk.administration.sheets import read_table
from helpdesk.identity.rules import Role
from helpdesk.jobs.imports import read_lists
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.models import Organization
from tests.people import SignIn, Town, employ

pytestmark = pytest.mark.usefixtures("set_clock")

HEADING = "code;parent_code;kind;name_kk;name_ru;number;contingent"


@pytest.fixture
def irina(town: Town, sign_in: SignIn) -> FlaskClient:
    """The city administrator's browser."""
    return sign_in(town.admin)


def sent(browser: FlaskClient, *lines: str, heading: str = HEADING, encoding: str = "utf-8-sig") -> TestResponse:
    content = "\r\n".join((heading, *lines)).encode(encoding)
    answer = browser.post("/imports", data={"file": (io.BytesIO(content), "мектептер.csv")})
    return browser.get(answer.headers["Location"]) if answer.status_code == 303 else answer


def run() -> ImportRun:
    session().expire_all()
    found = session().query(ImportRun).order_by(ImportRun.id.desc()).first()
    assert found is not None
    return found


def dies_before_the_commit(run_id: int) -> None:
    with transaction():
        imports.go_on(run_id)
        raise ZeroDivisionError


def counts() -> tuple[int, int, int, int]:
    one = run()
    return one.added, one.changed, one.unchanged, one.failed


def test_a_trial_changes_nothing_and_names_line_and_column_of_what_it_refuses(irina: FlaskClient, town: Town) -> None:
    before = session().query(Organization).count()
    page = sent(
        irina,
        f"D-9;#{town.city.id};district_department;Жаңа аудан;Новый район;;",
        "S-1;D-9;school;№ 1 мектеп;Школа № 1;1;640",
        "S-2;D-9;school;;Школа № 2;2;640",
        "S-3;NONE;school;№ 3 мектеп;Школа № 3;3;640",
        "S-1;D-9;school;№ 1 мектеп;Школа № 1;1;640",
        "S-5;D-9;ministry;№ 5;№ 5;5;",
        "S-6;D-9;school;№ 6;№ 6;6;көп",
    ).text
    assert counts() == (2, 0, 0, 5)
    assert session().query(Organization).count() == before
    refused = [(line, column) for line, column, _message, _values in run().refused["lines"]]
    assert refused == [(4, "name_kk"), (5, "parent_code"), (6, "code"), (7, "kind"), (8, "contingent")]
    assert "Введите название на казахском и на русском" in page


def test_a_worker_reads_it_and_the_same_list_again_changes_nothing(irina: FlaskClient, town: Town) -> None:
    lines = [f"D-9;#{town.city.id};district_department;Жаңа аудан;Новый район;;"]
    lines += [f"S-{n};D-9;school;№ {n} мектеп;Школа № {n};{n};{n}" for n in range(1, 4)]
    sent(irina, *lines)
    first = run().id
    assert irina.post(f"/imports/{first}/start").status_code == 303
    read_lists([first])
    assert run().state is ImportState.DONE
    assert counts() == (4, 0, 0, 0)
    school = session().query(Organization).filter_by(code="S-2").one()
    district = session().query(Organization).filter_by(code="D-9").one()
    assert school.path == f"{district.path}{school.id}/"

    sent(irina, *lines)
    assert counts() == (0, 0, 4, 0)
    lines[2] = "S-2;D-9;school;№ 2 гимназия;Гимназия № 2;2;700"
    sent(irina, *lines)
    irina.post(f"/imports/{run().id}/start")
    read_lists([run().id])
    assert counts() == (0, 1, 3, 0)
    session().expire_all()
    assert school.name_kk == "№ 2 гимназия"
    assert session().query(Organization).filter_by(code="S-2").count() == 1


def test_a_worker_that_dies_in_the_middle_leaves_whole_batches_and_another_goes_on(
    irina: FlaskClient, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    sent(irina, *[f"S-{n};#{town.district.id};school;№ {n} мектеп;Школа № {n};{n};" for n in range(1, 6)])
    irina.post(f"/imports/{run().id}/start")
    with transaction():
        assert imports.go_on(run().id)
    with pytest.raises(ZeroDivisionError):
        dies_before_the_commit(run().id)
    assert run().done == 2
    assert "2 из 5" in irina.get(f"/imports/{run().id}").text
    read_lists([run().id])
    read_lists([run().id])
    assert (run().done, run().state, counts()) == (5, ImportState.DONE, (5, 0, 0, 0))
    assert session().query(Organization).filter(Organization.code.like("S-%")).count() == 5


def test_nothing_is_read_outside_ones_own_part(town: Town, sign_in: SignIn, irina: FlaskClient) -> None:
    with transaction():
        qanat = employ("Қанат Ибраев", "qanat@1450.test", ["kk"], (Role.ADMINISTRATOR, town.district))
    browser = sign_in(qanat)
    sent(browser, f"S-1;#{town.other_district.id};school;№ 1;№ 1;1;", f"S-2;#{town.district.id};school;№ 2;№ 2;2;")
    assert counts() == (1, 0, 0, 1)
    assert irina.get(f"/imports/{run().id}").status_code == 404
    assert irina.post(f"/imports/{run().id}/start").status_code == 404


def test_the_list_of_who_was_sent_away_is_not_read_on(town: Town, sign_in: SignIn, irina: FlaskClient) -> None:
    with transaction():
        qanat = employ("Қанат Ибраев", "qanat@1450.test", ["kk"], (Role.ADMINISTRATOR, town.district))
    browser = sign_in(qanat)
    sent(browser, f"S-2;#{town.district.id};school;№ 2;№ 2;2;")
    browser.post(f"/imports/{run().id}/start")
    irina.post(f"/staff/{qanat.id}/deactivate")
    read_lists([run().id])
    assert (run().state, counts()) == (ImportState.DONE, (0, 0, 0, 1))


@pytest.mark.parametrize("encoding", ["utf-8", "kz1048"])
@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_spreadsheet_programs_write_lists_in_many_ways(
    irina: FlaskClient, town: Town, encoding: str, sign: str
) -> None:
    line = f"S-1;#{town.district.id};school;Қаныш Сәтбаев мектебі;Школа;1;".replace(";", sign)
    sent(irina, line, heading=HEADING.replace(";", sign), encoding=encoding)
    assert counts() == (1, 0, 0, 0)
    irina.post(f"/imports/{run().id}/start")
    read_lists([run().id])
    assert "Қаныш Сәтбаев" in session().query(Organization).filter_by(code="S-1").one().name_kk


@pytest.mark.parametrize(
    "content", [b"", b"code;kind\r\n1;2", b"PK\x03\x04\x00\x00", HEADING.encode(), b"\xff" * 6_000_000]
)
def test_what_is_no_list_is_refused_in_words(irina: FlaskClient, town: Town, content: bytes) -> None:
    answer = irina.post("/imports", data={"file": (io.BytesIO(content), "a.csv")})
    assert answer.status_code == 422
    assert 'href="#file"' in answer.text
    assert session().query(ImportRun).count() == 0


def test_the_example_is_itself_a_list(irina: FlaskClient, town: Town) -> None:
    example = irina.get("/imports/template")
    assert read_table(example.data, COLUMNS).lines[0][1]["code"] == "S-0931"
