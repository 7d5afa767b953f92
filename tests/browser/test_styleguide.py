"""The components as a browser draws them: no sideways scroll at any width, nothing serious for those who do not see."""

import pytest

from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll, shot, targets_are_large


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_styleguide_has_no_serious_findings(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    page.goto("/styleguide")
    no_sideways_scroll(page)
    targets_are_large(page, 24)
    no_serious_findings(page)
    shot(page, f"styleguide-{scheme}")


@pytest.mark.parametrize("width", [1366, 1024, 768, 390])
def test_the_workspace_fits_its_screen(open_page: OpenPage, width: int) -> None:
    page = open_page(width=width, height=768)
    page.goto("/styleguide/workspace?shows=ticket")
    no_sideways_scroll(page)
    assert page.locator(".workspace__ticket").is_visible()
    assert page.locator(".workspace__list").is_visible() == (width > 640)
    assert page.locator(".workspace__person").is_visible() == (width > 1023)
    if width <= 1023:
        page.locator("[data-folds=person]").click()
        assert page.locator(".workspace__person").is_visible()
    shot(page, f"workspace-{width}")


def test_the_question_mark_shows_the_keys_and_escape_hides_them(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/styleguide")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
