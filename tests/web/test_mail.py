from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from helpdesk.intake import mailroom
from helpdesk.intake.models import MailState, RawMail
from helpdesk.jobs.mail import file_mail
from helpdesk.kernel.db import session, transaction
from helpdesk.tickets.models import Ticket
from tests.conftest import counted_statements
from tests.people import SignIn, Town

pytestmark = pytest.mark.usefixtures("set_clock")

LETTERS = Path(__file__).parents[1] / "intake" / "letters"


def came(name: str, to: str = "905@1450.test") -> int:
    """One of the letters of tests/intake, kept and read."""
    with transaction():
        raw_id = mailroom.store((LETTERS / f"{name}.eml").read_bytes(), "asel@parents.test", [to])
    file_mail([raw_id])
    return raw_id


def put_aside(name: str) -> int:
    with transaction():
        raw_id = mailroom.store((LETTERS / f"{name}.eml").read_bytes(), "asel@parents.test", ["905@1450.test"])
        mailroom.put_aside(raw_id, "OSError: disk full")
    return raw_id


@pytest.fixture
def erlan(town: Town, sign_in: SignIn) -> FlaskClient:
    """The district supervisor's browser, in Russian."""
    browser = sign_in(town.erlan)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "ru"
    return browser


def test_operators_do_not_read_the_mailroom(town: Town, sign_in: SignIn, client: FlaskClient) -> None:
    assert sign_in(town.aigul).get("/mail").status_code == 403
    assert "/sign-in" in client.get("/mail").headers["Location"]


def test_the_ledger_names_each_letter_and_what_became_of_it(erlan: FlaskClient) -> None:
    came("koi8r")
    came("bulk")
    put_aside("windows1251")
    page = erlan.get("/mail").text
    assert session().query(Ticket).one().number in page
    assert "Массовая рассылка" in page
    assert "disk full" in page
    assert '<span class="tabs__count">3</span>' in page


def test_a_letter_that_was_put_aside_is_read_again(erlan: FlaskClient, run_jobs: Callable[[], None]) -> None:
    raw_id = put_aside("windows1251")
    assert f'action="/mail/{raw_id}/read"' in erlan.get("/mail?state=unreadable").text
    answer = erlan.post(f"/mail/{raw_id}/read", follow_redirects=True)
    assert "Письмо читается снова." in answer.text
    run_jobs()
    session().expire_all()
    assert session().get_one(RawMail, raw_id).state is MailState.FILED
    assert "Это уже кто-то сделал" in erlan.post(f"/mail/{raw_id}/read", follow_redirects=True).text
    session().expire_all()
    assert session().get_one(RawMail, raw_id).state is MailState.FILED


def test_the_original_is_given_out_as_a_file_and_never_shown(erlan: FlaskClient) -> None:
    raw_id = came("html_only")
    answer = erlan.get(f"/mail/{raw_id}/original")
    assert answer.data == (LETTERS / "html_only.eml").read_bytes()
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_another_districts_letters_do_not_exist(town: Town, sign_in: SignIn, erlan: FlaskClient) -> None:
    general = came("bulk", to="1450@1450.test")
    assert erlan.get(f"/mail/{general}/original").status_code == 404
    assert erlan.post(f"/mail/{general}/read").status_code == 404
    assert sign_in(town.asel).get(f"/mail/{general}/original").status_code == 200


def test_what_a_sender_wrote_as_address_is_shown_as_text(town: Town, erlan: FlaskClient) -> None:
    with transaction():
        mailroom.store(b"Subject: x\n\ny", '<script>"@parents.test', ["905@1450.test"])
    assert "<script>&#34;" not in erlan.get("/mail").text
    assert "&lt;script&gt;" in erlan.get("/mail").text


@pytest.mark.parametrize("query", ["state=nonsense", "before=x", "before=99999999999999999999", "state=filed&before=1"])
def test_nonsense_in_the_address_is_no_error(erlan: FlaskClient, query: str) -> None:
    assert erlan.get(f"/mail?{query}").status_code == 200


def test_the_ledger_takes_few_statements_whatever_came(erlan: FlaskClient) -> None:
    for name in ("koi8r", "windows1251", "bulk", "no_from", "subject_only"):
        came(name)
    erlan.get("/mail")
    with counted_statements() as sent:
        assert erlan.get("/mail").status_code == 200
    assert len(sent) <= 10, "\n".join(sent)
