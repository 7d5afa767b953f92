"""The small markup of articles."""

import re

import pytest

from helpdesk.knowledge import markup


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("Бір.\nЕкі.", "<p>Бір.<br>Екі.</p>"),
        ("## Не\n1. Бір\n2. Екі\n\nСоңы", "<h2>Не</h2>\n<ol><li>Бір</li><li>Екі</li></ol>\n<p>Соңы</p>"),
        ("- a\n- **b**", "<ul><li>a</li><li><strong>b</strong></li></ul>"),
        ("**[112](tel:112)!**", '<p><strong><a href="tel:112" rel="noopener">112</a>!</strong></p>'),
        ("[112](tel:112)", '<p><a href="tel:112" rel="noopener">112</a></p>'),
        ("https://kundelik.test.", '<p><a href="https://kundelik.test" rel="noopener">https://kundelik.test</a>.</p>'),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_paragraphs_lists_headings_and_links(typed: str, made: str) -> None:
    assert markup.html(typed) == made


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '[x](https://a.test"onclick="alert(1))',
        "## <img src=x onerror=alert(1)>",
        "[<b>](data:text/html,x)",
        "[x](//elsewhere.test)",
    ],
)
def test_nothing_that_is_typed_becomes_a_script_or_leads_astray(typed: str) -> None:
    made = markup.html(typed)
    assert not re.search(r"<script|<img|<[^>]*(?:on\w+=|javascript:|data:|href=.//)", made)


def test_a_letter_gets_the_words_without_stars_and_hashes() -> None:
    typed = "## Қадамдар\n1. **Бір** [112](tel:112)\n- [сайт](https://a.test)"
    assert markup.plain(typed) == "Қадамдар\n1. Бір 112: 112\n- сайт: https://a.test"


def test_the_beginning_ends_with_a_word_and_holds_sentences_alone() -> None:
    assert markup.beginning("## Бір\n\nекі үш төрт", 8) == "екі үш…"
    assert markup.beginning("1. Сөндіріңіз.\n2. **Қосыңыз.**\n- Күтіңіз.") == "Сөндіріңіз. Қосыңыз. Күтіңіз."
