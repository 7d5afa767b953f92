"""Passkeys in Chromium, with the authenticator that it simulates."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from playwright.sync_api import CDPSession, Page, expect

from helpdesk.administration import staffing
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.passkey_models import Passkey
from helpdesk.identity.queries import asker
from helpdesk.kernel.db import session, transaction
from tests.browser.conftest import OpenPage, no_serious_findings
from tests.people import PASSWORD, Town


def device(page: Page) -> tuple[CDPSession, str]:
    """A telephone that answers with a finger."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


@pytest.fixture
def page(open_page: OpenPage, live_server: str) -> Page:
    """A browser at the local name: passkeys know no numbers for names."""
    return open_page(base_url=live_server.replace("127.0.0.1", "localhost"))


def sign_in(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("form:not([data-passkey]) button.button--primary")


def add_passkey(page: Page, name: str = "менің телефоным") -> None:
    page.goto("/account")
    page.fill("#name", name)
    page.click("form[data-passkey] button")
    expect(page.get_by_text(name)).to_be_visible()


def sign_out(page: Page) -> None:
    page.click("form[action='/sign-out'] button")
    expect(page.locator("#email")).to_be_visible()


def known() -> list[Passkey]:
    session().rollback()
    session().expire_all()
    return list(session().query(Passkey).order_by(Passkey.id))


def test_a_passkey_opens_the_house_without_a_password_and_stands_for_the_code_after_one(
    page: Page, town: Town, app: Flask
) -> None:
    cdp, telephone = device(page)
    sign_in(page, town.erlan.email)
    add_passkey(page)
    no_serious_findings(page)
    sign_out(page)

    page.goto("/sign-in?next=/account")
    with page.expect_request("**/sign-in/passkey") as sent:
        page.click("form[data-passkey] button")
    expect(page.get_by_text("менің телефоным")).to_be_visible()
    answered = sent.value.post_data or ""

    # the same answer again opens nothing
    page.context.clear_cookies()
    page.goto("/sign-in")
    token = page.locator("form[data-passkey] input[name=csrf_token]").input_value()
    again = page.request.post("/sign-in/passkey", form={"answer": _field(answered, "answer"), "csrf_token": token})
    assert again.status == 422

    # the password alone opens nothing any more; with the passkey it does
    sign_in(page, town.erlan.email)
    expect(page.locator("#code")).to_have_count(0)
    page.goto("/board")
    expect(page.locator("#email")).to_be_visible()
    sign_in(page, town.erlan.email)
    no_serious_findings(page)
    page.click("form[data-passkey] button")
    expect(page.locator("form[action='/sign-out']")).to_be_visible()
    assert [one.kind for one in session().query(JournalEntry).filter(JournalEntry.kind.like("staff.passkey%"))] == [
        "staff.passkey_added",
        "staff.passkey_used",
        "staff.passkey_used",
    ]

    # a device that did not ask for a finger is no way in without the password
    sign_out(page)
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": telephone, "isUserVerified": False})
    page.click("form[data-passkey] button")
    expect(page.locator("form[data-passkey] [role=status]")).not_to_be_empty()


def test_somebody_elses_passkey_is_no_second_factor(page: Page, town: Town) -> None:
    device(page)
    sign_in(page, town.asel.email)
    add_passkey(page, "Әселдікі")
    sign_out(page)
    with transaction():
        # Ерлан has one too, on a device that is not here
        session().add(
            Passkey(
                staff_id=town.erlan.id,
                credential_id=b"elsewhere",
                public_key=b"x",
                sign_count=0,
                name="",
                made_at=known()[0].made_at,
            )
        )
    sign_in(page, town.erlan.email)
    page.click("form[data-passkey] button")
    expect(page.locator("form[data-passkey] [role=status]")).not_to_be_empty()
    page.goto("/board")
    expect(page.locator("#email")).to_be_visible()


def test_a_lost_device_is_taken_away_by_an_administrator_or_by_oneself(page: Page, town: Town) -> None:
    device(page)
    sign_in(page, town.erlan.email)
    add_passkey(page)
    irina = asker(town.admin.id)
    assert irina is not None
    with transaction():
        staffing.remove_second_factor(irina, town.erlan.id)
    assert known() == []
    page.goto("/board")
    expect(page.locator("#email")).to_be_visible()
    sign_in(page, town.erlan.email)
    add_passkey(page)
    page.click("form[action$='/remove'] button")
    expect(page.locator("form[action$='/remove']")).to_have_count(0)
    assert known() == []


def _field(form: str, name: str) -> str:
    return parse_qs(form)[name][0]
