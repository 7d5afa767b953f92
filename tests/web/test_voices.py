"""Administrators change what the telephone says, and callers hear it."""

import io

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpdesk.audit.models import JournalEntry
from helpdesk.identity.rules import Role
from helpdesk.kernel import settings, store
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony import speech, twiml, voices
from helpdesk.telephony.prompts.manifest import file_name
from helpdesk.telephony.voice_models import VoiceRecording
from tests.conftest import counted_statements
from tests.people import SignIn, Town, employ
from tests.telephony.test_recorder import file, tone
from tests.webhooks.signed import Carrier

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def irina(town: Town, sign_in: SignIn) -> FlaskClient:
    """The city administrator's browser."""
    return sign_in(town.admin)


def upload(
    browser: FlaskClient, at: int, piece: str = "P00", hertz: float = 1000, content: bytes = b""
) -> TestResponse:
    sound = content or file(tone(hertz))
    return browser.post(f"/voices/{at}/{piece}/kk", data={"file": (io.BytesIO(sound), "дауыс.wav")})


def heard_at(desk_id: int | None, piece: str = "P00") -> str:
    voices.answer_for(desk_id)
    return voices.file_of(speech.Clip(piece, "kk"))


def test_a_recording_is_heard_at_its_organization_and_below_until_a_nearer_one_is_made(
    irina: FlaskClient, town: Town
) -> None:
    synthetic = file_name("P00", "kk")
    assert heard_at(town.school905.id) == synthetic
    assert upload(irina, town.district.id).status_code == 303
    of_the_district = heard_at(town.school905.id)
    assert of_the_district.startswith("own/")
    assert heard_at(town.district.id) == of_the_district
    assert heard_at(town.school911.id) == heard_at(town.city.id) == heard_at(None) == synthetic
    upload(irina, town.school905.id, hertz=500)
    assert heard_at(town.school905.id) not in (synthetic, of_the_district)
    assert heard_at(town.district.id) == of_the_district
    # what the top has is the whole country's, also where no desk is known yet
    upload(irina, town.city.id, hertz=700)
    assert heard_at(None) == heard_at(town.school911.id) != synthetic
    assert heard_at(town.district.id) == of_the_district
    assert voices.file_of(speech.Clip("P00", "ru")) == file_name("P00", "ru")


def test_a_caller_hears_the_recording_of_the_desk_that_was_called(irina: FlaskClient, town: Town) -> None:
    upload(irina, town.school905.id)
    row = session().query(VoiceRecording).one()
    carrier = Carrier(irina.application)
    answer = carrier.post("incoming", sid="CA905", To="+77272000905", CallStatus="ringing")
    assert f"/prompts/own/{row.digest}.wav" in answer.text
    assert "own/" not in carrier.post("incoming", sid="CA911", To="+77272000911", CallStatus="ringing").text


def test_what_is_played_without_a_database_is_never_somebodys_recording(irina: FlaskClient, town: Town) -> None:
    for piece in ("P26", "music"):
        upload(irina, town.city.id, piece)
    assert "own/" not in twiml.apology() + twiml.music()


def test_back_to_the_synthetic_voice_and_again_to_the_recording(irina: FlaskClient, town: Town) -> None:
    upload(irina, town.school905.id)
    first = heard_at(town.school905.id)
    assert irina.post(f"/voices/{town.school905.id}/P00/kk/drop").status_code == 303
    irina.post(f"/voices/{town.school905.id}/P00/kk/drop")
    assert heard_at(town.school905.id) == file_name("P00", "kk")
    # a call that was just told to play it still finds it
    assert irina.get(f"/prompts/{first}").status_code == 200
    page = irina.get(f"/voices/{town.school905.id}/P00/kk").text
    assert "дауыс.wav" in page
    row = session().query(VoiceRecording).one()
    irina.post(f"/voices/{town.school905.id}/again/{row.id}")
    assert heard_at(town.school905.id) == first
    kinds = [entry.kind for entry in session().query(JournalEntry).order_by(JournalEntry.id)]
    assert kinds == ["prompt.recorded", "prompt.silenced", "prompt.recorded"]


def test_what_cannot_be_played_is_refused_beside_its_field_and_nothing_changes(irina: FlaskClient, town: Town) -> None:
    answer = upload(irina, town.school905.id, content=b"<html>not a sound")
    assert answer.status_code == 422
    assert 'href="#file"' in answer.text
    assert irina.post(f"/voices/{town.school905.id}/P00/kk", data={}).status_code == 422
    assert session().query(VoiceRecording).count() == 0


def test_the_address_of_prompts_opens_nothing_else_of_the_store(client: FlaskClient, town: Town) -> None:
    digest = store.put(settings.current().var_dir, b"a recorded conversation")
    for name in (f"{digest}.wav", f"../../{digest}.wav", "x.wav"):
        assert client.get(f"/prompts/own/{name}").status_code == 404
    assert client.get(f"/prompts/{file_name('P00', 'kk')}").status_code == 200


def test_another_part_of_the_tree_has_no_prompts_for_me(town: Town, sign_in: SignIn, irina: FlaskClient) -> None:
    upload(irina, town.school911.id)
    row = session().query(VoiceRecording).one()
    with transaction():
        qanat = employ("Қанат Ибраев", "qanat@1450.test", ["kk"], (Role.ADMINISTRATOR, town.district))
    browser = sign_in(qanat)
    assert browser.get(f"/voices/{town.school911.id}").status_code == 404
    assert upload(browser, town.school911.id).status_code == 404
    assert browser.post(f"/voices/{town.school911.id}/P00/kk/drop").status_code == 404
    assert browser.post(f"/voices/{town.district.id}/again/{row.id}").status_code == 404
    assert browser.get("/voices").headers["Location"] == f"/voices/{town.district.id}"
    assert browser.get(f"/voices/{town.school905.id}").status_code == 200
    for wrong in ("P99/kk", "P00/fr", "music/kk"):
        assert browser.get(f"/voices/{town.school905.id}/{wrong}").status_code == 404


def test_the_page_shows_every_sentence_in_three_languages_in_few_statements(irina: FlaskClient, town: Town) -> None:
    upload(irina, town.district.id)
    with counted_statements() as seen:
        page = irina.get(f"/voices/{town.school905.id}").text
    assert len(seen) <= 10
    for words in ("Қазақ тілінде жалғастыру үшін", "Для продолжения на русском языке", "For English, press three"):
        assert words in page
    assert "Алатауский район" in page
    assert "number.7" not in page
    found = irina.get(f"/voices/{town.school905.id}?words=1&q=number.7").text
    assert "number.7" in found
    assert "P00" not in found
