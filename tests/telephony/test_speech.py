"""Sentences are checked as words: the texts of the clips, joined, are what the caller hears."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.organizations.rules import Kind
from helpdesk.telephony import speech
from helpdesk.telephony.prompts import manifest, texts
from helpdesk.telephony.speech import Clips
from helpdesk.tickets.rules import TicketState

TODAY = date(2026, 11, 21)
WORKING_DAYS = [(weekday, time(9), time(18, 30)) for weekday in range(5)]


def heard(clips: Clips) -> str:
    """The words of the clips; a pause is heard as a comma. Fails when a clip is not recorded."""
    words = [
        "," if clip.id == "pause" else manifest.recording(*clip).text.replace("short silence", "") for clip in clips
    ]
    return " ".join(words).replace(" ,", ",")


@pytest.mark.parametrize(
    ("n", "kk", "ru", "en"),
    [
        (0, "нөл", "ноль", "zero"),
        (7, "жеті", "семь", "seven"),
        (10, "он", "десять", "ten"),
        (14, "он төрт", "четырнадцать", "fourteen"),
        (21, "жиырма бір", "двадцать один", "twenty one"),
        (90, "тоқсан", "девяносто", "ninety"),
        (100, "жүз", "сто", "one hundred"),
        (105, "жүз бес", "сто пять", "one hundred and five"),
        (212, "екі жүз он екі", "двести двенадцать", "two hundred and twelve"),
        (999, "тоғыз жүз тоқсан тоғыз", "девятьсот девяносто девять", "nine hundred and ninety nine"),
        (1000, "бір мың", "тысяча", "one thousand"),
    ],
)
def test_numbers_are_said_as_each_language_counts(n: int, kk: str, ru: str, en: str) -> None:
    assert [heard(speech.number(language, n)) for language in LANGUAGES] == [kk, ru, en]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_to_a_thousand_is_recorded_and_sounds_like_no_other(language: str) -> None:
    assert len({heard(speech.number(language, n)) for n in range(1001)}) == 1001


@pytest.mark.parametrize("n", [-1, 1001])
def test_a_number_that_was_not_recorded_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="0 to 1000"):
        speech.number("kk", n)


def test_a_ticket_number_is_said_digit_by_digit_in_groups_of_three() -> None:
    assert heard(speech.digits("kk", "26-000123-4")) == "екі алты нөл, нөл нөл бір, екі үш төрт"
    assert heard(speech.digits("ru", "260001234")) == "два шесть ноль, ноль ноль один, два три четыре"
    assert heard(speech.digits("en", "260001234")) == "two six zero, zero zero one, two three four"


def test_a_telephone_number_ends_in_groups_of_two() -> None:
    assert heard(speech.digits("en", "7090000001")) == "seven zero nine, zero zero zero, zero zero, zero one"


@pytest.mark.parametrize("text", ["12a", "", "٣٤"])
def test_only_plain_digits_are_said_digit_by_digit(text: str) -> None:
    with pytest.raises(ValueError, match="only digits"):
        speech.digits("kk", text)


@pytest.mark.parametrize(
    ("at", "kk", "ru", "en"),
    [
        (time(14, 5), "сағат он төрт нөл бес", "четырнадцать ноль пять", "two oh five p.m."),
        (time(18, 30), "сағат он сегіз отыз", "восемнадцать тридцать", "six thirty p.m."),
        (time(9), "сағат тоғыз", "девять часов", "nine a.m."),
        (time(21), "сағат жиырма бір", "двадцать один час", "nine p.m."),
        (time(0), "сағат нөл", "ноль часов", "midnight"),
        (time(12), "сағат он екі", "двенадцать часов", "noon"),
        (time(0, 7), "сағат нөл нөл жеті", "ноль ноль семь", "twelve oh seven a.m."),
        (time(23, 41), "сағат жиырма үш қырық бір", "двадцать три сорок один", "eleven forty one p.m."),
    ],
)
def test_times_are_said_as_each_language_reads_a_clock(at: time, kk: str, ru: str, en: str) -> None:
    assert [heard(speech.clock_time(language, at)) for language in LANGUAGES] == [kk, ru, en]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_minute_of_the_day_is_recorded_and_sounds_like_no_other(language: str) -> None:
    minutes = [time(hour, minute) for hour in range(24) for minute in range(60)]
    assert len({heard(speech.clock_time(language, at)) for at in minutes}) == len(minutes)


def test_today_and_tomorrow_are_said_by_name_and_other_days_by_date() -> None:
    assert heard(speech.day("kk", TODAY, TODAY)) == "бүгін"
    assert heard(speech.day("ru", date(2026, 11, 22), TODAY)) == "завтра"
    assert heard(speech.day("kk", date(2026, 11, 23), TODAY)) == "дүйсенбі жиырма үшінші қараша"
    assert heard(speech.day("ru", date(2026, 11, 23), TODAY)) == "понедельник двадцать третье ноября"
    assert heard(speech.day("en", date(2026, 11, 23), TODAY)) == "Monday November twenty-third"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_of_a_leap_year_can_be_said(language: str) -> None:
    days = [date.fromordinal(number) for number in range(date(2028, 1, 1).toordinal(), date(2029, 1, 1).toordinal())]
    assert len({heard(speech.day(language, day, TODAY)) for day in days}) == 366


def test_a_promised_moment_is_a_day_and_a_time() -> None:
    at = datetime(2026, 11, 21, 14, 5, tzinfo=ZoneInfo("Asia/Almaty"))
    assert heard(speech.moment("kk", at, TODAY)) == "бүгін сағат он төрт нөл бес"
    assert heard(speech.moment("en", at, TODAY)) == "today at two oh five p.m."


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [
        *[(0, "under_1"), (59, "under_1"), (60, "1"), (61, "2"), (120, "2"), (181, "5"), (600, "10"), (601, "15")],
        *[(1200, "20"), (1201, "30"), (1800, "30"), (1801, "over_30"), (90_000, "over_30")],
    ],
)
def test_the_wait_is_said_in_steps_rounded_up(seconds: int, bucket: str) -> None:
    assert [clip.id for clip in speech.wait_bucket("ru", seconds)] == [f"wait.{bucket}"]


def test_a_prompt_follows_the_order_of_its_language() -> None:
    said = speech.prompt("kk", "P06", n=7, wait=speech.wait_bucket("kk", 100))
    assert heard(said) == (
        "Қазір барлық оператор бос емес. Кезектегі орныңыз: жеті Болжамды күту уақыты: шамамен екі минут"
    )
    assert [clip.id for clip in said] == ["P06.1", "number.7", "P06.2", "wait.2"]
    assert {clip.language for clip in said} == {"kk"}


def test_a_prompt_without_slots_is_one_clip() -> None:
    assert speech.prompt("kk", "P00") == (("P00", "kk"),)


def test_a_string_in_a_prompt_is_said_digit_by_digit_and_a_time_by_the_clock() -> None:
    said = heard(speech.prompt("ru", "P10", ticket="260001234", time=time(14, 5)))
    assert "Номер обращения: два шесть ноль, ноль ноль один, два три четыре Мы перезвоним" in said
    assert "самое позднее: четырнадцать ноль пять Номер придёт" in said


def test_a_prompt_refuses_a_missing_and_a_superfluous_value() -> None:
    with pytest.raises(ValueError, match="needs a value for 'wait'"):
        speech.prompt("kk", "P06", n=7)
    with pytest.raises(ValueError, match="no place for"):
        speech.prompt("kk", "P00", n=7)


def test_an_unknown_prompt_language_or_state_is_named_in_the_error() -> None:
    with pytest.raises(texts.UnknownPrompt, match="P99"):
        speech.prompt("kk", "P99")
    with pytest.raises(texts.UnknownPrompt, match="uz"):
        speech.number("uz", 1)
    with pytest.raises(texts.UnknownPrompt, match=r"state\.lost"):
        speech.ticket_state("kk", "lost")


def test_a_waiting_caller_hears_what_can_be_said_of_place_and_wait() -> None:
    assert speech.queue_announcement("kk", 3, 130)[0].id == "P06.1"
    assert heard(speech.queue_announcement("en", 3, None)).endswith("Your place in the queue: three")
    assert heard(speech.queue_announcement("en", None, 115)).endswith("The expected wait: about two minutes")
    assert heard(speech.queue_announcement("en", 1001, 9000)).endswith("The expected wait: more than thirty minutes")
    assert speech.queue_announcement("en", None, None) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ticket_state_and_kind_of_organization_is_recorded(language: str) -> None:
    assert len({heard(speech.ticket_state(language, state)) for state in TicketState}) == len(TicketState)
    assert len({heard(speech.organization_kind(language, kind)) for kind in Kind}) == len(Kind)


def test_equal_days_are_said_together() -> None:
    week = [*WORKING_DAYS, (5, time(9), time(14))]
    assert heard(speech.opening_hours("kk", week)) == (
        "дүйсенбіден жұмаға дейін сағат тоғыздан он сегіз отызға дейін, сенбі сағат тоғыздан он төртке дейін"
    )
    assert heard(speech.opening_hours("ru", week)) == (
        "с понедельника по пятницу с девяти до восемнадцати тридцати, суббота с девяти до четырнадцати"
    )
    assert heard(speech.opening_hours("en", week)) == (
        "from Monday to Friday from nine a.m. to six thirty p.m., Saturday from nine a.m. to two p.m."
    )


def test_a_lunch_break_is_said_as_a_break() -> None:
    week = [(day, *hours) for day in range(5) for hours in [(time(14), time(18)), (time(9), time(13))]]
    assert heard(speech.opening_hours("kk", week)) == (
        "дүйсенбіден жұмаға дейін сағат тоғыздан он сегізге дейін, үзіліс сағат он үштен он төртке дейін"
    )
    assert heard(speech.opening_hours("ru", week)) == (
        "с понедельника по пятницу с девяти до восемнадцати, перерыв с тринадцати до четырнадцати"
    )


def test_days_apart_are_named_one_by_one() -> None:
    week = [(day, time(8, 5), time(12, 45)) for day in (0, 2, 4, 5)]
    assert heard(speech.opening_hours("ru", week)) == (
        "понедельник среда пятница суббота с восьми ноль пяти до двенадцати сорока пяти"
    )
    assert heard(speech.opening_hours("kk", week)) == (
        "дүйсенбі сәрсенбі жұма сенбі сағат сегіз нөл бестен он екі қырық беске дейін"
    )


def test_a_desk_that_never_closes_is_open_round_the_clock() -> None:
    never_closed = [(day, time(0), time(0)) for day in range(7)]
    almost_midnight = [(day, time(0), time(23, 59)) for day in range(7)]
    assert heard(speech.opening_hours("kk", never_closed)) == "күн сайын тәулік бойы"
    assert heard(speech.opening_hours("en", almost_midnight)) == "every day round the clock"


def test_midnight_as_closing_time_is_the_end_of_the_day() -> None:
    late = [(5, time(20), time(0))]
    assert [heard(speech.opening_hours(language, late)) for language in LANGUAGES] == [
        "сенбі сағат жиырмадан түн ортасына дейін",
        "суббота с двадцати до полуночи",
        "Saturday from eight p.m. to midnight",
    ]


def test_a_desk_without_hours_says_so() -> None:
    assert heard(speech.opening_hours("ru", [])) == "не установлено"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_opening_and_closing_time_is_recorded(language: str) -> None:
    minutes = [time(hour, minute) for hour in range(24) for minute in range(60)]
    opening = {heard(speech.opening_hours(language, [(0, at, time(0))])) for at in minutes}
    closing = {heard(speech.opening_hours(language, [(0, time(0, 30), at)])) for at in minutes}
    assert (len(opening), len(closing)) == (1440, 1440)
