"""The administrators' page of mailboxes."""

import pytest
from flask.testing import FlaskClient

from helpdesk.identity.queries import asker
from helpdesk.intake import mailboxes
from helpdesk.intake.models import Mailbox
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.models import DeskMailbox
from tests.conftest import counted_statements
from tests.intake.dovecot import PASSWORD, Dovecot
from tests.intake.test_mailboxes import letter, wanted
from tests.people import SignIn, Town

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def irina(town: Town, sign_in: SignIn) -> FlaskClient:
    """The administrator's browser, in Russian."""
    browser = sign_in(town.admin)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "ru"
    return browser


def written(town: Town, name: str = "x", port: int = 143) -> int:
    found = asker(town.admin.id)
    assert found is not None
    with transaction():
        return mailboxes.add(found, wanted(name, town.school905.id, port)).id


def typed(town: Town, **changes: str) -> dict[str, str]:
    form = {"address": "905@school.test", "desk": str(town.school905.id), "host": "127.0.0.1", "encryption": "none"}
    return form | {"port": "143", "login": "905", "password": PASSWORD, "folder": "INBOX"} | changes


def test_a_mailbox_is_written_down_with_its_address(town: Town, irina: FlaskClient) -> None:
    answer = irina.post("/mailboxes/new", data=typed(town), follow_redirects=True)
    assert "Ящик записан" in answer.text
    made = session().query(Mailbox).one()
    assert (made.address, made.desk_id, made.login, made.active) == ("905@school.test", town.school905.id, "905", True)
    assert session().query(DeskMailbox).filter_by(address="905@school.test").one().desk_id == town.school905.id
    assert "905@school.test" in irina.get("/mailboxes").text


def test_a_desk_may_be_named_in_words_where_there_is_no_javascript(town: Town, irina: FlaskClient) -> None:
    irina.post("/mailboxes/new", data=typed(town, desk="", desk_text="школа № 905"))
    assert session().query(Mailbox).one().desk_id == town.school905.id
    assert irina.get("/mailboxes/desks?q=911").json == [
        {"value": str(town.school911.id), "text": "Школа № 911", "hint": ""}
    ]


def test_what_is_wrong_is_named_and_nothing_typed_is_lost(town: Town, irina: FlaskClient) -> None:
    answer = irina.post("/mailboxes/new", data=typed(town, port="many", host="imap.school.test"))
    assert answer.status_code == 422
    assert "Порт – это число от 1 до 65535" in answer.text
    assert 'value="imap.school.test"' in answer.text
    assert session().query(Mailbox).count() == 0


def test_the_password_is_never_shown_and_an_empty_one_keeps_it(town: Town, irina: FlaskClient) -> None:
    mailbox_id = written(town)
    before = session().get_one(Mailbox, mailbox_id).password
    page = irina.get(f"/mailboxes/{mailbox_id}").text
    assert before not in page
    assert "905&#34;" not in page
    irina.post(f"/mailboxes/{mailbox_id}", data=typed(town, login="x", password="", host="other.test"))
    session().expire_all()
    after = session().get_one(Mailbox, mailbox_id)
    assert (after.password, after.host) == (before, "other.test")


def test_a_mailbox_is_switched_off_and_on(town: Town, irina: FlaskClient) -> None:
    mailbox_id = written(town)
    for active in ("0", "1"):
        irina.post(f"/mailboxes/{mailbox_id}/switch", data={"active": active})
        session().expire_all()
        assert session().get_one(Mailbox, mailbox_id).active is (active == "1")


def test_the_test_button_says_what_it_found(town: Town, irina: FlaskClient, dovecot: Dovecot) -> None:
    dovecot.people("button")
    dovecot.deliver("button", letter("1"))
    sound, dead = written(town, "button", dovecot.port), written(town, "dead", 9)
    assert "Писем в папке: 1" in irina.post(f"/mailboxes/{sound}/test", follow_redirects=True).text
    assert "Connection refused" in irina.post(f"/mailboxes/{dead}/test", follow_redirects=True).text


def test_failing_mailboxes_are_shown_apart_with_what_their_server_said(town: Town, irina: FlaskClient) -> None:
    written(town, "sound")
    failing = written(town, "failing")
    with transaction():
        mailboxes.settle(failing, "<b>gone</b>")
    page = irina.get("/mailboxes?show=failing").text
    assert "&lt;b&gt;gone" in page
    assert "failing@school.test" in page
    assert "sound@school.test" not in page


@pytest.mark.parametrize("path", ["", "/switch", "/test"])
def test_another_regions_mailbox_does_not_exist(town: Town, sign_in: SignIn, irina: FlaskClient, path: str) -> None:
    mailbox_id = written(town)
    irina.post(f"/mailboxes/{mailbox_id}/switch", data={"active": "1"})
    with transaction():
        session().get_one(Mailbox, mailbox_id).desk_id = town.city.id
        for role in town.admin.roles:
            session().merge(role).organization_id = town.district.id
    assert irina.post(f"/mailboxes/{mailbox_id}{path}", data=typed(town)).status_code == 404
    assert irina.get(f"/mailboxes/{mailbox_id}").status_code == 404
    assert "x@school.test" not in irina.get("/mailboxes").text
    for person in (town.aigul, town.erlan):
        assert sign_in(person).post(f"/mailboxes/{mailbox_id}{path}").status_code == 404


def test_mailboxes_are_shown_by_pages_in_few_statements(town: Town, irina: FlaskClient) -> None:
    for number in range(52):
        written(town, f"m{number:02}")
    with counted_statements() as sent:
        page = irina.get("/mailboxes").text
    assert len(sent) <= 10, "\n".join(sent)
    assert "m49@school.test" in page
    assert "m50@school.test" not in page
    assert "m50@school.test" in irina.get("/mailboxes?after=50 m49@school.test").text
    assert irina.get("/mailboxes?after=x y").status_code == 200


def test_the_sum_stands_beside_the_ledger(town: Town, irina: FlaskClient) -> None:
    assert "Получено = ещё не прочитано" in irina.get("/mail").text
