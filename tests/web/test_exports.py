"""Lists as files: what is taken out can be read in again, and nobody takes what lies elsewhere."""

import io

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from helpdesk.administration import contact_list, imports, organization_list, staff_list
from helpdesk.administration.exports import rows
from helpdesk.administration.rules import ListKind
from helpdesk.administration.sheets import Columns, read_table
from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.contacts.actions import meet
from helpdesk.contacts.rules import RequesterRole
from helpdesk.identity.queries import asker
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session, transaction
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from tests.conftest import counted_statements
from tests.factories import filed
from tests.people import SignIn, Town, employ

pytestmark = pytest.mark.usefixtures("set_clock")
COLUMNS = {
    ListKind.STAFF: staff_list.COLUMNS,
    ListKind.CONTACTS: contact_list.COLUMNS,
    ListKind.ORGANIZATIONS: organization_list.COLUMNS,
}


@pytest.fixture
def irina(town: Town, sign_in: SignIn) -> FlaskClient:
    """The city administrator's browser, after Гүлнар asked at school 905 and Елена at school 911."""
    for school, person in ((town.school905, town.gulnar), (town.school911, town.elena)):
        filed(organization_id=school.id, contact_id=person.id)
    return sign_in(town.admin)


def taken(browser: FlaskClient, kind: ListKind, form: str, columns: Columns) -> list[dict[str, str]]:
    answer = browser.get(f"/exports/list?kind={kind}&form={form}")
    assert answer.status_code == 200
    return [line for _, line in read_table(answer.data, columns).lines]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", [ListKind.STAFF, ListKind.CONTACTS])
def test_what_is_taken_out_is_read_in_again_and_changes_nothing(
    irina: FlaskClient, town: Town, kind: ListKind, form: str
) -> None:
    content = irina.get(f"/exports/list?kind={kind}&form={form}").data
    who = asker(town.admin.id)
    assert who is not None
    with transaction():
        run = imports.check(who, "again", content, kind)
    assert run.total >= 2
    assert (run.added, run.changed, run.failed) == (0, 0, 0)
    assert run.unchanged == run.total


def test_a_number_and_a_formula_are_text_in_the_spreadsheet(irina: FlaskClient, town: Town) -> None:
    with transaction():
        rude = meet("=HYPERLINK(1)", RequesterRole.PARENT, "kk", ["+77010000123"])
        session().flush()
    filed(organization_id=town.school905.id, contact_id=rude.id)
    raw = irina.get("/exports/list?kind=contacts&form=csv").data.decode()
    assert raw.startswith("\ufeff")
    assert "'=HYPERLINK(1);'+77010000123;" in raw
    book = load_workbook(io.BytesIO(irina.get("/exports/list?kind=contacts&form=xlsx").data))
    assert book.active is not None
    assert "'=HYPERLINK(1)" in [row[0].value for row in book.active.iter_rows()]


def test_only_ones_own_part_is_taken_out(irina: FlaskClient, town: Town, sign_in: SignIn) -> None:
    with transaction():
        qanat = employ("Қанат Ибраев", "qanat@1450.test", ["kk"], (Role.ADMINISTRATOR, town.district))
    browser = sign_in(qanat)
    assert {line["name"] for line in taken(browser, ListKind.CONTACTS, "csv", contact_list.COLUMNS)} == {
        "Гүлнар Ахметова"
    }
    people = {line["email"] for line in taken(browser, ListKind.STAFF, "csv", staff_list.COLUMNS)}
    assert "aigul@1450.test" in people
    assert not people & {"bekzat@1450.test", "irina@1450.test", "asel@1450.test"}
    places = {line["name_kk"] for line in taken(browser, ListKind.ORGANIZATIONS, "csv", organization_list.COLUMNS)}
    assert places == {"Алатау ауданы", "№ 905 мектеп"}


def test_who_asked_only_about_what_few_may_read_is_not_in_the_list(irina: FlaskClient, town: Town) -> None:
    ticket = session().query(Ticket).filter_by(contact_id=town.elena.id).one()
    with transaction():
        actions.recategorise(session().get_one(Ticket, ticket.id), "T44", staff(town.aigul.id))
    names = {line["name"] for line in taken(irina, ListKind.CONTACTS, "csv", contact_list.COLUMNS)}
    assert names == {"Гүлнар Ахметова"}


def test_an_export_is_written_down_and_only_administrators_make_one(
    irina: FlaskClient, town: Town, sign_in: SignIn
) -> None:
    irina.get("/exports/list?kind=contacts&form=csv")
    entry = session().query(JournalEntry).filter_by(kind="export.made").one()
    assert (entry.actor_id, entry.details) == (town.admin.id, {"of": "contacts"})
    assert sign_in(town.aigul).get("/exports/list?kind=contacts&form=csv").status_code == 403
    assert irina.get("/exports/list?kind=tickets&form=csv").status_code == 404


def test_a_long_list_is_read_in_few_statements(irina: FlaskClient, town: Town) -> None:
    who = asker(town.admin.id)
    assert who is not None
    with counted_statements() as few:
        list(rows(who, ListKind.STAFF))
    with transaction():
        for number in range(30):
            employ(f"Қызметкер {number}", f"n{number}@1450.test", ["kk"], (Role.OPERATOR, town.school905))
    with counted_statements() as many:
        assert len(list(rows(who, ListKind.STAFF))) > 30
    assert len(many) == len(few)
