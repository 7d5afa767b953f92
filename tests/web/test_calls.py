"""The call bar: where an operator is, the card of an offered call, and the way through a conversation."""

from flask import Flask
from sqlalchemy import select

from helpdesk.kernel.db import session
from helpdesk.telephony import queries
from helpdesk.telephony.models import Call, Offer, Presence
from helpdesk.telephony.rules import CallState, OfferState, Outcome, PresenceState
from helpdesk.tickets.models import Ticket
from tests.conftest import counted_statements
from tests.factories import filed
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, SignIn, Town

FETCH = {"X-Requested-With": "fetch"}


def where(town: Town) -> PresenceState:
    Hotline.look_again()
    return session().get_one(Presence, town.asel.id).state


def test_the_bar_leads_from_offline_over_ready_to_a_break(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    asel = sign_in(town.asel)
    assert "offline" in asel.get("/calls/card").text
    answer = asel.post("/calls/presence", data={"state": "ready"}, headers=FETCH)
    assert 'data-presence="ready"' in answer.text
    assert where(town) is PresenceState.READY
    assert asel.post("/calls/presence", data={"state": "break"}).status_code == 303
    assert where(town) is PresenceState.BREAK


def test_nobody_chooses_a_state_that_only_calls_give(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    asel = sign_in(town.asel)
    for state in ("talking", "reserved", "wrapup", "dancing", ""):
        assert asel.post("/calls/presence", data={"state": state}, headers=FETCH).status_code == 422


def test_supervisors_without_the_role_have_no_call_bar(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    assert sign_in(town.erlan).get("/calls/card").status_code == 403
    assert "data-callbar" not in sign_in(town.erlan).get("/board").text
    assert "data-callbar" in sign_in(town.asel).get("/board").text


def test_an_offered_call_shows_who_calls_and_takes_few_statements(
    hotline: Hotline, town: Town, sign_in: SignIn
) -> None:
    earlier = hotline.dial(GULNAR_PHONE, "1", "2", patience=40)
    hotline.until(lambda: earlier.over)
    asel = sign_in(town.asel)
    hotline.staffed(town.asel, answers=None)
    hotline.dial(GULNAR_PHONE, "1", "1", "1")
    hotline.until(lambda: queries.open_offer(town.asel.id) is not None)
    asel.get("/calls/card")
    with counted_statements() as seen:
        page = asel.get("/calls/card").text
    assert len(seen) <= 10
    offer = queries.open_offer(town.asel.id)
    assert offer is not None
    assert f'data-offer="{offer.token}"' in page
    old, new = session().scalars(select(Ticket).order_by(Ticket.id)).all()
    for words in ("+7 (709) 000-00-01", "Гүлнар Ахметова", new.number, old.number, "kk"):
        assert words in page


def test_who_calls_about_the_same_within_a_day_is_recognised_on_the_card(
    hotline: Hotline, town: Town, sign_in: SignIn
) -> None:
    form = filed(desk_id=town.city.id, phones=(GULNAR_PHONE,), text="Кіре алмаймын", choice=1).ticket
    asel = sign_in(town.asel)
    hotline.staffed(town.asel, answers=None)
    hotline.dial(GULNAR_PHONE, "1", "1", "1")
    hotline.until(lambda: queries.open_offer(town.asel.id) is not None)
    asel.get("/calls/card")
    with counted_statements() as seen:
        page = asel.get("/calls/card").text
    assert len(seen) <= 10
    card = page[page.index("data-offer-card") :]
    assert card.index("24 сағат ішінде осы мәселе") < card.index(form.number)
    assert card.count(f"/tickets/{form.number}") == 1, "it is named once"


def test_a_call_is_taken_ended_by_the_operator_and_written_up(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    asel = sign_in(town.asel)
    hotline.staffed(town.asel)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", talk=None)
    hotline.until(lambda: caller.in_conversation)
    page = asel.get("/calls/card").text
    assert 'data-presence="talking"' in page
    assert "/calls/hangup" in page
    assert asel.post("/calls/presence", data={"state": "break"}, headers=FETCH).status_code == 422

    hotline.run(30)
    asel.post("/calls/hangup", headers=FETCH)
    hotline.until(lambda: caller.over)
    hotline.run(2)
    call = session().scalars(select(Call)).one()
    assert (call.state, call.outcome) == (CallState.ENDED, Outcome.HANDLED)
    assert not any(name.startswith("P27") for name in caller.prompts)
    page = asel.get("/calls/card").text
    assert f"/calls/{call.id}/wrapup" in page
    asel.post(f"/calls/{call.id}/wrapup", headers=FETCH)
    assert where(town) is PresenceState.READY


def test_not_now_gives_the_call_on_and_means_a_break(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    asel = sign_in(town.asel)
    hotline.staffed(town.asel, answers=None)
    hotline.dial(GULNAR_PHONE, "1", "1", "1")
    hotline.until(lambda: queries.open_offer(town.asel.id) is not None)
    asel.post("/calls/decline", headers=FETCH)
    assert where(town) is PresenceState.BREAK
    assert session().scalars(select(Offer.state)).all() == [OfferState.DECLINED]
    assert session().scalars(select(Call.state)).all() == [CallState.QUEUED]


def test_nobody_ends_or_writes_up_the_call_of_somebody_else(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    hotline.staffed(town.asel)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", talk=None)
    hotline.until(lambda: caller.in_conversation)
    call = session().scalars(select(Call)).one()
    bekzat = sign_in(town.bekzat)
    bekzat.post("/calls/hangup", headers=FETCH)
    bekzat.post(f"/calls/{call.id}/wrapup", headers=FETCH)
    hotline.run(5)
    assert caller.in_conversation
    assert where(town) is PresenceState.TALKING
    assert "Гүлнар" not in bekzat.get("/calls/card").text


def test_the_browser_learns_which_telephone_it_has(app: Flask, hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    answer = sign_in(town.asel).get("/calls/softphone-token").get_json()
    assert answer == {"driver": "none", "identity": f"op_{town.asel.id}"}


def test_a_heartbeat_keeps_an_operator_there(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    asel = sign_in(town.asel)
    asel.post("/calls/presence", data={"state": "ready"}, headers=FETCH)
    for _ in range(6):
        hotline.run(10)
        assert asel.post("/calls/heartbeat").status_code == 204
    assert where(town) is PresenceState.READY
    hotline.run(45)
    assert where(town) is PresenceState.OFFLINE
