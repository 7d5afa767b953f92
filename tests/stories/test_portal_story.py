"""A district's portal works with the desk: it files, hears, reads, asks for a call, and is shut out again."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from helpdesk.kernel import settings
from helpdesk.kernel.db import session
from helpdesk.notifications.hook_models import Hook
from helpdesk.notifications.hook_rules import headers
from tests.api.programs import Program
from tests.conftest import SetClock
from tests.notifications.receiver import Receiver, receiver
from tests.people import GULNAR_PHONE, SignIn, Town


@pytest.fixture
def listening(app: Flask) -> Iterator[Receiver]:
    """The portal's own server, on this machine."""
    before = settings.current()
    settings.install(before.model_copy(update={"webhooks_inside": True}))
    try:
        with receiver() as found:
            yield found
    finally:
        settings.install(before)


def test_a_portal_and_the_desk_work_on_the_same_ticket(
    app: Flask, town: Town, sign_in: SignIn, listening: Receiver, set_clock: SetClock, run_jobs: Callable[[], None]
) -> None:
    irina, aigul = sign_in(town.admin), sign_in(town.aigul)
    place = {"organization": str(town.district.id)}
    scopes = ["tickets:read", "tickets:write", "callbacks:write"]
    made = irina.post("/tokens/new", data=place | {"name": "Портал", "address": town.aigul.email, "scopes": scopes})
    [secret] = re.findall(r'value="(h1450_[\w-]{43})"', made.text)
    [token_id] = map(int, re.findall(r"/tokens/(\d+)/revoke", irina.get("/tokens").text))
    events = ["ticket.created", "message.added", "ticket.resolved"]
    added = irina.post("/hooks/new", data=place | {"address": listening.address, "events": events})
    [key] = re.findall(r'value="(whsec_[^"]+)"', added.text)
    portal = Program(app, secret, token_id)

    # a form on the portal is sent twice, the desk has it once
    form = {"text": "Kundelik ашылмайды", "organization_id": town.school905.id, "requester": {"phone": GULNAR_PHONE}}
    number = portal.post("/tickets", form, key="form-1").json["number"]
    assert portal.post("/tickets", form, key="form-1").json["number"] == number
    assert aigul.get("/board").text.count(f'href="/tickets/{number}') == 1

    # an operator answers and settles it on the page; the portal hears of both and reads the words
    aigul.post(f"/tickets/{number}/reply", data={"body": "Құпиясөзді ауыстырдық."})
    run_jobs()
    set_clock.forward(minutes=1)
    aigul.post(f"/tickets/{number}/resolve", data={"resolution": "solved"})
    run_jobs()
    told = [json.loads(body) for _, body in listening.got]
    assert [one["type"] for one in told] == ["ticket.created", "message.added", "ticket.resolved"]
    assert {one["data"]["ticket"] for one in told} == {number}
    sent, body = listening.got[-1]
    assert sent["webhook-signature"] == headers(sent["webhook-id"], set_clock(), body, key)["webhook-signature"]
    said = portal.get(f"/tickets/{number}/messages").json["items"]
    assert told[1]["data"]["message_id"] == said[-1]["id"]
    assert said[-1]["body"] == "Құпиясөзді ауыстырдық."

    # the parent wants to be called: the desk's list of promises has it
    promise = portal.post("/callbacks", {"ticket": number, "phone": GULNAR_PHONE}, key="call-1")
    assert promise.status_code == 201
    assert number in aigul.get("/callbacks").text

    # and when the contract ends, the portal is out and hears nothing more
    irina.post(f"/tokens/{token_id}/revoke")
    irina.post(f"/hooks/{session().query(Hook).one().id}/switch", data={"active": "0"})
    aigul.post(f"/tickets/{number}/reopen")
    aigul.post(f"/tickets/{number}/reply", data={"body": "Тағы бір сөз."})
    run_jobs()
    assert portal.get(f"/tickets/{number}").status_code == 401
    assert len(listening.got) == 3
