from helpdesk.kernel.db import transaction
from helpdesk.organizations import queries
from helpdesk.organizations.rules import Kind, is_within
from tests.people import Town, organization


def test_a_school_with_a_desk_answers_for_itself(town: Town) -> None:
    found = queries.desk_for(town.school905.id)
    assert found is not None
    assert found.id == town.school905.id


def test_a_school_without_a_desk_is_answered_for_by_the_nearest_above(town: Town) -> None:
    with transaction():
        small = organization(town.district, Kind.SCHOOL, "№ 906", "№ 906", "School 906", "906")
    found = queries.desk_for(small.id)
    assert found is not None
    assert found.id == town.district.id


def test_a_number_and_a_mailbox_lead_to_their_desk(town: Town) -> None:
    found = queries.desk_of_number("+77272000905")
    assert found is not None
    assert found.id == town.school905.id
    assert queries.desk_of_number("1450") is None
    assert queries.mailboxes()["905@1450.test"] == town.school905.id


def test_what_belongs_to_nobody_goes_to_the_city(town: Town) -> None:
    assert queries.city_desk().id == town.city.id


def test_a_subtree_is_what_begins_with_the_path_of_its_root(town: Town) -> None:
    assert is_within(town.school905.path, town.city.path)
    assert is_within(town.school905.path, town.district.path)
    assert not is_within(town.school911.path, town.district.path)
