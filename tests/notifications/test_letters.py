from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from helpdesk.intake import quotes
from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.notifications.letters import About, write
from helpdesk.notifications.rules import Kind

ABOUT = About(
    number="26-000123-4",
    subject="Журнал ашылмайды",
    link="https://1450.kz/kk/t/1f4a-abcdefghij2k",
    secret="12345678",
    desk="№ 905 мектеп",
    due_at=datetime(2026, 11, 24, 13, 30, tzinfo=UTC),
    text="Құпиясөз жаңартылды.\n<b>1 & 2</b>",
    at=datetime(2026, 11, 24, 5, 0, tzinfo=UTC),
)
ZONE = ZoneInfo("Asia/Almaty")
WRITTEN = [kind for kind in Kind if kind is not Kind.SECRET]


@pytest.mark.parametrize("kind", WRITTEN)
def test_every_letter_exists_in_three_languages_that_differ(kind: Kind) -> None:
    letters = {write(kind, ABOUT, language, ZONE) for language in LANGUAGES}
    assert len({body for _, body in letters}) == 3
    for subject, body in letters:
        assert "26-000123-4" in subject
        assert ABOUT.link in body
        assert "№ 905 мектеп" in body


def test_the_first_letter_tells_number_term_secret_and_link() -> None:
    subject, body = write(Kind.OPENED, ABOUT, "kk", ZONE)
    assert subject == "Өтінішіңіз тіркелді [26-000123-4]"
    assert "Шешу мерзімі: 2026 жылғы 24 қараша, 18:30" in body
    assert "12345678" in body


def test_the_operators_words_stand_as_they_were_written() -> None:
    _, body = write(Kind.REPLIED, ABOUT, "ru", ZONE)
    assert "Құпиясөз жаңартылды.\n<b>1 & 2</b>" in body


def test_every_letter_is_signed_in_both_languages_of_the_state() -> None:
    _, body = write(Kind.OPENED, ABOUT, "en", ZONE)
    assert body.rstrip().endswith("1450 білім беру жедел желісі\nГорячая линия образования 1450")


@pytest.mark.parametrize("kind", WRITTEN)
def test_an_answer_above_our_line_is_cut_from_our_letter_even_without_any_known_quotation_mark(kind: Kind) -> None:
    _, body = write(kind, ABOUT, "kk", ZONE)
    assert quotes.split("Рахмет, ашылды!\n\n" + body) == ("Рахмет, ашылды!", body.strip())


def test_a_subject_of_somebody_else_stays_on_one_line() -> None:
    about = About(**{**vars(ABOUT), "subject": "Вход\r\nBcc: all@parents.test"})
    subject, _ = write(Kind.REPLIED, about, "ru", ZONE)
    assert "\n" not in subject
    assert "\r" not in subject
