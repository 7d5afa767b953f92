import pytest
from sqlalchemy import select

from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker, colleague, within
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Desk
from tests.conftest import counted_statements
from tests.people import Town


def _asker(person: Staff) -> Asker:
    found = asker(person.id)
    assert found is not None
    return found


def _desks(person: Staff) -> set[int]:
    return set(session().scalars(select(Desk.id).where(within(Desk.id, _asker(person).roots()))))


def test_everybody_sees_their_own_part_of_the_tree_and_nothing_beside_it(town: Town) -> None:
    assert _desks(town.aigul) == {town.district.id, town.school905.id}
    assert _desks(town.bekzat) == {town.school911.id}
    assert _desks(town.asel) == {
        town.city.id,
        town.district.id,
        town.other_district.id,
        town.school905.id,
        town.school911.id,
    }


def test_who_holds_no_role_sees_nothing(town: Town) -> None:
    with transaction():
        nobody = Staff(name="–", email="x@1450.test", password_hash="", languages=["kk"], skills=[], roles=[])
        session().add(nobody)
    assert _desks(nobody) == set()


def test_a_role_holds_where_it_was_given_only(town: Town) -> None:
    erlan = _asker(town.erlan)
    assert erlan.holds(Role.SUPERVISOR, town.school905.path)
    assert not erlan.holds(Role.SUPERVISOR, town.school911.path)
    assert not erlan.has(Role.ADMINISTRATOR)


def test_who_left_is_nobody(town: Town) -> None:
    with transaction():
        town.aigul.active = False
        session().add(town.aigul)
    assert asker(town.aigul.id) is None


def test_knowing_who_asks_takes_one_statement(town: Town) -> None:
    with counted_statements() as sent:
        asker(town.asel.id)
    assert len(sent) == 1


def test_work_is_given_to_colleagues_of_the_same_part_of_the_tree(town: Town) -> None:
    assert colleague(_asker(town.aigul), town.svetlana.id).id == town.svetlana.id
    with pytest.raises(NotFound):
        colleague(_asker(town.aigul), town.bekzat.id)
