"""A voice message from the tone to the player: a ticket, a sound of our own, nothing left at the carrier."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from helpdesk.audit.models import JournalEntry
from helpdesk.jobs import recordings as jobs
from helpdesk.kernel import settings, store
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications.models import Letter
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import DeskHours
from helpdesk.sla import queries as calendars
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.conversation_rules import RecordingState
from helpdesk.telephony.gateway import carrier
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import Outcome
from helpdesk.telephony.sound import seconds_of
from helpdesk.tickets.models import Message, Ticket
from phonesim import CallHandle
from phonesim.wave import wave
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, SignIn, Town


@pytest.fixture
def closed_on_monday(town: Town) -> None:
    with transaction():
        session().execute(delete(DeskHours).where(DeskHours.weekday == 0))
    desks.forget()
    calendars.forget()


def leaves_a_message(hotline: Hotline, voice: float = 12.0) -> CallHandle:
    caller = hotline.dial(GULNAR_PHONE, "1", "1", voice=voice)
    hotline.until(lambda: caller.over)
    return caller


def row() -> Recording:
    return session().scalars(select(Recording)).one()


def kinds() -> list[str]:
    return list(session().scalars(select(JournalEntry.kind).order_by(JournalEntry.id)))


def test_a_message_becomes_a_ticket_with_its_sound(hotline: Hotline, closed_on_monday: None) -> None:
    caller = leaves_a_message(hotline)
    hotline.run(40)
    assert [name.split("-")[0] for name in caller.prompts if name.startswith("P40")] == ["P40.1", "P40.2"]
    call = session().scalars(select(Call)).one()
    assert call.outcome is Outcome.VOICEMAIL
    kept = row()
    assert (kept.state, kept.seconds, kept.ticket_id) == (RecordingState.IMPORTED, 12, call.ticket_id)
    sound = store.get(settings.current().var_dir, kept.stored or "")
    assert (len(sound), seconds_of(sound)) == (kept.bytes, pytest.approx(12, abs=1))
    assert hotline.network.recordings == {}
    said = session().scalars(select(Message.body).where(Message.ticket_id == call.ticket_id).order_by(Message.id)).all()
    assert said[-1] == "Дауыстық хабарлама, секунд: 12"
    ticket = session().get_one(Ticket, call.ticket_id)
    assert (ticket.channel.value, ticket.state.value) == ("phone", "new")
    letters = session().scalars(select(Letter.template).where(Letter.ticket_id == ticket.id)).all()
    assert "voicemail_received" in letters


def test_silence_leaves_a_ticket_without_a_sound(hotline: Hotline, closed_on_monday: None) -> None:
    caller = leaves_a_message(hotline, voice=0.0)
    hotline.run(40)
    assert row().state is RecordingState.ABSENT
    assert any(name.startswith("P40N") for name in caller.prompts)

    assert session().scalars(select(Ticket)).one().id == row().ticket_id


def test_hanging_up_while_speaking_keeps_what_was_said(hotline: Hotline, closed_on_monday: None) -> None:
    caller = hotline.dial(GULNAR_PHONE, "1", "1", voice=60.0)
    hotline.until(lambda: session().scalars(select(Recording)).first() is not None)
    hotline.run(25)
    caller.hang_up()
    hotline.run(40)
    assert row().state is RecordingState.IMPORTED
    assert session().scalars(select(Call.outcome)).one() is Outcome.VOICEMAIL


def test_the_sound_is_fetched_again_until_it_is_whole(
    hotline: Hotline, closed_on_monday: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, tries = carrier()._fetch, []

    def too_little(path: str) -> bytes:
        tries.append(path)
        if len(tries) == 1:
            raise OSError("connection reset")
        return wave([(2.0, True)], 1) if len(tries) == 2 else whole(path)

    monkeypatch.setattr(carrier(), "_fetch", too_little)
    leaves_a_message(hotline)
    hotline.run(20)
    assert row().state is RecordingState.COMPLETED
    assert len(hotline.network.recordings) == 1
    hotline.run(200)
    assert (row().state, len(tries)) == (RecordingState.IMPORTED, 3)
    assert hotline.network.recordings == {}
    assert kinds().count("recording.imported") == 1


def test_importing_twice_is_once(hotline: Hotline, closed_on_monday: None) -> None:
    leaves_a_message(hotline)
    hotline.run(40)
    first = (row().imported_at, row().stored)
    with hotline.app.app_context():
        jobs.import_recordings([row().id])
    hotline.look_again()
    assert (row().imported_at, row().stored) == first
    assert kinds().count("recording.imported") == 1
    assert kinds().count("voicemail.left") == 1


def test_when_its_time_is_over_the_sound_is_erased(hotline: Hotline, closed_on_monday: None) -> None:
    leaves_a_message(hotline)
    hotline.run(40)
    digest = row().stored or ""
    with transaction():
        row().erase_at = hotline.clock.now() - timedelta(seconds=1)
    with hotline.app.app_context():
        jobs.erase_recordings([row().id])
    hotline.look_again()
    assert (row().state, row().stored) == (RecordingState.ERASED, None)
    assert not store.path(settings.current().var_dir, digest).exists()
    assert kinds()[-1] == "recording.erased"


def test_a_colleague_of_the_desk_listens_and_a_neighbour_does_not(
    hotline: Hotline, closed_on_monday: None, sign_in: SignIn, town: Town
) -> None:
    leaves_a_message(hotline)
    hotline.run(40)
    kept, ticket = row(), session().scalars(select(Ticket)).one()
    browser = sign_in(town.asel)
    assert f'href="/recordings/{kept.id}"' in browser.get(f"/tickets/{ticket.number}").text
    assert "<audio" in browser.get(f"/recordings/{kept.id}").text
    heard = browser.get(f"/recordings/{kept.id}/sound", headers={"Range": "bytes=0-99"})
    assert (heard.status_code, heard.mimetype, len(heard.data)) == (206, "audio/wav", 100)
    assert "no-store" in heard.headers["Cache-Control"]
    browser.get(f"/recordings/{kept.id}/sound", headers={"Range": "bytes=100-"})
    hotline.look_again()
    assert kinds().count("recording.played") == 1
    stranger = sign_in(town.bekzat)
    assert stranger.get(f"/recordings/{kept.id}").status_code == 404
    assert stranger.get(f"/recordings/{kept.id}/sound").status_code == 404
    assert hotline.app.test_client().get(f"/recordings/{kept.id}/sound").status_code == 302
