"""The wallboard: what it shows, what may be done from it, and by whom."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.audit.models import JournalEntry
from helpdesk.kernel.db import session
from helpdesk.routing.rules import Queue
from helpdesk.telephony import queues
from helpdesk.telephony.conversation_models import QueueClosure, Supervision
from helpdesk.telephony.models import Call, Presence, QueueEntry
from helpdesk.telephony.rules import FRONT, CallState, Outcome, PresenceState
from helpdesk.tickets.models import Ticket
from tests.conftest import counted_statements
from tests.hotline import Hotline
from tests.people import ELENA_PHONE, GULNAR_PHONE, SignIn, Town

FETCH = {"X-Requested-With": "fetch"}
SCHOOL = "+77272000905"
OTHER_SCHOOL = "+77272000911"


@pytest.fixture
def erlan(town: Town, sign_in: SignIn) -> FlaskClient:
    """The district supervisor's browser."""
    return sign_in(town.erlan)


def talking(hotline: Hotline, town: Town) -> Call:
    """Гүлнар talks to Айгүл about school 905."""
    hotline.staffed(town.aigul)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", to=SCHOOL, talk=None, patience=9000)
    hotline.until(lambda: caller.in_conversation)
    return session().scalars(select(Call).where(Call.from_number == GULNAR_PHONE)).one()


def waiting(hotline: Hotline, number: str = ELENA_PHONE, to: str = SCHOOL) -> Call:
    """Somebody waits, in Russian."""
    caller = hotline.dial(number, "2", "1", "1", to=to, patience=9000)
    hotline.until(lambda: caller.queue_name is not None)
    return session().scalars(select(Call).where(Call.from_number == number)).one()


def again(call: Call) -> Call:
    Hotline.look_again()
    return session().get_one(Call, call.id)


def row(page: str, id_: str) -> str:
    """The words of one row of the page."""
    found = re.search(rf'<(li|tr)[^>]* id="{id_}">(.*?)</\1>', page, re.S)
    assert found is not None, id_
    return " ".join(re.sub(r"<[^>]+>", " ", found[2]).split())


def test_it_shows_who_waits_who_talks_and_where_operators_are(hotline: Hotline, town: Town, erlan: FlaskClient) -> None:
    talk, wait = talking(hotline, town), waiting(hotline)
    hotline.run(70)
    page = erlan.get("/wallboard").text
    talks = row(page, f"call-{talk.id}")
    assert "Айгүл Қасымова" in talks
    assert "kk" in talks
    waits = row(page, f"call-{wait.id}")
    assert re.search(r"ждёт 01:\d\d", waits), waits
    assert "ru" in waits
    assert "разговаривает" in row(page, f"operator-{town.aigul.id}")
    line = row(page, f"line-{town.school905.id}-technical")
    assert re.match(r"Школа № 905 техническая 1 01:\d\d", line), line
    assert GULNAR_PHONE not in page
    assert "000-00-01" not in page


def test_it_takes_at_most_ten_statements_however_much_happens(hotline: Hotline, town: Town, erlan: FlaskClient) -> None:
    talking(hotline, town)
    for last in range(10, 16):
        waiting(hotline, f"+770900000{last}")
    for path in ("/wallboard", "/wallboard/wall"):
        erlan.get(path)
        with counted_statements() as seen:
            assert erlan.get(path).status_code == 200
        assert len(seen) <= 10, path


def test_only_those_who_answer_for_desks_see_it_and_only_their_part(
    hotline: Hotline, town: Town, sign_in: SignIn, erlan: FlaskClient
) -> None:
    mine, theirs = waiting(hotline), waiting(hotline, "+77090000088", OTHER_SCHOOL)
    page = erlan.get("/wallboard").text
    assert f'id="call-{mine.id}"' in page
    assert f'id="call-{theirs.id}"' not in page
    assert erlan.get(f"/wallboard?place={town.school911.id}").status_code == 404
    for path in ("/wallboard", "/wallboard/wall"):
        assert sign_in(town.aigul).get(path).status_code == 403


def test_the_wall_names_nobody(hotline: Hotline, town: Town, erlan: FlaskClient) -> None:
    talking(hotline, town)
    waiting(hotline)
    page = erlan.get("/wallboard/wall").text
    for name in (town.aigul.name, town.erlan.name, "Гүлнар", "Елена"):
        assert name not in page
    assert "Школа № 905" in page
    assert '<dd class="wall__number"><span class="shape shape--amber" aria-hidden="true"></span>1</dd>' in page


def test_a_part_without_calls_shows_no_data_and_not_zero(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    waiting(hotline)
    page = sign_in(town.asel).get("/wallboard/wall").text
    tiles = [" ".join(re.sub(r"<[^>]+>", " ", tile).split()) for tile in re.findall(r"<li .*?</li>", page, re.S)]
    assert "Медеу ауданы дерек жоқ" in tiles
    assert any(tile.startswith("Алатау ауданы 1") for tile in tiles)


@pytest.mark.parametrize("path", ["supervise", "move", "end"])
def test_a_call_of_another_part_of_the_tree_is_not_found(
    hotline: Hotline, town: Town, erlan: FlaskClient, path: str
) -> None:
    theirs = waiting(hotline, "+77090000088", OTHER_SCHOOL)
    data = {"mode": "barge", "front": "1"}
    assert erlan.post(f"/wallboard/calls/{theirs.id}/{path}", data=data, headers=FETCH).status_code == 404
    assert again(theirs).state is CallState.QUEUED


@pytest.mark.parametrize("path", ["calls/1/supervise", "calls/1/move", "calls/1/end", "operators/1/send", "leave"])
@pytest.mark.parametrize("who", ["aigul", "admin"])
def test_operators_and_administrators_may_not_intervene(town: Town, sign_in: SignIn, path: str, who: str) -> None:
    assert sign_in(getattr(town, who)).post(f"/wallboard/{path}").status_code == (403 if path == "leave" else 404)


def test_a_supervisor_gets_a_token_changes_by_it_and_leaves(hotline: Hotline, town: Town, erlan: FlaskClient) -> None:
    call = talking(hotline, town)
    url = f"/wallboard/calls/{call.id}/supervise"
    token = erlan.post(url, data={"mode": "listen"}, headers=FETCH).get_json()["token"]
    leg = hotline.network.softphone(f"op_{town.erlan.id}", "/twilio/voice/operator").connect(supervision=token)
    hotline.run(3)
    assert re.search(r'aria-pressed="true"[^>]*>\s*Слушать', erlan.get("/wallboard").text)
    assert erlan.post(url, data={"mode": "whisper"}, headers=FETCH).get_json() == {"token": ""}
    hotline.run(3)
    heard = hotline.network.ledger.heard_by(f"client:op_{town.erlan.id}", hotline.clock.now())
    assert heard == {f"client:op_{town.aigul.id}"}
    assert erlan.post("/wallboard/leave", headers=FETCH).status_code == 204
    hotline.run(3)
    assert leg.over
    assert erlan.post(url, data={"mode": "shout"}, headers=FETCH).status_code == 404


def test_who_waits_cannot_be_listened_to(hotline: Hotline, erlan: FlaskClient) -> None:
    call = waiting(hotline)
    answer = erlan.post(f"/wallboard/calls/{call.id}/supervise", data={"mode": "listen"}, headers=FETCH)
    assert answer.status_code == 422
    assert session().scalars(select(Supervision)).all() == []


def test_a_caller_moved_to_another_desk_keeps_the_moment_of_joining(
    hotline: Hotline, town: Town, erlan: FlaskClient
) -> None:
    call = waiting(hotline)
    before = session().scalars(select(QueueEntry)).one()
    joined = before.virtual_at
    hotline.run(30)
    data = {"desk": str(town.district.id), "queue": "methodological"}
    assert erlan.post(f"/wallboard/calls/{call.id}/move", data=data, headers=FETCH).status_code == 204
    hotline.run(2)
    entry = session().scalars(select(QueueEntry)).one()
    assert (entry.desk_id, entry.queue, entry.virtual_at) == (town.district.id, Queue.METHODOLOGICAL, joined)
    assert entry.priority != FRONT
    moved = again(call)
    assert (moved.desk_id, moved.queue, moved.state) == (town.district.id, Queue.METHODOLOGICAL, CallState.QUEUED)
    ticket = session().get_one(Ticket, call.ticket_id)
    assert (ticket.desk_id, ticket.queue) == (town.district.id, Queue.METHODOLOGICAL)
    noted = session().scalars(select(JournalEntry).where(JournalEntry.kind == "call.moved")).one()
    assert (noted.actor_id, noted.details["from_desk_id"]) == (town.erlan.id, town.school905.id)


def test_a_caller_put_to_the_front_is_served_before_those_who_came_earlier(
    hotline: Hotline, town: Town, erlan: FlaskClient
) -> None:
    first, second = waiting(hotline), waiting(hotline, "+77090000088")
    assert erlan.post(f"/wallboard/calls/{second.id}/move", data={"front": "1"}, headers=FETCH).status_code == 204
    assert erlan.post(f"/wallboard/calls/{second.id}/move", data={"front": "1"}, headers=FETCH).status_code == 422
    hotline.staffed(town.svetlana)
    hotline.until(lambda: again(second).state is CallState.CONNECTED)
    assert again(first).state is CallState.QUEUED


def test_a_caller_is_moved_only_to_desks_that_one_supervises(hotline: Hotline, town: Town, erlan: FlaskClient) -> None:
    call = waiting(hotline)
    for foreign in (town.city, town.school911):
        data = {"desk": str(foreign.id), "queue": "technical"}
        assert erlan.post(f"/wallboard/calls/{call.id}/move", data=data, headers=FETCH).status_code == 404
    assert session().scalars(select(QueueEntry)).one().desk_id == town.school905.id


def test_a_caller_who_is_just_being_offered_is_taken_back_and_moved(
    hotline: Hotline, town: Town, erlan: FlaskClient
) -> None:
    hotline.staffed(town.svetlana, answers=None)
    call = waiting(hotline)
    hotline.until(lambda: again(call).state is CallState.OFFERED)
    data = {"desk": str(town.district.id), "queue": "technical"}
    assert erlan.post(f"/wallboard/calls/{call.id}/move", data=data, headers=FETCH).status_code == 204
    Hotline.look_again()
    assert session().scalars(select(QueueEntry)).one().desk_id == town.district.id
    assert session().get_one(Presence, town.svetlana.id).missed == 0


def test_a_supervisor_ends_a_waiting_call_and_a_conversation(hotline: Hotline, town: Town, erlan: FlaskClient) -> None:
    talk, wait = talking(hotline, town), waiting(hotline)
    for call in (talk, wait):
        assert erlan.post(f"/wallboard/calls/{call.id}/end", headers=FETCH).status_code == 204
    hotline.run(5)
    assert [again(call).outcome for call in (talk, wait)] == [Outcome.HANDLED, Outcome.REJECTED]
    assert all(leg.over for leg in hotline.network.calls.values())
    assert erlan.post(f"/wallboard/calls/{wait.id}/end", headers=FETCH).status_code == 422


def test_a_forgotten_break_is_ended_and_a_person_signed_off_with_a_note(
    hotline: Hotline, town: Town, erlan: FlaskClient
) -> None:
    hotline.staffed(town.aigul)
    url = f"/wallboard/operators/{town.aigul.id}/send"
    for state, note in (("break", ""), ("ready", ""), ("offline", "shift is over")):
        assert erlan.post(url, data={"state": state, "note": note}, headers=FETCH).status_code == 204
        Hotline.look_again()
        assert session().get_one(Presence, town.aigul.id).state == PresenceState(state)
    assert session().get_one(Presence, town.aigul.id).reason == "shift is over"
    assert erlan.post(url, data={"state": "ready"}, headers=FETCH).status_code == 422, "nobody is there"
    changed = select(JournalEntry).where(JournalEntry.kind == "presence.changed").order_by(JournalEntry.id)
    last = session().scalars(changed).all()[-1]
    assert last.actor_id == town.erlan.id


def test_nobody_is_sent_out_of_a_conversation_or_by_a_stranger(
    hotline: Hotline, town: Town, erlan: FlaskClient, sign_in: SignIn
) -> None:
    talking(hotline, town)
    url = f"/wallboard/operators/{town.aigul.id}/send"
    assert erlan.post(url, data={"state": "break"}, headers=FETCH).status_code == 422
    for stranger in (town.bekzat, town.asel):
        path = f"/wallboard/operators/{stranger.id}/send"
        assert erlan.post(path, data={"state": "break"}, headers=FETCH).status_code == 404
    Hotline.look_again()
    assert session().get_one(Presence, town.aigul.id).state is PresenceState.TALKING


def test_a_queue_is_closed_with_a_reason_shown_and_opened_again(town: Town, erlan: FlaskClient) -> None:
    data = {"desk": str(town.school905.id), "queue": "technical"}
    assert erlan.post("/wallboard/queues/close", data=data, headers=FETCH).status_code == 422
    for _ in range(2):
        closing = data | {"reason": "Аншлаг"}
        assert erlan.post("/wallboard/queues/close", data=closing, headers=FETCH).status_code == 204
    Hotline.look_again()
    assert queues.is_closed(town.school905.id, Queue.TECHNICAL)
    assert not queues.is_closed(town.school905.id, Queue.METHODOLOGICAL)
    assert "Аншлаг" in row(erlan.get("/wallboard").text, f"line-{town.school905.id}-technical")
    assert len(session().scalars(select(QueueClosure)).all()) == 1
    assert erlan.post("/wallboard/queues/reopen", data=data).status_code == 303
    Hotline.look_again()
    assert not queues.is_closed(town.school905.id, Queue.TECHNICAL)
    closed = session().scalars(select(QueueClosure)).one()
    assert (closed.closed_by, closed.reopened_by) == (town.erlan.id, town.erlan.id)


def test_a_queue_of_a_foreign_desk_is_not_found(town: Town, erlan: FlaskClient) -> None:
    for desk in (str(town.school911.id), str(town.city.id), "0", "", "x"):
        data = {"desk": desk, "queue": "technical", "reason": "no"}
        assert erlan.post("/wallboard/queues/close", data=data, headers=FETCH).status_code == 404
    assert session().scalars(select(QueueClosure)).all() == []
