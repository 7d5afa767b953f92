"""What open pages hear, and what they do not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.audit.journal import CHANNEL
from helpdesk.kernel.db import db, session, transaction
from helpdesk.kernel.redis import Line
from helpdesk.launcher.servers import Valkey
from helpdesk.routing.rules import Queue
from helpdesk.telephony import actions as calls
from helpdesk.telephony import line, queries
from helpdesk.telephony.queries import LineNow
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.web import hub as hubs
from helpdesk.web.hub import Hub, stream
from helpdesk.web.listeners import MANY, SPREAD_MS, Listener
from tests.conftest import TestServers
from tests.factories import filed
from tests.people import SignIn, Town

NOBODY_LISTENS = "redis://127.0.0.1:1/0"
PLACES = 5
SINCE = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@dataclass
class Counted:
    """Callers who wait, by desk, and how often anybody asked."""

    line: dict[int, LineNow] = field(default_factory=dict)
    asked: int = 0

    def __call__(self) -> dict[int, LineNow]:
        self.asked += 1
        return self.line


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def hub(servers: TestServers, counted: Counted) -> Hub:
    """A hub of its own on the real Valkey, with five places."""
    return Hub(Line(servers.redis_url), counted, PLACES)


def fact(kind: str, desk_id: int | None = 1, ticket_id: int | None = None, **details: Any) -> dict[str, Any]:
    """A fact as it is told after a commit."""
    ids = {"ticket_id": ticket_id, "call_id": None, "callback_id": None, "desk_id": desk_id}
    return {"kind": kind, **ids, "details": details}


def told(listener: Listener) -> list[dict[str, Any]]:
    """The frames that wait for a page."""
    texts = []
    while not listener.waiting.empty():
        texts.append(listener.waiting.get_nowait() or "")
    return list(frames(iter(texts)))


def frames(stream: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The frames of a stream as dictionaries; comments are left out."""
    for text in stream:
        fields = dict(line.partition(": ")[::2] for line in text.splitlines() if line and not line.startswith(":"))
        if fields:
            yield fields | {"data": json.loads(fields["data"])}


def heard_by(browser: FlaskClient, query: str = "") -> Iterator[dict[str, Any]]:
    """What a signed-in browser reads from /events."""
    answer = browser.get("/events" + query, buffered=False)
    assert answer.status_code == 200
    assert answer.mimetype == "text/event-stream"
    return frames(part.decode() for part in answer.response)


def test_a_page_hears_of_a_ticket_of_its_desk_and_of_no_other(town: Town, sign_in: SignIn) -> None:
    heard = heard_by(sign_in(town.aigul))
    assert next(heard)["event"] == "ready"
    filed(organization_id=town.school911.id)
    mine = filed(organization_id=town.school905.id).ticket
    frame = next(heard)
    assert frame["event"] == "desks"
    assert frame["data"]["tickets"] == [mine.id]


def test_the_page_of_a_ticket_hears_at_once_what_happens_to_it(town: Town, sign_in: SignIn) -> None:
    ticket = filed(organization_id=town.school905.id, name="Гүлнар Ахметова", phones=("+77090000001",)).ticket
    heard = heard_by(sign_in(town.aigul), f"?ticket={ticket.id}")
    next(heard)
    with transaction():
        actions.assign(session().get_one(Ticket, ticket.id), town.svetlana.id, staff(town.aigul.id))
    assert next(heard)["data"] == {
        "kind": "ticket.assigned",
        "ticket_id": ticket.id,
        "desk_id": town.school905.id,
        "staff_id": town.svetlana.id,
    }, "the kind and ids, and nothing else"


def test_asking_for_another_desks_ticket_opens_nothing(town: Town, sign_in: SignIn) -> None:
    foreign = filed(organization_id=town.school911.id).ticket
    heard = heard_by(sign_in(town.aigul), f"?ticket={foreign.id}")
    next(heard)
    with transaction():
        actions.assign(session().get_one(Ticket, foreign.id), town.bekzat.id, staff(town.bekzat.id))
        journal.note("call.offered", by=SYSTEM, call_id=8, staff_id=town.aigul.id)
    assert next(heard)["data"]["call_id"] == 8


def test_what_is_addressed_to_somebody_reaches_that_person_whatever_the_desk(town: Town, sign_in: SignIn) -> None:
    to_bekzat, to_aigul = heard_by(sign_in(town.bekzat)), heard_by(sign_in(town.aigul))
    next(to_bekzat)
    next(to_aigul)
    with transaction():
        journal.note("call.offered", by=SYSTEM, call_id=7, staff_id=town.bekzat.id)
        journal.note("call.offered", by=SYSTEM, call_id=8, to_staff_id=town.aigul.id)
    assert next(to_bekzat)["data"]["call_id"] == 7
    assert next(to_aigul)["data"]["call_id"] == 8


def test_the_line_that_a_page_is_told_of_is_that_of_its_desks(town: Town, sign_in: SignIn) -> None:
    heard = heard_by(sign_in(town.aigul))
    next(heard)
    for serial, desk in enumerate((town.school905, town.school905, town.school911)):
        with transaction():
            call = calls.begin(f"CA{serial:032d}", f"+7709000{serial:04d}", "1450", desk.id, None, "kk")
            line.join(call, Queue.TECHNICAL, "kk", SYSTEM)
    said = next(heard)["data"]["line"]
    while said["waiting"] != 2:
        said = next(heard)["data"]["line"]
    assert said["since"] == int(queries.line_by_desk()[town.school905.id].oldest.timestamp())


def test_other_peoples_calls_wake_no_console_but_move_its_line_once_a_pulse(hub: Hub, counted: Counted) -> None:
    consoles = [Listener(number, frozenset({1, 2})) for number in range(3)]
    assert all(hub.join(one) for one in consoles)
    counted.line = {1: LineNow(2, SINCE), 2: LineNow(1, SINCE + timedelta(seconds=9)), 7: LineNow(5, SINCE)}
    hub.tell([fact("call.queued"), fact("call.offered", staff_id=1), fact("presence.changed", None, staff_id=77)])
    assert [len(told(one)) for one in consoles] == [0, 1, 0], "only the operator to whom the call is offered"
    hub.pulse()
    assert counted.asked == 1, "once for everybody"
    for one in consoles:
        (frame,) = told(one)
        assert frame["data"] == {"line": {"waiting": 3, "since": int(SINCE.timestamp())}, "spread": 3 * SPREAD_MS}
    hub.tell([fact("call.queued")])
    hub.pulse()
    assert [told(one) for one in consoles] == [[], [], []], "a line as long as before is no news"


def test_a_page_that_comes_later_is_told_of_a_line_that_the_others_know(hub: Hub, counted: Counted) -> None:
    early, late = Listener(1, frozenset({1})), Listener(2, frozenset({1}))
    counted.line = {1: LineNow(1, SINCE)}
    hub.join(early)
    hub.tell([fact("call.queued")])
    hub.pulse()
    assert len(told(early)) == 1
    hub.join(late)
    hub.tell([fact("call.ended")])
    hub.pulse()
    assert told(late)[0]["data"]["line"]["waiting"] == 1


def test_a_house_that_cannot_count_the_line_still_tells_the_rest(hub: Hub) -> None:
    def away() -> dict[int, LineNow]:
        raise OSError("the database is away")

    hub._line_of_desks = away
    page = Listener(1, frozenset({1}))
    hub.join(page)
    hub.tell([fact("call.queued"), fact("ticket.opened", ticket_id=5)])
    hub.pulse()
    assert [frame["data"] for frame in told(page)] == [{"tickets": [5], "spread": SPREAD_MS}]


def test_a_wallboard_hears_that_calls_and_operators_moved_and_a_console_does_not(hub: Hub) -> None:
    wallboard, console = Listener(1, frozenset({1}), follows_calls=True), Listener(2, frozenset({1}))
    hub.join(wallboard)
    hub.join(console)
    hub.tell([fact("presence.changed", None, staff_id=77), fact("call.answered", 9, staff_id=78)])
    hub.pulse()
    assert [frame["data"] for frame in told(wallboard)] == [{"calls": True, "spread": SPREAD_MS}]
    assert told(console) == []


@pytest.mark.parametrize("kind", ["queue.closed", "alarm.raised", "callback.requested"])
def test_a_wallboard_hears_what_else_it_shows(hub: Hub, kind: str) -> None:
    wallboard = Listener(1, frozenset({1}), follows_calls=True)
    hub.join(wallboard)
    hub.tell([fact(kind), fact(kind, 9)])
    hub.pulse()
    assert [frame["data"]["calls"] for frame in told(wallboard)] == [True]


def test_many_changes_of_a_ticket_within_a_pulse_are_one_and_too_many_tickets_are_not_named(hub: Hub) -> None:
    page = Listener(1, frozenset({1}))
    hub.join(page)
    hub.tell([fact("ticket.opened", ticket_id=5), fact("ticket.heard", ticket_id=5), fact("ticket.heard", ticket_id=6)])
    hub.pulse()
    assert [frame["data"]["tickets"] for frame in told(page)] == [[5, 6]]
    hub.tell([fact("ticket.breached", ticket_id=number) for number in range(MANY + 1)])
    hub.pulse()
    assert [frame["data"]["tickets"] for frame in told(page)] == [None]
    hub.pulse()
    assert told(page) == []


def test_a_look_at_a_restricted_ticket_is_told_to_nobody(town: Town, sign_in: SignIn) -> None:
    ticket = filed(organization_id=town.school905.id, category_code="C07").ticket
    heard = heard_by(sign_in(town.erlan), f"?ticket={ticket.id}")
    next(heard)
    assert sign_in(town.erlan).get(f"/tickets/{ticket.number}").status_code == 200
    after = filed(organization_id=town.school905.id).ticket
    assert next(heard)["data"]["tickets"] == [after.id]


def test_an_open_stream_keeps_no_connection_to_the_database(town: Town, sign_in: SignIn) -> None:
    browser = sign_in(town.aigul)
    db.session.remove()
    before = db.engine.pool.checkedout()  # type: ignore[attr-defined]
    heard = heard_by(browser)
    next(heard)
    assert db.engine.pool.checkedout() == before  # type: ignore[attr-defined]


def test_a_silent_stream_says_that_it_is_still_there(hub: Hub) -> None:
    page = stream(hub, Listener(1, frozenset()), heartbeat=0.01)
    assert next(page).startswith("retry: ")
    assert next(page) == ": still here\n\n"


def test_pages_that_lost_their_server_do_not_all_come_again_at_once(hub: Hub) -> None:
    first = [next(frames(stream(hub, Listener(number, frozenset())))) for number in range(PLACES)]
    pauses = {int(frame["retry"]) for frame in first}
    assert len(pauses) > 1
    assert all(hubs.RETRY_MS * 0.7 <= pause <= hubs.RETRY_MS * 1.3 for pause in pauses)


def test_with_redis_away_the_stream_says_so_and_ends(app: Flask, town: Town, sign_in: SignIn) -> None:
    before = app.extensions["events"]
    app.extensions["events"] = Hub(Line(NOBODY_LISTENS), dict, PLACES)
    try:
        said = list(heard_by(sign_in(town.aigul)))
    finally:
        app.extensions["events"] = before
    (frame,) = said
    assert frame["event"] == "away"
    assert int(frame["retry"]) >= hubs.RETRY_AWAY_MS * 0.7


def test_when_redis_goes_away_every_open_stream_ends_and_a_later_one_works_again(tmp_path: Path) -> None:
    valkey = Valkey(tmp_path / "valkey")
    valkey.start()
    hub = Hub(Line(valkey.url), dict, PLACES)
    streams = [frames(stream(hub, Listener(number, frozenset({1})))) for number in range(3)]
    assert [next(one)["event"] for one in streams] == ["ready"] * 3
    valkey.stop()
    assert [[frame["event"] for frame in one] for one in streams] == [["away"]] * 3
    valkey.start()
    listener = Listener(9, frozenset({1}))
    line = Line(valkey.url)
    again = frames(stream(hub, listener))
    assert next(again)["event"] == "ready"
    assert line.publish(CHANNEL, json.dumps([fact("ticket.opened", ticket_id=5)]))
    assert next(again)["data"]["tickets"] == [5]
    valkey.stop()


def test_a_page_that_does_not_keep_up_is_told_to_ask_by_itself(hub: Hub) -> None:
    slow, quick = Listener(1, frozenset({1})), Listener(2, frozenset({1}))
    assert hub.join(slow)
    assert hub.join(quick)
    for number in range(hubs.QUEUE_LENGTH + 1):
        hub.tell([fact("ticket.opened", ticket_id=number)])
        hub.pulse()
        quick.waiting.get_nowait()
    held = [slow.waiting.get_nowait() for _ in range(hubs.QUEUE_LENGTH + 1)]
    assert held[-1] is None
    hub.tell([fact("ticket.opened", ticket_id=5)])
    hub.pulse()
    assert slow.waiting.empty()
    assert quick.waiting.qsize() == 1


def test_a_process_with_all_places_taken_sends_the_next_page_polling(hub: Hub) -> None:
    listeners = [Listener(number, frozenset()) for number in range(PLACES)]
    assert all(hub.join(one) for one in listeners)
    last = stream(hub, Listener(0, frozenset()))
    assert "event: away" in next(last)
    hub.leave(listeners[0])
    assert "event: ready" in next(stream(hub, Listener(0, frozenset())))


def test_a_closed_page_gives_its_place_free(hub: Hub) -> None:
    page = stream(hub, Listener(1, frozenset()))
    next(page)
    page.close()  # type: ignore[attr-defined]
    assert all(hub.join(Listener(number, frozenset())) for number in range(PLACES))


def test_an_announcement_that_cannot_be_read_stops_nothing(hub: Hub, servers: TestServers) -> None:
    page = frames(stream(hub, Listener(1, frozenset({1}))))
    next(page)
    line = Line(servers.redis_url)
    line.publish(CHANNEL, "no JSON at all")
    line.publish(CHANNEL, json.dumps([{"no": "kind"}]))
    line.publish(CHANNEL, json.dumps([fact("ticket.heard", ticket_id=6)]))
    assert next(page)["data"]["tickets"] == [6]
