"""Webhooks as the carrier would send them, one by one."""

from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from helpdesk.kernel import settings
from phonesim.twiml import Document, Manner, parse

SID = "CA" + "1" * 32


class Carrier:
    """Signs and posts; `document` also checks the answer as strictly as the simulator does."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def post(self, path: str, sid: str | None = SID, sign: bool = True, **fields: str) -> TestResponse:
        """POST to /twilio/voice/<path> with the usual fields of a call from a parent."""
        usual = {"From": "+77090000001", "To": "1450", "CallStatus": "in-progress", "Direction": "inbound"}
        form = usual | ({"CallSid": sid} if sid else {}) | fields
        target = path if path.startswith("/") else f"/twilio/voice/{path}"
        known = settings.current()
        validator = RequestValidator(known.twilio_auth_token)
        signature = validator.compute_signature(known.public_base_url + target, form)
        headers = {"X-Twilio-Signature": signature} if sign else {}
        return self.client.post(target, data=form, headers=headers)

    def document(self, path: str, manner: Manner = Manner.LIVE, **fields: str) -> Document:
        """The document that is answered."""
        response = self.post(path, **fields)
        assert response.status_code == 200
        return parse(response.data, manner, response.content_type)

    def told(self, path: str, **fields: str) -> int:
        """The status of an answer without a document."""
        return self.post(path, **fields).status_code


def played(document: Document) -> list[str]:
    """Prompt ids in the order in which they are heard: "kk/P02", …"""
    names = []
    for verb in document.verbs:
        for play in [verb, *verb.children]:
            if play.name == "Play":
                names.append(play.text.removeprefix("/prompts/").rsplit("-", 1)[0])
    return names


def verbs(document: Document) -> list[str]:
    """The names of the verbs."""
    return [verb.name for verb in document.verbs]
