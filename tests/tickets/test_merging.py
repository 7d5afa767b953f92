"""Two tickets become one and two again; nothing is lost, shown twice, or shown to the wrong person."""

import random
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.audit.actor import requester, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import Asker, asker
from helpdesk.intake.accept import accept
from helpdesk.kernel.db import db, session, transaction
from helpdesk.kernel.errors import Conflict, Refused
from helpdesk.tickets import actions, merging, ties
from helpdesk.tickets.lineage import lineage, merged_ids
from helpdesk.tickets.merging import clocks_of
from helpdesk.tickets.models import Message, Ticket, TicketPause
from helpdesk.tickets.queries import public_messages, timeline
from helpdesk.tickets.rules import MessageKind, Resolution, TicketState
from tests.conftest import SetClock
from tests.factories import filed, incoming
from tests.people import ELENA_PHONE, GULNAR_PHONE, Town

GULNAR, ELENA = {"phones": (GULNAR_PHONE,)}, {"phones": (ELENA_PHONE,)}


@pytest.fixture
def two(town: Town, set_clock: SetClock) -> tuple[Ticket, Ticket]:
    """Гүлнар asks at ten, and again an hour later."""
    first = filed(organization_id=town.school905.id, text="Құпиясөз жоқ", **GULNAR).ticket
    set_clock.forward(hours=1)
    return first, filed(organization_id=town.school905.id, text="Әлі кіре алмаймын", **GULNAR).ticket


def again(ticket: Ticket) -> Ticket:
    session().expire_all()
    return session().get_one(Ticket, ticket.id)


def merged(town: Town, ticket: Ticket, into: Ticket, people: tuple[int | None, int | None] | None = None) -> None:
    with transaction():
        goes, stays = ties.pair(who(town), ticket.number, into.number)
        merging.merge(goes, stays, staff(town.aigul.id), people)


def apart(town: Town, ticket: Ticket, into: Ticket) -> None:
    with transaction():
        goes, stays = ties.pair(who(town), ticket.number, into.number)
        merging.take_apart(goes, stays, staff(town.aigul.id))


def who(town: Town) -> Asker:
    found = asker(town.aigul.id)
    assert found is not None
    return found


def bodies(ticket: Ticket) -> list[str]:
    shown = timeline(ticket, merged=merged_ids(ticket))
    return [entry.message.body for entry in shown if entry.message is not None]


def test_the_merged_one_is_closed_without_a_clock_and_its_words_stand_in_the_other_one(
    two: tuple[Ticket, Ticket], town: Town
) -> None:
    first, second = two
    merged(town, second, first)
    second, first = again(second), again(first)
    assert (second.state, second.resolution, second.merged_into_id) == (
        TicketState.CLOSED,
        Resolution.DUPLICATE,
        first.id,
    )
    assert (second.due_at, second.breach_at) == (None, None)
    assert bodies(first) == ["Құпиясөз жоқ", "Әлі кіре алмаймын"]
    kinds = session().scalars(select(JournalEntry.kind).where(JournalEntry.ticket_id == first.id)).all()
    assert "ticket.merged" in kinds


def test_the_earlier_promise_is_kept_whichever_stays(two: tuple[Ticket, Ticket], town: Town) -> None:
    first, second = two
    due = first.first_response_due_at
    merged(town, first, second)
    assert again(second).first_response_due_at == due == again(second).due_at == again(second).breach_at


def test_a_promise_of_the_merged_one_is_broken_once_and_by_the_one_that_stays(
    two: tuple[Ticket, Ticket], town: Town, set_clock: SetClock
) -> None:
    first, second = two
    merged(town, first, second)
    set_clock.forward(days=7)
    with transaction():
        while actions.mark_breaches():
            pass
    broken = session().scalars(select(JournalEntry.ticket_id).where(JournalEntry.kind == "ticket.breached")).all()
    assert set(broken) == {second.id}
    assert len(broken) == 2


def test_what_is_said_to_a_merged_ticket_is_heard_by_the_one_that_stays(
    two: tuple[Ticket, Ticket], town: Town, set_clock: SetClock
) -> None:
    first, second = two
    merged(town, second, first)
    with transaction():
        actions.wait(session().get_one(Ticket, first.id), staff(town.aigul.id))
    with transaction():
        accept(incoming(joins=second.id, text="Растау коды келді"), requester(second.contact_id))
    assert again(first).state is TicketState.OPEN
    assert again(second).state is TicketState.CLOSED
    assert bodies(first)[-1] == "Растау коды келді"


def test_a_chain_is_followed_to_its_end_and_never_goes_round(two: tuple[Ticket, Ticket], town: Town) -> None:
    first, second = two
    third = filed(organization_id=town.school905.id, text="Үшінші рет жазып отырмын", **GULNAR).ticket
    merged(town, first, second)
    merged(town, second, third)
    assert lineage(first.id) == [first.id, second.id, third.id]
    assert len(bodies(again(third))) == 3
    for goes, stays in ((third, first), (third, second), (first, third), (third, third)):
        with pytest.raises(Refused):
            merged(town, goes, stays)
    with pytest.raises(Refused, match="later merge"):
        apart(town, first, second)


def test_nothing_is_done_on_a_merged_ticket_itself(two: tuple[Ticket, Ticket], town: Town) -> None:
    first, second = two
    merged(town, second, first)
    by = staff(town.aigul.id)
    for verb in (
        lambda one: actions.reply(one, "Жауап", by),
        lambda one: actions.note(one, "Жазба", by),
        lambda one: actions.assign(one, by.id, by),
        lambda one: actions.reopen(one, by),
    ):
        with pytest.raises(Refused), transaction():
            verb(session().get_one(Ticket, second.id))


def test_two_people_are_merged_only_when_both_were_named(town: Town, set_clock: SetClock) -> None:
    hers = filed(organization_id=town.school905.id, **GULNAR).ticket
    others = filed(organization_id=town.school905.id, **ELENA).ticket
    with pytest.raises(Refused) as refused:
        merged(town, others, hers)
    assert refused.value.field == "people"
    with pytest.raises(Conflict):
        merged(town, others, hers, (hers.contact_id, others.contact_id))
    merged(town, others, hers, (others.contact_id, hers.contact_id))
    assert again(others).merged_into_id == hers.id


def test_neither_of_two_people_ever_sees_a_word_of_the_other_or_a_note(town: Town, set_clock: SetClock) -> None:
    hers = filed(organization_id=town.school905.id, text="Гүлнардың сөзі", **GULNAR).ticket
    others = filed(organization_id=town.school905.id, text="Слова Елены", **ELENA).ticket
    merged(town, others, hers, (others.contact_id, hers.contact_id))
    by = staff(town.aigul.id)
    with transaction():
        one, other = session().get_one(Ticket, hers.id), session().get_one(Ticket, others.id)
        actions.note(one, "Екеуі туралы жазба", by)
        actions.reply(one, "Гүлнарға жауап", by)
        actions.reply(one, "Ответ Елене", by, to=other)
        accept(incoming(joins=others.id, text="Ещё слова Елены"), requester(others.contact_id))
    assert [one.body for one in public_messages(again(hers))] == ["Гүлнардың сөзі", "Гүлнарға жауап"]
    assert [one.body for one in public_messages(again(others))] == ["Слова Елены", "Ответ Елене", "Ещё слова Елены"]
    assert len(bodies(again(hers))) == 6


def test_of_one_person_both_pages_show_the_whole_conversation(two: tuple[Ticket, Ticket], town: Town) -> None:
    first, second = two
    merged(town, second, first)
    assert {one.id for one in public_messages(again(first))} == {one.id for one in public_messages(again(second))}
    assert len(public_messages(again(second))) == 2


def test_tickets_of_nobody_known_are_not_the_same_person(town: Town, set_clock: SetClock) -> None:
    one, other = (filed(organization_id=town.school905.id, text=f"Аты жоқ {n}").ticket for n in (1, 2))
    with pytest.raises(Refused):
        merged(town, one, other)
    merged(town, one, other, (None, None))
    assert [said.body for said in public_messages(again(one))] == ["Аты жоқ 1"]
    assert [said.body for said in public_messages(again(other))] == ["Аты жоқ 2"]


def test_what_few_may_read_is_not_merged_into_what_many_read(two: tuple[Ticket, Ticket], town: Town) -> None:
    first, second = two
    with transaction():
        session().get_one(Ticket, second.id).category_code = "C07"
    with pytest.raises(Refused, match="Few"), transaction():
        merging.merge(again(second), session().get_one(Ticket, first.id), staff(town.erlan.id))


def test_merging_shows_nothing_to_a_desk_that_could_not_read_it_before(town: Town, set_clock: SetClock) -> None:
    above = filed(desk_id=town.district.id, text="Мектебіме айтпаңыз", **GULNAR).ticket
    below = filed(organization_id=town.school905.id, **GULNAR).ticket
    with pytest.raises(Refused, match="desk"):
        merged(town, above, below)
    merged(town, below, above)
    assert again(below).merged_into_id == above.id


def test_a_ticket_that_waited_waits_again_when_they_are_taken_apart(
    two: tuple[Ticket, Ticket], town: Town, set_clock: SetClock
) -> None:
    first, second = two
    with transaction():
        actions.wait(session().get_one(Ticket, first.id), staff(town.aigul.id), "код")
    before = [clocks_of(again(one)) for one in two]
    merged(town, second, first)
    assert again(first).state is TicketState.OPEN
    set_clock.forward(minutes=5)
    apart(town, second, first)
    assert [clocks_of(again(one)) for one in two] == before
    assert [pause.ended_at for pause in session().scalars(select(TicketPause))] == [None]


def test_what_was_done_since_stays_when_they_are_taken_apart(
    two: tuple[Ticket, Ticket], town: Town, set_clock: SetClock
) -> None:
    first, second = two
    before = clocks_of(again(second))
    merged(town, second, first)
    set_clock.forward(minutes=10)
    with transaction():
        one = session().get_one(Ticket, first.id)
        actions.reply(one, "Жаңартылды", staff(town.aigul.id))
        actions.resolve(one, Resolution.SOLVED, staff(town.aigul.id))
    apart(town, second, first)
    first = again(first)
    assert (first.state, first.first_responded_at) == (TicketState.RESOLVED, set_clock.at)
    assert clocks_of(again(second)) == before
    assert bodies(first) == ["Құпиясөз жоқ", "Жаңартылды"]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_merged_and_taken_apart_every_word_is_read_once_and_all_comes_back(
    seed: int, town: Town, set_clock: SetClock
) -> None:
    dice = random.Random(seed)
    made = []
    for n in range(6):
        set_clock.forward(minutes=dice.randint(1, 50))
        whose = GULNAR if dice.random() < 0.7 else ELENA
        made.append(filed(organization_id=town.school905.id, text=f"Сөз {n}", **whose).ticket)
        with transaction():
            one = session().get_one(Ticket, made[-1].id)
            if dice.random() < 0.4:
                set_clock.forward(minutes=3)
                actions.reply(one, f"Жауап {n}", staff(town.aigul.id))
            if dice.random() < 0.3:
                actions.wait(one, staff(town.aigul.id))
    ids = [one.id for one in made]
    original = {one.id: clocks_of(again(one)) for one in made}
    total = len(session().scalars(select(Message.id)).all())
    done: list[tuple[Ticket, Ticket]] = []
    for _ in range(14):
        set_clock.forward(minutes=dice.randint(1, 20))
        if done and dice.random() < 0.35:
            _undone(town, done, dice.choice(done))
        else:
            goes, stays = dice.sample(made, 2)
            try:
                merged(town, goes, stays, (goes.contact_id, stays.contact_id))
                done.append((goes, stays))
            except Refused:
                pass
        session().expire_all()
        roots = [one for one in session().scalars(select(Ticket)) if one.merged_into_id is None]
        assert roots, "something is left to work on"
        assert all(lineage(id_)[-1] in {one.id for one in roots} for id_ in ids), "every chain ends"
        read = [entry.message.id for one in roots for entry in timeline(one, merged=merged_ids(one)) if entry.message]
        assert len(read) == len(set(read)) == total
    for pair in dice.sample(done, len(done)) * 6:
        if pair in done:
            _undone(town, done, pair)
    assert not done
    now = {id_: clocks_of(session().get_one(Ticket, id_)) for id_ in ids}
    for id_, clocks in now.items():
        # a pause that ended for a merge is not begun again while another merge goes on
        if original[id_].paused_at == clocks.paused_at:
            assert clocks == original[id_]


def _undone(town: Town, done: list[tuple[Ticket, Ticket]], pair: tuple[Ticket, Ticket]) -> None:
    try:
        apart(town, *pair)
        done.remove(pair)
    except Refused:
        pass
    session().expire_all()


def test_two_people_who_merge_at_once_make_one_merge(app: Flask, two: tuple[Ticket, Ticket], town: Town) -> None:
    first, second = (one.number for one in two)
    aigul, refusals, start = who(town), [], threading.Barrier(2)
    db.session.remove()

    def go(number: str, other: str) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    goes, stays = ties.pair(aigul, number, other)
                    merging.merge(goes, stays, staff(aigul.id))
            except Refused as refused:
                refusals.append(refused)
            finally:
                db.session.remove()

    both = [threading.Thread(target=go, args=pair) for pair in ((first, second), (second, first))]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert len(refusals) == 1
    assert [one.merged_into_id is None for one in session().scalars(select(Ticket))].count(True) == 1


def test_messages_of_every_kind_stay_where_they_were_said(two: tuple[Ticket, Ticket], town: Town) -> None:
    first, second = two
    merged(town, second, first)
    apart(town, second, first)
    found = session().scalars(select(Message).order_by(Message.id)).all()
    assert [(one.ticket_id, one.kind) for one in found] == [
        (first.id, MessageKind.PUBLIC),
        (second.id, MessageKind.PUBLIC),
    ]
    assert again(second).first_response_due_at == second.created_at + timedelta(hours=4)
