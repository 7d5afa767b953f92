"""The administrators' pages of webhooks."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from helpdesk.kernel.db import session, transaction
from helpdesk.notifications.hook_models import Hook, HookDelivery
from tests.conftest import counted_statements
from tests.notifications.receiver import Receiver
from tests.notifications.test_hooks import portal
from tests.people import SignIn, Town

__all__ = ["portal"]


@pytest.fixture
def irina(town: Town, sign_in: SignIn) -> FlaskClient:
    """The administrator's browser, in Russian."""
    return sign_in(town.admin)


def typed(town: Town, address: str = "https://hooks.example.org/1450", **changes: object) -> dict[str, object]:
    return {"address": address, "organization": str(town.district.id), "events": ["ticket.created"]} | changes


def test_a_webhook_is_written_down_and_its_secret_shown_once(town: Town, irina: FlaskClient) -> None:
    assert "Вебхуков пока нет" in irina.get("/hooks").text
    answer = irina.post("/hooks/new", data=typed(town))
    [secret] = re.findall(r'value="(whsec_[\w+/=]{44})"', answer.text)
    made = session().query(Hook).one()
    assert secret not in made.secret
    for page in ("/hooks", f"/hooks/{made.id}"):
        text = irina.get(page).text
        assert "hooks.example.org/1450" in text
        assert secret not in text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "http://hooks.example.org/"}, "address"),
        ({"address": "https://192.168.1.1/"}, "address"),
        ({"events": []}, "events"),
        ({"organization": "999999"}, "organization_text"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_typed_is_lost(
    town: Town, irina: FlaskClient, change: dict[str, object], field: str
) -> None:
    form = typed(town, **change)
    answer = irina.post("/hooks/new", data=form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'value="{form["address"]}"' in answer.text
    assert session().query(Hook).count() == 0


def test_a_test_is_sent_its_fate_shown_and_sent_again_by_hand(
    town: Town, irina: FlaskClient, portal: Receiver, run_jobs: Callable[[], None]
) -> None:
    portal.statuses = [410, 200]
    irina.post("/hooks/new", data=typed(town, portal.address))
    hook = session().query(Hook).one()
    irina.post(f"/hooks/{hook.id}/test")
    run_jobs()
    page = irina.get(f"/hooks/{hook.id}").text
    assert "HTTP 410" in page
    assert "Выключен" in page
    delivery = session().query(HookDelivery).one()
    irina.post(f"/hooks/{hook.id}/deliveries/{delivery.id}")
    run_jobs()
    assert "доставлено" in irina.get(f"/hooks/{hook.id}").text
    assert len({sent["webhook-id"] for sent, _ in portal.got}) == 1
    assert len(portal.got) == 2


def test_a_webhook_is_changed_and_switched(town: Town, irina: FlaskClient) -> None:
    irina.post("/hooks/new", data=typed(town))
    hook = session().query(Hook).one()
    irina.post(f"/hooks/{hook.id}", data=typed(town, "https://other.example.org/", events=["ticket.resolved"]))
    irina.post(f"/hooks/{hook.id}/switch", data={"active": "0"})
    session().expire_all()
    assert (hook.address, hook.events, hook.active) == ("https://other.example.org/", ["ticket.resolved"], False)


@pytest.mark.parametrize("path", ["", "/switch", "/test", "/deliveries/1"])
def test_another_parts_webhook_does_not_exist(town: Town, irina: FlaskClient, path: str) -> None:
    irina.post("/hooks/new", data=typed(town, organization=str(town.city.id)))
    hook = session().query(Hook).one()
    with transaction():
        for role in town.admin.roles:
            session().merge(role).organization_id = town.district.id
    assert irina.post(f"/hooks/{hook.id}{path}", data=typed(town)).status_code == 404
    assert irina.get(f"/hooks/{hook.id}").status_code == 404
    assert "hooks.example.org" not in irina.get("/hooks").text


def test_pages_ask_few_statements(town: Town, irina: FlaskClient) -> None:
    irina.post("/hooks/new", data=typed(town))
    hook = session().query(Hook).one()
    for _ in range(32):
        irina.post(f"/hooks/{hook.id}/test")
    for page in ("/hooks", f"/hooks/{hook.id}"):
        with counted_statements() as seen:
            irina.get(page)
        assert len(seen) <= 6, page
