"""Who asks again within a day is recognised before anybody types, and joined with nothing by itself."""

import pytest
from flask.testing import FlaskClient

from helpdesk.identity.queries import asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.repeats import Matter, matter_of, repeats
from helpdesk.tickets.rules import Channel
from helpdesk.tickets.tie_models import TicketLink
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import ELENA_PHONE, GULNAR_PHONE, SignIn, Town

GULNAR, ELENA = {"phones": (GULNAR_PHONE,)}, {"phones": (ELENA_PHONE,)}


@pytest.fixture
def aigul(town: Town, sign_in: SignIn, set_clock: SetClock) -> FlaskClient:
    return sign_in(town.aigul)


def found(town: Town, ticket: Ticket) -> list[str]:
    who = asker(town.aigul.id)
    assert who is not None
    return [one.number for one in repeats(who, matter_of(ticket))]


def test_the_same_person_again_by_another_channel_is_recognised(town: Town, set_clock: SetClock) -> None:
    form = filed(organization_id=town.school905.id, **GULNAR).ticket
    set_clock.forward(hours=3)
    call = filed(desk_id=town.school905.id, channel=Channel.PHONE, choice=None, **GULNAR).ticket
    assert found(town, call) == [form.number]
    assert found(town, form) == [call.number]


def test_the_same_child_at_the_same_school_is_recognised_whoever_asks(town: Town, set_clock: SetClock) -> None:
    mother = filed(organization_id=town.school905.id, pupil_note="4 «Ә», Айша", **GULNAR).ticket
    father = filed(organization_id=town.school905.id, pupil_note="4Ә Айша", **ELENA).ticket
    elsewhere = filed(organization_id=town.district.id, pupil_note="4 «Ә», Айша", **ELENA).ticket
    assert found(town, father) == [elsewhere.number, mother.number]
    assert found(town, mother) == [father.number]


def test_another_child_another_topic_and_another_day_are_not_the_same(town: Town, set_clock: SetClock) -> None:
    filed(organization_id=town.school905.id, pupil_note="4 «Ә», Айша", category_code="T03", **GULNAR)
    set_clock.forward(hours=1)
    other_child = filed(organization_id=town.school905.id, pupil_note="7 «А», Дамир", **GULNAR).ticket
    other_topic = filed(organization_id=town.school905.id, pupil_note="4Ә Айша", category_code="M14", **GULNAR).ticket
    assert found(town, other_child) == []
    assert found(town, other_topic) == []
    set_clock.forward(hours=24)
    late = filed(organization_id=town.school905.id, pupil_note="4Ә Айша", category_code="T03", **GULNAR).ticket
    assert found(town, late) == []


def test_what_another_desk_has_is_not_shown(town: Town, set_clock: SetClock) -> None:
    filed(organization_id=town.school911.id, **GULNAR)
    assert found(town, filed(organization_id=town.school905.id, **GULNAR).ticket) == []
    who = asker(town.aigul.id)
    assert who is not None
    assert not repeats(who, Matter(clock.now())), "nothing known is like nothing"


def test_the_page_of_the_ticket_offers_to_merge_or_link_with_one_click(aigul: FlaskClient, town: Town) -> None:
    first = filed(organization_id=town.school905.id, **GULNAR).ticket
    second = filed(organization_id=town.school905.id, **GULNAR).ticket
    unlike = filed(organization_id=town.school905.id, **ELENA).ticket
    page = aigul.get(f"/tickets/{second.number}").text
    assert f'value="{unlike.number}"' not in page[page.index('id="person"') :]
    assert "24 сағат ішінде осы мәселе" in page
    assert f'action="/tickets/{second.number}/merge"' in page
    assert second.merged_into_id is None
    linked = aigul.post(f"/tickets/{second.number}/link", data={"other": first.number})
    assert linked.status_code == 303, linked.text
    assert "24 сағат ішінде осы мәселе" not in aigul.get(f"/tickets/{second.number}").text, "it is known now"


def form(town: Town, **changes: str) -> dict[str, str]:
    """What an operator types in for Гүлнар who came in person."""
    typed = {"form_id": "f1", "way": "walk_in", "who_text": GULNAR_PHONE, "school": str(town.school905.id)}
    typed |= {"school_text": "905", "text": "Әлі кіре алмай тұрмыз", "language": "kk", "role": "parent"}
    return typed | changes


def test_the_form_by_hand_knows_as_soon_as_the_person_is_typed(aigul: FlaskClient, town: Town) -> None:
    first = filed(organization_id=town.school905.id, **GULNAR).ticket
    shown = aigul.get("/by-hand/repeats", query_string={"who_text": GULNAR_PHONE}).text
    assert first.number in shown
    assert f"join:{first.number}" in shown
    assert first.number not in aigul.get("/by-hand/repeats", query_string={"who_text": ELENA_PHONE}).text


def test_without_script_it_is_shown_before_anything_is_filed_and_then_filed_as_a_new_one(
    aigul: FlaskClient, town: Town
) -> None:
    first = filed(organization_id=town.school905.id, **GULNAR).ticket
    page = aigul.post("/by-hand", data=form(town))
    assert session().query(Ticket).count() == 1
    assert first.number in page.text
    assert "Әлі кіре алмай тұрмыз" in page.text
    assert aigul.post("/by-hand", data=form(town, shown=first.number)).status_code == 303
    assert session().query(Ticket).count() == 2


def test_one_click_adds_it_to_the_ticket_of_the_same_person(aigul: FlaskClient, town: Town) -> None:
    first = filed(organization_id=town.school905.id, **GULNAR).ticket
    answer = aigul.post("/by-hand", data=form(town, repeat=f"join:{first.number}"))
    assert answer.location == f"/tickets/{first.number}"
    assert session().query(Message).filter(Message.ticket_id == first.id).count() == 2


def test_to_another_persons_ticket_nothing_is_added_it_is_only_linked(aigul: FlaskClient, town: Town) -> None:
    child = {"pupil_note": "4 «Ә», Айша"}
    first = filed(organization_id=town.school905.id, **child, **ELENA).ticket
    shown = aigul.post("/by-hand", data=form(town, **child)).text
    assert f"join:{first.number}" not in shown
    assert f"link:{first.number}" in shown
    assert aigul.post("/by-hand", data=form(town, repeat=f"join:{first.number}", **child)).status_code == 422
    assert session().query(Ticket).count() == 1
    assert aigul.post("/by-hand", data=form(town, repeat=f"link:{first.number}", **child)).status_code == 303
    assert session().query(TicketLink).one().to_id == first.id


def test_another_desks_ticket_is_neither_joined_nor_linked(aigul: FlaskClient, town: Town) -> None:
    secret = filed(organization_id=town.school911.id, **GULNAR).ticket
    for how in ("join", "link"):
        assert aigul.post("/by-hand", data=form(town, repeat=f"{how}:{secret.number}")).status_code == 404
