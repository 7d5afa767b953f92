"""Alarms on supervisors' pages: who sees them, who takes them, and what the list keeps."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from helpdesk.audit.actor import requester, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.telephony import danger, queries, supervision
from helpdesk.telephony.conversation_rules import SupervisionMode
from helpdesk.telephony.danger_models import Alarm
from helpdesk.telephony.models import Call
from helpdesk.tickets.models import Ticket
from phonesim import Person
from tests.conftest import counted_statements
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, SignIn, Town

FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def alarm(hotline: Hotline, town: Town) -> Alarm:
    """Айгүл has pressed the key in a call to school 905."""
    hotline.staffed(town.aigul)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", to="+77272000905", talk=None, patience=9000)
    hotline.until(lambda: caller.in_conversation)
    return raised(hotline, town)


def raised(hotline: Hotline, town: Town) -> Alarm:
    call = session().scalars(select(Call).order_by(Call.id.desc())).first()
    assert call is not None
    with transaction():
        made = danger.raise_alarm(queries.locked(call.id), staff(town.aigul.id))
    hotline.run(2)
    return session().get_one(Alarm, made.id)


def test_every_supervisor_above_the_desk_has_the_banner_and_nobody_else(
    alarm: Alarm, town: Town, sign_in: SignIn
) -> None:
    for person in (town.erlan, town.asel):
        page = sign_in(person).get("/alarms/banner").text
        assert f'data-alarm="{alarm.id}"' in page
        assert "Айгүл Қасымова" in page
        assert "data-alarms" in sign_in(person).get("/board").text
    for person in (town.aigul, town.bekzat):
        assert sign_in(person).get("/alarms/banner").status_code == 403
        assert "data-alarms" not in sign_in(person).get("/board").text
    assert sign_in(town.admin).get("/alarms/banner").text.strip() == "", "supervisors see to it"
    assert f'id="alarm-{alarm.id}"' not in sign_in(town.admin).get("/alarms").text
    assert sign_in(town.admin).post(f"/alarms/{alarm.id}/acknowledge").status_code == 404


def test_where_no_level_has_a_supervisor_the_administrators_have_the_banner(
    hotline: Hotline, town: Town, sign_in: SignIn
) -> None:
    with transaction():
        session().execute(update(Staff).where(Staff.id.in_([town.erlan.id, town.asel.id])).values(active=False))
    hotline.staffed(town.aigul)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", to="+77272000905", talk=None, patience=9000)
    hotline.until(lambda: caller.in_conversation)
    left = raised(hotline, town)
    told = session().scalars(select(JournalEntry).where(JournalEntry.kind == "alarm.raised")).all()
    assert {entry.details["staff_id"] for entry in told} == {town.admin.id}
    admin = sign_in(town.admin)
    assert f'data-alarm="{left.id}"' in admin.get("/alarms/banner").text
    assert "data-alarms" in admin.get("/board").text
    assert f'id="alarm-{left.id}"' in admin.get("/alarms").text
    assert admin.post(f"/alarms/{left.id}/acknowledge").status_code == 303
    Hotline.look_again()
    assert session().get_one(Alarm, left.id).acknowledged_by == town.admin.id


def test_the_banner_stays_until_one_supervisor_has_taken_the_alarm(alarm: Alarm, town: Town, sign_in: SignIn) -> None:
    erlan, asel = sign_in(town.erlan), sign_in(town.asel)
    assert erlan.post(f"/alarms/{alarm.id}/acknowledge", headers=FETCH).text.strip() == ""
    assert asel.post(f"/alarms/{alarm.id}/acknowledge", headers=FETCH).status_code == 200
    Hotline.look_again()
    assert session().get_one(Alarm, alarm.id).acknowledged_by == town.erlan.id, "the first one has it"
    told = session().scalars(select(JournalEntry).where(JournalEntry.kind == "alarm.acknowledged")).all()
    assert {entry.details["staff_id"] for entry in told} == {town.erlan.id, town.asel.id}
    assert asel.get("/alarms/banner").text.strip() == ""


def test_the_list_says_when_who_raised_it_who_took_it_and_where_the_record_is(
    alarm: Alarm, town: Town, sign_in: SignIn
) -> None:
    asel = sign_in(town.asel)
    number = session().scalars(select(Ticket.number)).one()
    page = asel.get("/alarms").text
    for words in (number, "Айгүл Қасымова", "әзірге ешкім", "№ 905 мектеп"):
        assert words in page
    assert asel.post(f"/alarms/{alarm.id}/acknowledge").status_code == 303
    assert "Әсел Сейітова" in asel.get("/alarms").text.split('id="alarm-')[1]


def test_an_alarm_of_another_part_of_the_tree_is_not_found(
    hotline: Hotline, town: Town, sign_in: SignIn, alarm: Alarm
) -> None:
    hotline.dial("+77090000088", "1", "1", to="+77272000911", patience=9000)
    hotline.run(20)
    theirs = raised(hotline, town)
    assert theirs.desk_id == town.school911.id
    erlan = sign_in(town.erlan)
    assert erlan.post(f"/alarms/{theirs.id}/acknowledge").status_code == 404
    assert f'id="alarm-{theirs.id}"' not in erlan.get("/alarms").text
    assert erlan.post("/alarms/0/acknowledge").status_code == 404
    assert erlan.get("/alarms?before=x").status_code == 404
    assert sign_in(town.aigul).post(f"/alarms/{alarm.id}/acknowledge").status_code == 404


def test_the_list_is_read_page_by_page_in_few_statements(town: Town, sign_in: SignIn, hotline: Hotline) -> None:
    with transaction():
        for _ in range(35):
            call = Call(to_number="1450", desk_id=town.district.id, keys={}, started_at=hotline.clock.now())
            session().add(call)
            session().flush()
            danger.raise_alarm(call, requester())
    erlan: FlaskClient = sign_in(town.erlan)
    erlan.get("/alarms")
    with counted_statements() as seen:
        page = erlan.get("/alarms").text
    assert len(seen) <= 10
    assert page.count('id="alarm-') == 30
    last = session().scalars(select(Alarm.id).order_by(Alarm.id.desc()).offset(29)).first()
    assert erlan.get(f"/alarms?before={last}").text.count('id="alarm-') == 5


def test_the_alarm_stands_though_112_cannot_be_rung_from_here(hotline: Hotline, town: Town, sign_in: SignIn) -> None:
    hotline.staffed(town.aigul)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", to="+77272000905", talk=None, patience=9000)
    hotline.until(lambda: caller.in_conversation)
    answer = sign_in(town.aigul).post("/calls/danger", data={"service": "112"}, headers=FETCH)
    assert answer.status_code == 422
    Hotline.look_again()
    assert len(session().scalars(select(Alarm)).all()) == 1


def test_the_operators_bar_says_who_listens_and_how_112_stands(
    alarm: Alarm, hotline: Hotline, town: Town, sign_in: SignIn
) -> None:
    with transaction():
        session().get_one(Desk, town.school905.id).dials_service_numbers = True
    desks.forget()
    hotline.network.person("112", Person(rings=[1.0], talk=None))
    sign_in(town.aigul).post("/calls/danger", data={"service": "112"}, headers=FETCH)
    with transaction():
        row = supervision.start(queries.locked(alarm.call_id), SupervisionMode.WHISPER, town.erlan.id)
    hotline.network.softphone(f"op_{town.erlan.id}", "/twilio/voice/operator").connect(supervision=row.token)
    hotline.run(10)
    page = sign_in(town.aigul).get("/calls/card").text
    assert "112: желіде" in page
    assert "Супервайзер тек сізге айтып тұр: Ерлан Мұқанов" in page
