"""Tags: one word however it is spelt, of a desk's part of the tree, found by every name it ever had."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from helpdesk.administration import tags as order
from helpdesk.audit.actor import staff
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.search import queries, rules
from helpdesk.tickets import tags
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_for
from helpdesk.tickets.tag_models import Tag, TicketTag
from helpdesk.tickets.tag_rules import MOST, key, several, written
from tests.factories import filed
from tests.people import Town

ZONE = ZoneInfo("Asia/Almaty")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("#Біргеміз", "Біргеміз"),
        ("  алыс  ауыл ", "алыс-ауыл"),
        ("МЭО/4Б", "МЭО/4Б"),
        ("<b>", "b"),
        ("2026-2027", "2026-2027"),
        ("#!?", ""),
        ("ұ" * 60, "ұ" * 40),
    ],
)
def test_a_tag_is_one_word_of_any_language(typed: str, shown: str) -> None:
    assert written(typed) == shown


def test_spellings_of_one_word_are_one_tag_and_other_words_are_not() -> None:
    assert key("#Біргеміз") == key("биргемиз") != key("бірге")
    assert key("2026") != ""
    assert several("қар, аяз; Қар,,") == ["қар", "аяз", "Қар"]


def at(town: Town, place: str = "school905") -> Ticket:
    return filed(organization_id=getattr(town, place).id).ticket


def put(ticket: Ticket, typed: str, by: Staff) -> None:
    with transaction():
        tags.put_on(session().get_one(Ticket, ticket.id), typed, staff(by.id))


def who(person: Staff) -> Asker:
    found = asker(person.id)
    assert found is not None
    return found


def on(ticket: Ticket) -> list[int]:
    return list(
        session().scalars(select(TicketTag.tag_id).where(TicketTag.ticket_id == ticket.id).order_by(TicketTag.tag_id))
    )


def found(person: Staff, typed: str) -> list[int]:
    asked = rules.read(typed, date(2026, 11, 23), set())
    assert asked.problems == ()
    return [row.id for row in queries.tickets(who(person), asked, ZONE).rows]


def test_a_word_is_made_once_and_put_on_once(town: Town) -> None:
    ticket = at(town)
    put(ticket, "қар, аяз", town.aigul)
    put(ticket, "#Қар", town.aigul)
    assert [one.name for one in session().scalars(select(Tag).order_by(Tag.id))] == ["қар", "аяз"]
    shown = ticket_for(who(town.aigul), ticket.id).tagged
    assert [name for _, name in shown or []] == ["аяз", "қар"]
    first, second = on(ticket)
    with transaction():
        for _ in range(2):
            tags.take_off(session().get_one(Ticket, ticket.id), first, staff(town.aigul.id))
    assert on(ticket) == [second]


def test_what_is_wrong_is_named(town: Town) -> None:
    ticket = at(town)
    for typed in ("", "#", ",".join(f"белгі{number}" for number in range(MOST + 1))):
        with pytest.raises(Refused) as refused:
            put(ticket, typed, town.aigul)
        assert refused.value.field == "tag_text"
    assert on(ticket) == []


def test_a_tag_of_the_district_serves_its_schools_and_another_districts_desk_sees_neither(town: Town) -> None:
    above, below, other = at(town, "district"), at(town), at(town, "school911")
    with transaction():
        session().get_one(Ticket, above.id).desk_id = town.district.id
    put(above, "біргеміз", town.aigul)
    put(below, "Биргемиз", town.aigul)
    put(other, "біргеміз", town.bekzat)
    assert on(above) == on(below) != on(other)
    assert [one.name for one in tags.matching(town.school905.path, "бірг")] == ["біргеміз"]
    assert {one.organization_id for one in tags.matching(town.school911.path, "")} == {town.school911.id}


def test_the_search_finds_it_in_any_spelling_and_only_among_ones_own_tickets(town: Town) -> None:
    mine, others = at(town), at(town, "school911")
    put(mine, "біргеміз", town.aigul)
    put(others, "біргеміз", town.bekzat)
    for typed in ("tag:біргеміз", "белгі:#Биргемиз", "метка:БІРГЕМІЗ"):
        assert found(town.aigul, typed) == [mine.id]
    assert found(town.bekzat, "tag:біргеміз") == [others.id]
    assert found(town.aigul, "tag:жоқ") == []
    assert rules.read("tag:#", date(2026, 11, 23), set()).problems


def test_a_renamed_tag_is_found_by_both_names_and_goes_on_being_used(town: Town) -> None:
    ticket, later = at(town), at(town)
    put(ticket, "биргемиз2025", town.aigul)
    [tag_id] = on(ticket)
    with transaction():
        order.rename(who(town.admin), tag_id, "Біргеміз2026")
    assert found(town.aigul, "tag:биргемиз2025") == found(town.aigul, "tag:біргеміз2026") == [ticket.id]
    put(later, "биргемиз2025", town.aigul)
    assert on(later) == [tag_id]
    assert [one.name for one in tags.matching(town.school905.path, "биргемиз2025")] == ["Біргеміз2026"]
    with transaction():
        assert order.rename(who(town.admin), tag_id, "биргемиз2025").key == key("биргемиз2025")


def test_merged_tags_are_one_on_every_ticket_and_by_every_name(town: Town) -> None:
    one, other, both = at(town), at(town), at(town)
    put(one, "қар", town.aigul)
    put(other, "боран", town.aigul)
    put(both, "қар, боран", town.aigul)
    with transaction():
        order.merge(who(town.admin), on(one)[0], on(other)[0])
    assert on(one) == on(other) == on(both)
    assert sorted(found(town.aigul, "tag:қар")) == sorted(found(town.aigul, "tag:боран")) == [one.id, other.id, both.id]
    assert [used.count for used in order.tags(who(town.admin))] == [3]
    with transaction():
        order.rename(who(town.admin), on(one)[0], "аяз")
    put(one, "суық", town.aigul)
    cold = next(id_ for id_ in on(one) if id_ not in on(both))
    with transaction():
        order.merge(who(town.admin), on(both)[0], cold)
    for name in ("қар", "боран", "аяз", "суық"):
        assert len(found(town.aigul, f"tag:{name}")) == 3, name
    put(at(town), "қар", town.aigul)
    assert [used.count for used in order.tags(who(town.admin))] == [4]


def test_a_tag_is_merged_upwards_only_and_not_with_itself(town: Town) -> None:
    here, there = at(town), at(town, "school911")
    put(here, "қар", town.aigul)
    put(there, "боран", town.bekzat)
    for into in (on(there)[0], on(here)[0]):
        with pytest.raises(Refused) as refused, transaction():
            order.merge(who(town.admin), on(here)[0], into)
        assert refused.value.field == "into_text"
    with pytest.raises(NotFound):
        order.tag_for(who(town.erlan), on(here)[0])
