"""The tree by pages alone: found, added, renamed, moved with a date, closed."""

from datetime import date

import pytest
from flask.testing import FlaskClient

from helpdesk.identity.models import Staff
from helpdesk.identity.rules import Role
from helpdesk.jobs.imports import do_moves
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.actions import ripe_moves
from helpdesk.organizations.models import Organization, OrganizationParent
from helpdesk.organizations.rules import Kind
from helpdesk.organizations.search import search_schools
from tests.conftest import SetClock, counted_statements
from tests.people import SignIn, Town, employ, organization

pytestmark = pytest.mark.usefixtures("set_clock")

NEW = {"kind": "school", "name_kk": "№ 931 мектеп", "name_ru": "Школа № 931", "number": "931", "zone": "Asia/Almaty"}


@pytest.fixture
def irina(town: Town, sign_in: SignIn) -> FlaskClient:
    """The city administrator's browser."""
    return sign_in(town.admin)


@pytest.fixture
def district_admin(town: Town) -> Staff:
    """Administers the district of school 905 and nothing else."""
    with transaction():
        return employ("Қанат Ибраев", "qanat@1450.test", ["kk"], (Role.ADMINISTRATOR, town.district))


def added(browser: FlaskClient, below: int, **changes: str) -> Organization:
    answer = browser.post(f"/organizations/{below}/add", data=NEW | changes)
    assert answer.status_code == 303, answer.text
    made = session().query(Organization).order_by(Organization.id.desc()).first()
    assert made is not None
    return made


def fresh(one: Organization) -> Organization:
    session().expire_all()
    return session().get_one(Organization, one.id)


def test_a_new_school_is_found_by_parents_at_once(irina: FlaskClient, town: Town) -> None:
    made = added(irina, town.district.id)
    assert made.path == f"{town.district.path}{made.id}/"
    assert made.region_id == town.city.id
    assert made.name_en == "Школа № 931", "English may be left out"
    assert [one.id for one in search_schools("931")] == [made.id]
    assert "Школа № 931" in irina.get("/organizations?q=931").text


@pytest.mark.parametrize(
    ("field", "value"),
    [("name_kk", " "), ("name_ru", ""), ("kato", "12"), ("contingent", "many"), ("zone", "Mars"), ("kind", "ministry")],
)
def test_a_refusal_names_the_field_and_keeps_what_was_typed(
    irina: FlaskClient, town: Town, field: str, value: str
) -> None:
    answer = irina.post(f"/organizations/{town.district.id}/add", data=NEW | {"short_kk": "931-мектеп", field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "931-мектеп" in answer.text


def test_two_organizations_have_no_common_code(irina: FlaskClient, town: Town) -> None:
    added(irina, town.district.id, code="A-1")
    answer = irina.post(f"/organizations/{town.district.id}/add", data=NEW | {"code": "A-1"})
    assert answer.status_code == 422
    assert 'href="#code"' in answer.text


def test_a_new_name_is_found_and_the_old_one_no_more(irina: FlaskClient, town: Town) -> None:
    answer = irina.post(f"/organizations/{town.school905.id}", data=NEW | {"number": "944", "name_kk": "Дарын лицейі"})
    assert answer.status_code == 303
    assert [one.id for one in search_schools("дарын")] == [town.school905.id]
    assert search_schools("905") == []


def test_a_move_takes_everything_below_along_and_keeps_where_it_stood(irina: FlaskClient, town: Town) -> None:
    data = {"parent": str(town.other_district.id), "day": "2026-11-20"}
    assert irina.post(f"/organizations/{town.school905.id}/move", data=data).status_code == 303
    assert fresh(town.school905).path == f"{town.other_district.path}{town.school905.id}/"
    stays = session().query(OrganizationParent).filter_by(organization_id=town.school905.id)
    assert [(one.parent_id, one.valid_from, one.valid_to) for one in stays.order_by(OrganizationParent.valid_from)] == [
        (town.district.id, date(2020, 1, 1), date(2026, 11, 19)),
        (town.other_district.id, date(2026, 11, 20), None),
    ]
    page = irina.get(f"/organizations/{town.school905.id}").text
    assert "Алатауский район" in page
    assert "Медеуский район" in page


def test_a_whole_district_moves_with_its_schools(irina: FlaskClient, town: Town, sign_in: SignIn) -> None:
    with transaction():
        top = organization(None, Kind.MINISTRY, "Министрлік", "Министерство", "Ministry")
        region = organization(top, Kind.REGION_DEPARTMENT, "Облыс", "Область", "Region")
        boss = employ("Асқар Бас", "boss@1450.test", ["kk"], (Role.ADMINISTRATOR, top), (Role.ADMINISTRATOR, town.city))
    data = {"parent": str(region.id), "day": "2026-11-23"}
    assert sign_in(boss).post(f"/organizations/{town.district.id}/move", data=data).status_code == 303
    school = fresh(town.school905)
    assert school.path == f"{region.path}{town.district.id}/{town.school905.id}/"
    assert school.region_id == region.id
    assert school.parent_id == town.district.id


def test_a_planned_move_waits_for_its_day(irina: FlaskClient, town: Town, set_clock: SetClock) -> None:
    data = {"parent": str(town.other_district.id), "day": "2026-12-01"}
    assert irina.post(f"/organizations/{town.school905.id}/move", data=data).status_code == 303
    assert fresh(town.school905).parent_id == town.district.id
    assert ripe_moves(date(2026, 11, 30)) == []
    set_clock.forward(days=8)
    ids = list(ripe_moves(date(2026, 12, 1)))
    assert ids == [town.school905.id]
    do_moves(ids)
    do_moves(ids)
    assert fresh(town.school905).path == f"{town.other_district.path}{town.school905.id}/"
    assert ripe_moves(date(2026, 12, 1)) == []


@pytest.mark.parametrize(
    ("where", "day"), [("school905", "2026-11-20"), ("school911", "2026-11-20"), ("other_district", "2019-01-01")]
)
def test_no_circle_no_school_below_a_school_and_no_move_before_the_last(
    irina: FlaskClient, town: Town, where: str, day: str
) -> None:
    data = {"parent": str(getattr(town, where).id), "day": day}
    assert irina.post(f"/organizations/{town.school905.id}/move", data=data).status_code == 422
    assert fresh(town.school905).parent_id == town.district.id


def test_a_closed_school_is_no_longer_found_and_opens_again(irina: FlaskClient, town: Town) -> None:
    one = f"/organizations/{town.school905.id}"
    assert irina.post(f"{one}/close", data={"closed_on": "2026-11-23", "reason": ""}).status_code == 422
    assert irina.post(f"{one}/close", data={"closed_on": "2026-11-23", "reason": "біріктірілді"}).status_code == 303
    assert search_schools("905") == []
    assert irina.post(f"{one}/open").status_code == 303
    assert [found.id for found in search_schools("905")] == [town.school905.id]


def test_a_district_with_open_schools_is_not_closed(irina: FlaskClient, town: Town) -> None:
    answer = irina.post(
        f"/organizations/{town.district.id}/close", data={"closed_on": "2026-11-23", "reason": "біріктірілді"}
    )
    assert answer.status_code == 422
    assert fresh(town.district).closed_on is None


def test_another_part_of_the_tree_does_not_exist(town: Town, sign_in: SignIn, district_admin: Staff) -> None:
    browser = sign_in(district_admin)
    for at in (town.city, town.school911, town.other_district):
        one = f"/organizations/{at.id}"
        assert sign_in(town.admin).get(one).status_code == 200
        for page in ("", "/add"):
            assert browser.get(one + page).status_code == 404
        for page in ("", "/add", "/move", "/close", "/open"):
            assert browser.post(one + page, data=NEW).status_code == 404, page
    assert "№ 911" not in browser.get("/organizations?q=911").text
    assert browser.get("/organizations/suggestions?q=911").json == []
    data = {"parent": str(town.other_district.id), "day": "2026-11-20"}
    assert browser.post(f"/organizations/{town.school905.id}/move", data=data).status_code == 422
    assert browser.post(f"/organizations/{town.district.id}/move", data=data).status_code == 422, "the own top stays"


def test_a_district_with_many_schools_takes_few_statements(irina: FlaskClient, town: Town) -> None:
    with transaction():
        for number in range(60):
            organization(town.district, Kind.SCHOOL, f"№ {1000 + number}", "Школа", "School", str(1000 + number))
    irina.get(f"/organizations/{town.district.id}")
    with counted_statements() as sent:
        page = irina.get(f"/organizations/{town.district.id}")
    assert len(sent) <= 10, "\n".join(sent)
    assert "after=" in page.text, "what does not fit stands on the next page"
