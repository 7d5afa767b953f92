import pytest

from helpdesk.contacts.models import Contact
from helpdesk.kernel.db import session
from helpdesk.tickets.models import Message, Ticket
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import GULNAR_PHONE, Town

pytestmark = pytest.mark.usefixtures("set_clock")


def test_a_form_goes_to_the_desk_of_the_chosen_school(town: Town) -> None:
    assert filed(organization_id=town.school905.id).ticket.desk_id == town.school905.id


def test_a_form_without_a_school_goes_to_the_city(town: Town) -> None:
    assert filed().ticket.desk_id == town.city.id


def test_what_came_to_a_desks_own_address_stays_there(town: Town) -> None:
    assert filed(organization_id=town.school905.id, desk_id=town.district.id).ticket.desk_id == town.district.id


def test_the_same_thing_twice_is_one_ticket_with_one_message(town: Town) -> None:
    first, second = filed(key="web:once"), filed(key="web:once")
    assert (first.opened, second.opened, second.seen_before) == (True, False, True)
    assert first.ticket.id == second.ticket.id
    assert session().query(Ticket).count() == session().query(Message).count() == 1


def test_a_known_number_brings_the_known_person(town: Town) -> None:
    assert filed(phones=(GULNAR_PHONE,)).ticket.contact_id == town.gulnar.id


def test_another_name_on_the_familys_phone_is_another_person(town: Town) -> None:
    ticket = filed(phones=(GULNAR_PHONE,), name="Серік Ахметов").ticket
    assert ticket.contact_id != town.gulnar.id
    assert session().query(Contact).count() == 3


def test_a_name_typed_without_kazakh_letters_is_the_same_person(town: Town) -> None:
    assert filed(phones=(GULNAR_PHONE,), name="гулнар ахметова").ticket.contact_id == town.gulnar.id


def test_nobody_needs_to_say_who_they_are(town: Town) -> None:
    assert filed().ticket.contact_id is None


def test_tickets_are_numbered_in_the_order_they_come(town: Town, set_clock: SetClock) -> None:
    numbers = [filed().ticket.number for _ in range(3)]
    assert numbers == sorted(numbers)
    assert all(number.startswith("26-") for number in numbers)


def test_filing_a_form_takes_few_statements(town: Town) -> None:
    filed(organization_id=town.school905.id, phones=("+77090000055",), name="Асқар")
    with counted_statements() as sent:
        filed(organization_id=town.school905.id, phones=("+77090000056",), name="Дана")
    assert len(sent) <= 10, "\n".join(sent)
