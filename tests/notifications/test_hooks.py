"""Webhooks: what is told to whom, once, and what becomes of it. The receiver is a real HTTP server."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import Asker, asker
from helpdesk.jobs.hooks import send_hooks
from helpdesk.kernel import failpoints
from helpdesk.kernel import settings as settings_
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.notifications import hook_post, hook_sending, hooks
from helpdesk.notifications.hook_models import Hook, HookDelivery
from helpdesk.notifications.hook_rules import EVENTS, DeliveryState, headers
from helpdesk.notifications.hooks import Wanted
from helpdesk.organizations.models import Organization
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Resolution
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.notifications.receiver import Receiver, receiver
from tests.people import Town

RunJobs = Callable[[], None]


@pytest.fixture
def portal(app: Flask) -> Iterator[Receiver]:
    """Another system on this machine, which this house may reach."""
    before = settings_.current()
    settings_.install(before.model_copy(update={"webhooks_inside": True}))
    try:
        with receiver() as listening:
            yield listening
    finally:
        settings_.install(before)


@pytest.fixture
def admin(town: Town) -> Asker:
    found = asker(town.admin.id)
    assert found is not None
    return found


def subscribed(admin: Asker, address: str, place: Organization, events: Any = EVENTS) -> tuple[int, str]:
    with transaction():
        made, secret = hooks.add(admin, Wanted(address, place.id, [str(one) for one in events]))
    return made.id, secret


def deliveries() -> list[HookDelivery]:
    session().expire_all()
    return list(session().scalars(select(HookDelivery).order_by(HookDelivery.id)))


def test_what_happens_is_told_signed_and_without_a_word_about_people(
    portal: Receiver, admin: Asker, town: Town, run_jobs: RunJobs, set_clock: SetClock
) -> None:
    _, secret = subscribed(admin, portal.address, town.district)
    ticket = filed(organization_id=town.school905.id, name="Жанар Құпия", phones=("+77090000905",)).ticket
    run_jobs()
    [(sent, body)] = portal.got
    told = json.loads(body)
    assert told == {
        "type": "ticket.created",
        "timestamp": told["timestamp"],
        "data": {
            "ticket": ticket.number,
            "state": "new",
            "queue": "technical",
            "priority": ticket.priority.value,
            "desk_id": town.school905.id,
            "organization_id": town.school905.id,
            "version": 1,
        },
    }
    assert {name: sent[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")} == headers(
        f"msg_1450_{deliveries()[0].id}", set_clock(), body, secret
    )
    assert (deliveries()[0].state, deliveries()[0].status) == (DeliveryState.DELIVERED, 204)


def test_the_life_of_a_ticket_is_told_in_its_order(
    portal: Receiver, admin: Asker, town: Town, run_jobs: RunJobs, set_clock: SetClock
) -> None:
    subscribed(admin, portal.address, town.city)
    ticket, by = filed(organization_id=town.school905.id).ticket, staff(town.aigul.id)
    for verb in (
        lambda one: actions.reply(one, "Жауап", by),
        lambda one: actions.note(one, "ескертпе", by),
        lambda one: actions.wait(one, by),
        lambda one: actions.resolve(one, Resolution.SOLVED, by),
        lambda one: actions.reopen(one, by),
    ):
        set_clock.forward(minutes=1)
        with transaction():
            verb(session().get_one(Ticket, ticket.id))
        run_jobs()
    told = [json.loads(body)["type"] for _, body in portal.got]
    assert told == ["ticket.created", "message.added", "ticket.waiting", "ticket.resolved", "ticket.reopened"]


def test_only_those_hear_who_asked_and_whose_part_it_is(
    portal: Receiver, admin: Asker, town: Town, run_jobs: RunJobs
) -> None:
    here, _ = subscribed(admin, portal.address, town.district, ["ticket.created"])
    there, _ = subscribed(admin, portal.address, town.other_district)
    other, _ = subscribed(admin, portal.address, town.city, ["ticket.resolved"])
    off, _ = subscribed(admin, portal.address, town.city)
    with transaction():
        hooks.switch(admin, off, False)
    filed(organization_id=town.school905.id)
    run_jobs()
    assert [one.hook_id for one in deliveries()] == [here]
    assert {there, other, off}.isdisjoint({one.hook_id for one in deliveries()})


def test_nothing_is_told_of_restricted_tickets(portal: Receiver, admin: Asker, town: Town, run_jobs: RunJobs) -> None:
    subscribed(admin, portal.address, town.city)
    ticket = filed(organization_id=town.school905.id).ticket
    with transaction():
        session().get_one(Ticket, ticket.id).category_code = "T44"
    run_jobs()
    assert portal.got == []


def test_a_reaction_that_runs_twice_tells_once(portal: Receiver, admin: Asker, town: Town) -> None:
    subscribed(admin, portal.address, town.city)
    filed(organization_id=town.school905.id)
    entries = session().scalars(select(JournalEntry)).all()
    for _ in range(2):
        with transaction():
            hooks.tell(entries)
    assert len(deliveries()) == 1


def test_where_nobody_listens_one_statement_is_asked(app: Flask, town: Town) -> None:
    filed(organization_id=town.school905.id)
    entries = session().scalars(select(JournalEntry)).all()
    with transaction(), counted_statements() as seen:
        hooks.tell(entries)
    assert len(seen) == 1


def test_a_failure_is_tried_again_under_the_same_id_until_it_is_taken(
    portal: Receiver, admin: Asker, town: Town, run_jobs: RunJobs, set_clock: SetClock
) -> None:
    hook_id, _ = subscribed(admin, portal.address, town.city)
    portal.statuses = [500, 302, 200]
    filed(organization_id=town.school905.id)
    run_jobs()
    assert session().get_one(Hook, hook_id).last_error == "HTTP 500"
    for _ in range(2):
        set_clock.forward(minutes=1)
        run_jobs()
    assert len({sent["webhook-id"] for sent, _ in portal.got}) == 1
    assert len({sent["webhook-timestamp"] for sent, _ in portal.got}) == 3
    assert (deliveries()[0].state, deliveries()[0].attempts) == (DeliveryState.DELIVERED, 3)


def test_who_does_not_answer_for_a_day_is_given_up_and_may_be_tried_again_by_hand(
    portal: Receiver, admin: Asker, town: Town, run_jobs: RunJobs, set_clock: SetClock
) -> None:
    hook_id, _ = subscribed(admin, portal.address, town.city, ["ticket.created"])
    portal.statuses = [503]
    filed(organization_id=town.school905.id)
    for _ in range(12):
        run_jobs()
        set_clock.forward(hours=3)
    [given_up] = deliveries()
    assert (given_up.state, given_up.status) == (DeliveryState.FAILED, 503)
    portal.statuses = [200]
    with transaction():
        hooks.redeliver(admin, hook_id, given_up.id)
    run_jobs()
    assert deliveries()[0].state is DeliveryState.DELIVERED
    assert len({sent["webhook-id"] for sent, _ in portal.got}) == 1


def test_who_says_gone_is_switched_off(portal: Receiver, admin: Asker, town: Town, run_jobs: RunJobs) -> None:
    hook_id, _ = subscribed(admin, portal.address, town.city)
    portal.statuses = [410]
    filed(organization_id=town.school905.id)
    run_jobs()
    session().expire_all()
    assert session().get_one(Hook, hook_id).active is False
    assert deliveries()[0].state is DeliveryState.FAILED


def test_one_that_cannot_be_reached_is_asked_once_for_all_that_waits(
    portal: Receiver, admin: Asker, town: Town, run_jobs: RunJobs
) -> None:
    dead, _ = subscribed(admin, "http://127.0.0.1:9/", town.city, ["ticket.created"])
    subscribed(admin, portal.address, town.city, ["ticket.created"])
    for _ in range(3):
        filed(organization_id=town.school905.id)
    run_jobs()
    assert len(portal.got) == 3
    waiting = [one for one in deliveries() if one.hook_id == dead]
    assert [one.state for one in waiting] == [DeliveryState.PENDING] * 3
    assert sum(one.attempts for one in waiting) == 1


def test_a_sender_that_dies_after_sending_is_followed_by_another_with_the_same_id(
    portal: Receiver, admin: Asker, town: Town, run_jobs: RunJobs, set_clock: SetClock
) -> None:
    subscribed(admin, portal.address, town.city)
    filed(organization_id=town.school905.id)

    class Killed(Exception):
        pass

    def crash() -> None:
        raise Killed

    with failpoints.armed("webhook.left", crash):
        run_jobs()
    assert deliveries()[0].state is DeliveryState.SENDING
    send_hooks([deliveries()[0].id])
    assert len(portal.got) == 1
    set_clock.forward(minutes=3)
    run_jobs()
    assert len(portal.got) == 2
    assert len({sent["webhook-id"] for sent, _ in portal.got}) == 1
    assert deliveries()[0].state is DeliveryState.DELIVERED


def test_a_name_that_leads_into_our_network_is_not_asked(portal: Receiver, app: Flask) -> None:
    # written down while it was allowed, or a name whose address was changed since
    for address in (portal.address, f"https://127.0.0.1:{portal.port}/"):
        outcome = hook_post.post(hook_sending.Parcel(1, 1, "msg_1450_1", address, "whsec_AAAA", b"{}"), inside=False)
        assert (outcome.status, outcome.error) == (None, "address not allowed")
    with pytest.raises(hook_post.NotAllowed):
        hook_post._look_up("localhost", 443, inside=False)
    assert portal.got == []


def test_an_administrator_of_another_part_knows_nothing_of_it(portal: Receiver, admin: Asker, town: Town) -> None:
    hook_id, _ = subscribed(admin, portal.address, town.city)
    stranger = asker(town.erlan.id)
    assert stranger is not None
    with transaction(), pytest.raises(NotFound):
        hooks.test(stranger, hook_id)
    assert session().scalar(select(func.count()).select_from(HookDelivery)) == 0
