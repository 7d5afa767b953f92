import pytest

from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.notifications.rules import Kind
from helpdesk.notifications.sms import TEMPLATES, TEXTS, fill, segments

LINK = "https://1450.kz/kk/t/1f4a-abcdefghij2k"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ө" * 70, 1),
        ("ө" * 71, 2),
        ("ө" * 134, 2),
        ("ө" * 135, 3),
        ("x" * 69 + "ө", 1),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("", 1),
    ],
)
def test_parts_are_counted_as_the_carrier_counts_them(text: str, parts: int) -> None:
    assert segments(text) == parts


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_text_of_at_most_two_parts_in_each_language(kind: Kind, language: str) -> None:
    text = fill(kind, language, no="26-000123-4", url=LINK, secret="12345678", due="24.11 18:30", time="24.11 10:00")
    assert "{" not in text
    assert "26-000123-4" in text
    assert segments(text) <= 2
    assert TEMPLATES[kind] in TEXTS


def test_every_text_has_all_languages_with_the_same_places_to_fill() -> None:
    for name, texts in TEXTS.items():
        places = {language: {part.split("}")[0] for part in texts[language].split("{")[1:]} for language in LANGUAGES}
        assert len({frozenset(found) for found in places.values()}) == 1, name
