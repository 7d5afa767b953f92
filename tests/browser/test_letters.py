"""The ledger of letters and the demo's outbox as staff see them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.intake import mailroom
from helpdesk.kernel.db import transaction
from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll, shot
from tests.browser.test_report import signed_in
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import GULNAR_PHONE, Town

LETTERS = Path(__file__).parents[1] / "intake" / "letters"


@pytest.fixture
def after_the_post(town: Town, set_clock: SetClock, run_jobs: Callable[[], None]) -> Town:
    """Letters that were filed and rejected, one that nobody can read, and what was answered to them."""
    with transaction():
        for name in ("kz1048_declared_1251", "koi8r", "attachments", "bulk", "auto_reply", "forged_token"):
            content = (LETTERS / f"{name}.eml").read_bytes()
            mailroom.store(content, "a-rather-long-address.of-a-parent@parents.test", ["905@1450.test"])
        aside = mailroom.store(b"Subject: x\n\ny\n", "asel@parents.test", ["905@1450.test", "alatau@1450.test"])
        mailroom.put_aside(aside, "NotADirectoryError: [Errno 20] Not a directory")
    filed(phones=(GULNAR_PHONE,), desk_id=town.school905.id)
    run_jobs()
    return town


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("path", ["/mail", "/outbox"])
def test_letters_can_be_read_on_any_screen(after_the_post: Town, open_page: OpenPage, language: str, path: str) -> None:
    page = signed_in(open_page, after_the_post.erlan, language)
    page.goto(path)
    no_sideways_scroll(page)
    no_serious_findings(page)
    shot(page, f"{path.strip('/')}-{language}")
    page.set_viewport_size({"width": 390, "height": 800})
    no_sideways_scroll(page)


def test_a_letter_is_read_again_by_a_press_of_a_button(after_the_post: Town, open_page: OpenPage) -> None:
    page = signed_in(open_page, after_the_post.erlan, "ru")
    page.goto("/mail?state=unreadable")
    page.get_by_role("button", name="Прочитать снова").click()
    page.get_by_text("Письмо читается снова.").wait_for()
    assert page.get_by_role("button", name="Прочитать снова").count() == 0
