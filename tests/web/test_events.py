"""What open pages hear, and what they do not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.kernel.db import db, session, transaction
from helpdesk.kernel.redis import Line
from helpdesk.launcher.servers import Valkey
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.web import events
from helpdesk.web.events import Hub, Listener
from tests.conftest import TestServers
from tests.factories import filed
from tests.people import SignIn, Town

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def hub(servers: TestServers) -> Hub:
    """A hub of its own on the real Valkey."""
    return Hub(Line(servers.redis_url))


def frames(stream: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The frames of a stream as dictionaries; comments are left out."""
    for text in stream:
        fields = dict(line.partition(": ")[::2] for line in text.splitlines() if line and not line.startswith(":"))
        if fields:
            yield fields | {"data": json.loads(fields["data"])}


def heard_by(browser: FlaskClient) -> Iterator[dict[str, Any]]:
    """What a signed-in browser reads from /events."""
    answer = browser.get("/events", buffered=False)
    assert answer.status_code == 200
    assert answer.mimetype == "text/event-stream"
    return frames(part.decode() for part in answer.response)


def test_a_page_hears_of_a_ticket_of_its_desk_and_of_no_other(town: Town, sign_in: SignIn) -> None:
    heard = heard_by(sign_in(town.aigul))
    assert next(heard)["event"] == "ready"
    filed(organization_id=town.school911.id)
    mine = filed(organization_id=town.school905.id).ticket
    frame = next(heard)
    assert frame["data"]["kind"] == "ticket.opened"
    assert frame["data"]["ticket_id"] == mine.id
    assert frame["data"]["desk_id"] == town.school905.id
    assert frame["id"] == "1"


def test_an_event_carries_the_kind_and_ids_and_nothing_else(town: Town, sign_in: SignIn) -> None:
    heard = heard_by(sign_in(town.aigul))
    next(heard)
    ticket = filed(organization_id=town.school905.id, name="Гүлнар Ахметова", phones=("+77090000001",)).ticket
    next(heard)
    with transaction():
        actions.assign(session().get_one(Ticket, ticket.id), town.svetlana.id, staff(town.aigul.id))
    assert next(heard)["data"] == {
        "kind": "ticket.assigned",
        "ticket_id": ticket.id,
        "desk_id": town.school905.id,
        "staff_id": town.svetlana.id,
    }


def test_what_is_addressed_to_somebody_reaches_that_person_whatever_the_desk(town: Town, sign_in: SignIn) -> None:
    to_bekzat, to_aigul = heard_by(sign_in(town.bekzat)), heard_by(sign_in(town.aigul))
    next(to_bekzat)
    next(to_aigul)
    with transaction():
        journal.note("call.offered", by=SYSTEM, call_id=7, staff_id=town.bekzat.id)
        journal.note("call.offered", by=SYSTEM, call_id=8, staff_id=town.aigul.id)
    assert next(to_bekzat)["data"]["call_id"] == 7
    assert next(to_aigul)["data"]["call_id"] == 8


def test_a_look_at_a_restricted_ticket_is_told_to_nobody(town: Town, sign_in: SignIn) -> None:
    ticket = filed(organization_id=town.school905.id, category_code="C07").ticket
    heard = heard_by(sign_in(town.erlan))
    next(heard)
    assert sign_in(town.erlan).get(f"/tickets/{ticket.number}").status_code == 200
    after = filed(organization_id=town.school905.id).ticket
    told = []
    while not told or told[-1]["ticket_id"] != after.id:
        told.append(next(heard)["data"])
    assert "ticket.viewed" not in {fact["kind"] for fact in told}


def test_an_open_stream_keeps_no_connection_to_the_database(town: Town, sign_in: SignIn) -> None:
    browser = sign_in(town.aigul)
    db.session.remove()
    before = db.engine.pool.checkedout()  # type: ignore[attr-defined]
    heard = heard_by(browser)
    next(heard)
    assert db.engine.pool.checkedout() == before  # type: ignore[attr-defined]


def test_a_silent_stream_says_that_it_is_still_there(hub: Hub) -> None:
    stream = events.stream(hub, Listener(1, frozenset()), heartbeat=0.01)
    assert next(stream).startswith("retry: 3000\n")
    assert next(stream) == ": still here\n\n"


def test_with_redis_away_the_stream_says_so_and_ends(app: Flask, town: Town, sign_in: SignIn) -> None:
    before = app.extensions["events"]
    app.extensions["events"] = Hub(Line(NOBODY_LISTENS))
    try:
        told = list(heard_by(sign_in(town.aigul)))
    finally:
        app.extensions["events"] = before
    assert [(one["event"], one["retry"]) for one in told] == [("away", "15000")]


def test_when_redis_goes_away_every_open_stream_ends_and_a_later_one_works_again(tmp_path: Path) -> None:
    valkey = Valkey(tmp_path / "valkey")
    valkey.start()
    hub = Hub(Line(valkey.url))
    streams = [frames(events.stream(hub, Listener(number, frozenset({1})))) for number in range(3)]
    assert [next(one)["event"] for one in streams] == ["ready"] * 3
    valkey.stop()
    assert [[frame["event"] for frame in one] for one in streams] == [["away"]] * 3
    valkey.start()
    listener = Listener(9, frozenset({1}))
    line = Line(valkey.url)
    again = frames(events.stream(hub, listener))
    assert next(again)["event"] == "ready"
    fact = {"kind": "ticket.opened", "ticket_id": 5, "call_id": None, "callback_id": None, "desk_id": 1, "details": {}}
    assert line.publish(events.CHANNEL, json.dumps([fact]))
    assert next(again)["data"]["ticket_id"] == 5
    valkey.stop()


def test_a_page_that_does_not_keep_up_is_told_to_ask_by_itself(hub: Hub) -> None:
    slow, quick = Listener(1, frozenset({1})), Listener(2, frozenset({1}))
    assert hub.join(slow)
    assert hub.join(quick)
    fact = {"kind": "ticket.opened", "ticket_id": 5, "call_id": None, "callback_id": None, "desk_id": 1, "details": {}}
    for _ in range(events.QUEUE_LENGTH + 1):
        hub.tell([fact])
        quick.waiting.get_nowait()
    assert slow.waiting.qsize() == events.QUEUE_LENGTH
    held = [slow.waiting.get_nowait() for _ in range(events.QUEUE_LENGTH)]
    assert held[-1] is None
    hub.tell([fact])
    assert slow.waiting.empty()
    assert quick.waiting.qsize() == 1


def test_a_process_with_all_places_taken_sends_the_next_page_polling(hub: Hub) -> None:
    listeners = [Listener(number, frozenset()) for number in range(events.STREAMS)]
    assert all(hub.join(one) for one in listeners)
    last = events.stream(hub, Listener(0, frozenset()))
    assert "event: away" in next(last)
    hub.leave(listeners[0])
    assert "event: ready" in next(events.stream(hub, Listener(0, frozenset())))


def test_a_closed_page_gives_its_place_free(hub: Hub) -> None:
    stream = events.stream(hub, Listener(1, frozenset()))
    next(stream)
    stream.close()
    assert all(hub.join(Listener(number, frozenset())) for number in range(events.STREAMS))


def test_an_announcement_that_cannot_be_read_stops_nothing(hub: Hub, servers: TestServers) -> None:
    stream = frames(events.stream(hub, Listener(1, frozenset({1}))))
    next(stream)
    line = Line(servers.redis_url)
    line.publish(events.CHANNEL, "no JSON at all")
    line.publish(events.CHANNEL, json.dumps([{"no": "kind"}]))
    fact = {"kind": "ticket.heard", "ticket_id": 6, "call_id": None, "callback_id": None, "desk_id": 1, "details": {}}
    line.publish(events.CHANNEL, json.dumps([fact]))
    assert next(stream)["data"] == {"kind": "ticket.heard", "ticket_id": 6, "desk_id": 1}
