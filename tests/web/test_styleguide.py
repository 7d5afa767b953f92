"""The styleguide shows every component; these tests hold the promises of the design system."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from helpdesk.kernel.settings import ROOT

STATIC = ROOT / "helpdesk" / "static"
PARTS = ROOT / "templates" / "parts"


def test_the_styleguide_opens_and_shows_all_three_languages(client: FlaskClient) -> None:
    page = client.get("/styleguide")
    assert page.status_code == 200
    assert all(f'lang="{code}"' in page.text for code in ("kk", "ru", "en"))


def test_every_part_is_shown_in_the_styleguide() -> None:
    shown = (ROOT / "templates" / "styleguide" / "components.html").read_text()
    for file in PARTS.glob("*.html"):
        for name in re.findall(r"macro ([a-z]\w*)\(", file.read_text()):
            if name not in ("csrf", "flashes"):
                assert f"{name}(" in shown, f"{name} of {file.name} is missing in the styleguide"


def test_no_template_carries_a_style_or_a_script_of_its_own() -> None:
    for file in (ROOT / "templates").rglob("*.html"):
        text = file.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|javascript:", text), file


def test_no_stylesheet_or_script_names_another_host() -> None:
    for file in [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js"), STATIC / "vendor" / "VENDOR.json"]:
        assert "://" not in file.read_text(), file


def test_only_the_tokens_name_colours() -> None:
    for name in ("components.css", "staff.css", "public.css"):
        rules = (STATIC / "css" / name).read_text()
        assert not re.search(r":[^;{]*#[0-9a-fA-F]{3,8}\b", rules), name


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_it_stands_on(scheme: str) -> None:
    light, dark = Path(STATIC / "css" / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        tokens |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    grounds = ("ground", "surface", "sunken", "raised", "accent-tint")
    pairs = [(text, ground) for text in ("text", "text-soft", "accent", "breach") for ground in grounds]
    pairs += [(state, f"{state}-tint") for state in ("calm", "amber", "breach", "quiet")]
    pairs += [("accent-text", "accent"), ("accent-text", "accent-strong")]
    for text, ground in pairs:
        assert _contrast(tokens[text], tokens[ground]) >= 4.5, (scheme, text, ground)


def test_an_error_leads_to_its_field_and_the_field_names_its_error(client: FlaskClient) -> None:
    page = client.get("/styleguide").text
    assert '<a href="#s-en-mail">' in page
    assert 'aria-describedby="s-en-mail-hint s-en-mail-error" aria-invalid="true"' in page
