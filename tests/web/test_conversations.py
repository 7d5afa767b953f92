"""What an operator can do inside a conversation, and what nobody else can."""

from datetime import time

from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import DeskHours
from helpdesk.sla import queries as calendars
from helpdesk.telephony import actions, presence, queries
from helpdesk.telephony.conversation_models import Transfer
from helpdesk.telephony.conversation_rules import TransferState
from helpdesk.telephony.danger_models import Alarm
from helpdesk.telephony.models import Call, Presence
from helpdesk.telephony.rules import CallState, Device, PresenceState
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import MessageKind
from phonesim import CallHandle
from tests.conftest import counted_statements
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, SignIn, Town

FETCH = {"X-Requested-With": "fetch"}
OF_905 = "+77272000905"


def call() -> Call:
    Hotline.look_again()
    return session().scalars(select(Call)).one()


def mine(staff_id: int) -> Presence:
    Hotline.look_again()
    return session().get_one(Presence, staff_id)


def read_english(*people: Staff) -> None:
    with transaction():
        for person in people:
            session().get_one(Staff, person.id).language = "en"


def talks(hotline: Hotline, town: Town) -> CallHandle:
    """Айгүл talks with Гүлнар about something at school 905."""
    read_english(town.aigul, town.svetlana)
    hotline.staffed(town.aigul)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", to=OF_905, talk=None)
    hotline.until(lambda: caller.in_conversation)
    hotline.run(5)
    return caller


def post(browser: FlaskClient, path: str, **data: str) -> tuple[int, str]:
    answer = browser.post(f"/calls/{path}", data=data, headers=FETCH)
    Hotline.look_again()
    return answer.status_code, answer.text


def names(browser: FlaskClient, typed: str) -> list[str]:
    return [one["value"] for one in browser.get(f"/calls/targets?q={typed}").get_json()]


def test_hold_is_one_key_for_both_ways(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    talks(hotline, town)
    aigul = sign_in(town.aigul)
    _, page = post(aigul, "hold")
    assert "caller on hold" in page
    assert call().held_at is not None
    _, page = post(aigul, "hold")
    assert "caller on hold" not in page
    assert call().held_at is None


def test_colleagues_queues_and_desks_are_found_by_typing(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    talks(hotline, town)
    hotline.staffed(town.svetlana, town.asel, town.bekzat)
    aigul = sign_in(town.aigul)
    assert names(aigul, "светл") == [f"staff:{town.svetlana.id}"]
    assert names(aigul, "асел") == [f"staff:{town.asel.id}"]
    for word in ("method", "методич", "әдіст"):
        assert names(aigul, word) == ["queue:methodological"]
    assert names(aigul, "technical") == []
    assert names(aigul, "алатау") == [f"desk:{town.district.id}"]
    assert names(aigul, "") == []


def test_nobody_of_another_part_of_the_tree_is_found_or_can_be_named(
    hotline: Hotline, town: Town, sign_in: SignIn
) -> None:
    talks(hotline, town)
    hotline.staffed(town.bekzat)
    aigul = sign_in(town.aigul)
    assert names(aigul, "Бекзат") == names(aigul, "911") == names(aigul, "Медеу") == []
    assert post(aigul, "transfer", to=f"staff:{town.bekzat.id}")[0] == 404
    assert post(aigul, "transfer", to=f"staff:{town.bekzat.id}", how="ask")[0] == 404
    assert post(aigul, "transfer", to=f"desk:{town.school911.id}")[0] == 404
    assert post(aigul, "transfer", to="desk:999999")[0] == 404
    for nonsense in ("", "desk:", "queue:lunch", "staff:-1", "desk:²"):
        assert post(aigul, "transfer", to=nonsense)[0] == 422
    assert call().state is CallState.CONNECTED
    assert session().scalars(select(Transfer)).all() == []


def test_a_closed_desk_gets_nobody(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    talks(hotline, town)
    with transaction():
        for hours in session().scalars(select(DeskHours).where(DeskHours.desk_id == town.city.id)):
            hours.opens, hours.closes = time(20), time(21)
    desks.forget()
    calendars.forget()
    status, page = post(sign_in(town.aigul), "transfer", to=f"desk:{town.city.id}")
    assert (status, call().state) == (422, CallState.CONNECTED)
    assert "closed" in page


def test_only_a_colleague_can_be_asked_first(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    talks(hotline, town)
    aigul = sign_in(town.aigul)
    assert post(aigul, "transfer", to="queue:methodological", how="ask")[0] == 422
    assert post(aigul, "transfer", to="queue:methodological")[0] == 200
    assert mine(town.aigul.id).state is PresenceState.WRAPUP


def test_asking_a_colleague_shows_both_sides_what_they_can_do(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    talks(hotline, town)
    hotline.staffed(town.svetlana)
    aigul, svetlana = sign_in(town.aigul), sign_in(town.svetlana)
    _, page = post(aigul, "transfer", to=f"staff:{town.svetlana.id}", how="ask")
    assert "Светлана Ким" in page
    card = svetlana.get("/calls/card").text
    assert "A colleague asks: Айгүл Қасымова" in card
    hotline.until(lambda: mine(town.svetlana.id).state is PresenceState.TALKING)
    card = svetlana.get("/calls/card").text
    assert "Asked by: Айгүл Қасымова" in card
    assert "/calls/hangup" not in card
    for not_theirs in ("hold", "transfer/complete"):
        assert post(svetlana, not_theirs)[0] == 422
    post(svetlana, "hangup")
    hotline.run(3)
    assert call().state is CallState.CONNECTED, "the colleague cannot end somebody else's call"
    _, page = post(aigul, "transfer/complete")
    assert mine(town.aigul.id).state is PresenceState.WRAPUP
    assert call().operator_id == town.svetlana.id


def test_the_colleague_may_leave(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    talks(hotline, town)
    hotline.staffed(town.svetlana)
    post(sign_in(town.aigul), "transfer", to=f"staff:{town.svetlana.id}", how="ask")
    hotline.until(lambda: mine(town.svetlana.id).state is PresenceState.TALKING)
    post(sign_in(town.svetlana), "transfer/cancel")
    assert session().scalars(select(Transfer.state)).all() == [TransferState.CANCELLED]
    assert call().held_at is None


def test_who_has_no_conversation_can_do_nothing_in_it(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    talks(hotline, town)
    bekzat = sign_in(town.bekzat)
    for path in ("hold", "transfer", "transfer/complete", "transfer/cancel", "danger", "recording"):
        assert post(bekzat, path, to="queue:technical")[0] == 422
    for path in (f"{call().id}/wrapup", f"{call().id}/more-time", "999999/wrapup"):
        assert post(bekzat, path, code="resolved")[0] == 404
    assert names(bekzat, "светл") == []
    assert call().state is CallState.CONNECTED


def test_writing_up_keeps_the_word_the_note_and_the_seconds(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    caller = talks(hotline, town)
    caller.hang_up()
    hotline.run(21)
    aigul = sign_in(town.aigul)
    assert 'data-draft="wrapup:' in aigul.get("/calls/card").text
    assert post(aigul, f"{call().id}/wrapup", code="dancing")[0] == 422
    note = "Құпиясөзі ауыстырылды"
    assert post(aigul, f"{call().id}/wrapup", code="resolved", note=note)[0] == 200
    assert (call().wrapup_code, call().wrapup_note) == ("resolved", note)
    assert 19 <= (call().wrapup_seconds or 0) <= 22
    assert mine(town.aigul.id).state is PresenceState.READY
    post(aigul, f"{call().id}/wrapup", code="joke", note="again")
    assert call().wrapup_code == "resolved"
    ticket = session().get_one(Ticket, call().ticket_id)
    notes = select(Message.body).where(Message.ticket_id == ticket.id, Message.kind == MessageKind.NOTE)
    assert session().scalars(notes).all() == [note]
    assert note in aigul.get(f"/tickets/{ticket.number}").text


def test_a_break_may_follow_the_writing(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    caller = talks(hotline, town)
    caller.hang_up()
    hotline.run(3)
    post(sign_in(town.aigul), f"{call().id}/wrapup", code="informed", **{"break": "lunch"})
    assert (mine(town.aigul.id).state, mine(town.aigul.id).reason) == (PresenceState.BREAK, "lunch")


def test_the_time_for_writing_ends_and_can_be_doubled_once(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    caller = talks(hotline, town)
    caller.hang_up()
    hotline.run(60)
    aigul = sign_in(town.aigul)
    _, page = post(aigul, f"{call().id}/more-time")
    assert "more-time" not in page
    post(aigul, f"{call().id}/more-time")
    hotline.run(60)
    assert mine(town.aigul.id).state is PresenceState.WRAPUP
    hotline.run(70)
    assert mine(town.aigul.id).state is PresenceState.READY
    assert 178 <= (call().wrapup_seconds or 0) <= 190


def test_breaks_have_reasons_and_two_misses_say_why(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    read_english(town.aigul)
    aigul = sign_in(town.aigul)
    post(aigul, "presence", state="ready")
    _, page = post(aigul, "presence", state="break", reason="training")
    assert "training" in page
    assert mine(town.aigul.id).reason == "training"
    post(aigul, "presence", state="break", reason="<b>")
    assert mine(town.aigul.id).reason == "training"
    post(aigul, "presence", state="ready")
    hotline.staffed(town.aigul, answers=None)
    hotline.dial(GULNAR_PHONE, "1", "1", to=OF_905)
    hotline.until(lambda: mine(town.aigul.id).state is PresenceState.BREAK, limit=120)
    page = aigul.get("/calls/card").text
    assert "two calls were not taken" in page
    assert "I am back" in page


def test_signing_out_is_going_offline(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    aigul = sign_in(town.aigul)
    hotline.staffed(town.aigul, answers=None)
    hotline.dial(GULNAR_PHONE, "1", "1", to=OF_905)
    hotline.until(lambda: queries.open_offer(town.aigul.id) is not None)
    aigul.post("/sign-out")
    assert mine(town.aigul.id).state is PresenceState.OFFLINE
    assert call().state is CallState.QUEUED


def test_a_telephone_needs_a_known_number(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    read_english(town.aigul)
    aigul = sign_in(town.aigul)
    post(aigul, "presence", state="ready")
    assert post(aigul, "device", device="phone")[0] == 422
    with transaction():
        session().merge(town.aigul).mobile = "+77090000077"
    _, page = post(aigul, "device", device="phone")
    assert "on my telephone" in page
    assert mine(town.aigul.id).device is Device.PHONE
    hotline.run(60)
    assert mine(town.aigul.id).state is PresenceState.READY, "a telephone sends no heartbeat"
    post(aigul, "device", device="browser")
    assert mine(town.aigul.id).device is Device.BROWSER
    assert post(aigul, "device", device="drum")[0] == 422


def test_a_child_in_danger_is_one_alarm_however_often_the_key_is_pressed(
    hotline: Hotline, town: Town, sign_in: SignIn
) -> None:
    talks(hotline, town)
    aigul = sign_in(town.aigul)
    for _ in range(2):
        assert post(aigul, "danger")[0] == 200
    assert "supervisors know" in aigul.get("/calls/card").text
    assert len(session().scalars(select(Alarm)).all()) == 1
    assert call().danger_at is not None


def test_the_card_takes_few_statements_in_every_situation(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    caller = talks(hotline, town)
    hotline.staffed(town.svetlana)
    browsers = [sign_in(town.aigul), sign_in(town.svetlana)]

    def drawn() -> int:
        most = 0
        for browser in browsers:
            browser.get("/calls/card")
            with counted_statements() as seen:
                assert browser.get("/calls/card").status_code == 200
            most = max(most, len(seen))
        return most

    counted = [drawn()]
    post(browsers[0], "transfer", to=f"staff:{town.svetlana.id}", how="ask")
    counted.append(drawn())
    hotline.until(lambda: mine(town.svetlana.id).state is PresenceState.TALKING)
    counted.append(drawn())
    caller.hang_up()
    hotline.run(3)
    counted.append(drawn())
    assert max(counted) <= 10, counted


def test_a_wrapped_up_call_of_another_conversation_is_not_touched(
    hotline: Hotline, town: Town, sign_in: SignIn
) -> None:
    first = talks(hotline, town)
    first.hang_up()
    hotline.run(3)
    old = call().id
    with transaction():
        presence.choose(town.aigul.id, PresenceState.READY)
    second = hotline.dial(GULNAR_PHONE, "1", "1", to=OF_905, talk=None)
    hotline.until(lambda: second.in_conversation)
    aigul = sign_in(town.aigul)
    assert post(aigul, f"{old}/wrapup", code="joke", note="late")[0] == 200
    Hotline.look_again()
    assert session().get_one(Call, old).wrapup_code is None
    with transaction():
        newest = session().scalars(select(Call).order_by(Call.id.desc()).limit(1)).one()
        actions.close(queries.locked(newest.id), town.aigul.id)
