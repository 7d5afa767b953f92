"""Who is told when a child is in danger: never nobody."""

from sqlalchemy import delete

from helpdesk.identity.answerable import answerable_for, desks_left_to, supervises
from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.queries import Asker, asker
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.models import Organization
from tests.people import Town, employ


def leaves(person: Staff) -> None:
    with transaction():
        session().get_one(Staff, person.id).active = False


def who(at: Organization) -> set[int]:
    return {person.id for person in answerable_for(at.path)}


def as_asker(person: Staff) -> Asker:
    found = asker(person.id)
    assert found is not None
    return found


def test_every_supervisor_on_the_way_up_is_told_and_nobody_of_another_branch(town: Town) -> None:
    assert who(town.school905) == {town.erlan.id, town.asel.id}
    assert who(town.school911) == {town.asel.id}
    assert who(town.city) == {town.asel.id}


def test_a_desk_without_a_supervisor_of_its_own_is_the_next_levels(town: Town) -> None:
    leaves(town.erlan)
    assert who(town.school905) == {town.asel.id}


def test_without_any_supervisor_it_is_the_administrators_of_these_levels(town: Town) -> None:
    leaves(town.erlan)
    leaves(town.asel)
    assert who(town.school905) == {town.admin.id}
    everywhere = (town.city, town.district, town.other_district, town.school905, town.school911)
    assert set(desks_left_to(as_asker(town.admin))) == {one.id for one in everywhere}


def test_at_the_very_top_it_is_every_administrator(town: Town) -> None:
    leaves(town.erlan)
    leaves(town.asel)
    with transaction():
        session().execute(delete(StaffRole).where(StaffRole.staff_id == town.admin.id))
        far = employ("Қайрат Алиев", "kairat@1450.test", ["kk"], (Role.ADMINISTRATOR, town.other_district))
    assert who(town.school905) == {far.id}
    assert town.school905.id in desks_left_to(as_asker(far))


def test_an_administrator_has_no_part_in_what_supervisors_see_to(town: Town) -> None:
    assert desks_left_to(as_asker(town.admin)) == []
    leaves(town.asel)
    left = desks_left_to(as_asker(town.admin))
    assert town.school905.id not in left
    assert {town.city.id, town.school911.id} <= set(left)
    assert desks_left_to(as_asker(town.aigul)) == []


def test_a_supervisor_supervises_downwards(town: Town) -> None:
    assert supervises(town.erlan.id, town.school905.path)
    assert not supervises(town.erlan.id, town.city.path)
    assert not supervises(town.aigul.id, town.school905.path)
    assert not supervises(None, town.school905.path)
