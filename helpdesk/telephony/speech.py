"""What is said, as a row of recorded pieces: whole prompts, numbers, times, dates and opening hours in kk, ru and en.

Pure: a language and values in, clips out; which file a clip is, `prompts/manifest.py` knows.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.telephony import grammar
from helpdesk.telephony.prompts.texts import Slot, UnknownPrompt, parts, pieces


class Clip(NamedTuple):
    """One recorded piece to play: `manifest.file_name(*clip)` is its file."""

    id: str
    language: str


Clips = tuple[Clip, ...]
# Weekday 0 (Monday) to 6, local opening and closing time; midnight as closing time is the end of the day.
Opening = tuple[int, time, time]

WAIT_MINUTES = (1, 2, 3, 5, 10, 15, 20, 30)
PAUSE = "pause"
_LAST_MINUTE = time(23, 59)
_UNSPOKEN = str.maketrans("", "", "+- ")


def _clips(language: str, ids: Iterable[str]) -> Clips:
    if language not in LANGUAGES:
        raise UnknownPrompt(f"no voice speaks {language!r}")
    return tuple(Clip(piece, language) for piece in ids)


def fragment(language: str, piece_id: str) -> Clips:
    """One piece by its id: "today", "organization.school". Raises UnknownPrompt."""
    if piece_id not in pieces(language):
        raise UnknownPrompt(f"no piece {piece_id!r} in {language!r} in texts.json")
    return _clips(language, [piece_id])


def music(language: str) -> Clips:
    """25 seconds of the tune on hold."""
    return _clips(language, ["music"])


def prompt(language: str, prompt_id: str, /, **values: Clips | int | str | time) -> Clips:
    """A prompt of texts.json with its slots filled: `prompt("kk", "P06", n=7, wait=wait_bucket("kk", 95))`.

    An int is said as a number, a string digit by digit, a time by the clock; anything else comes as clips.
    Raises UnknownPrompt for an id or a language that is not there, ValueError for a missing or superfluous value.
    """
    said: list[Clip] = []
    wanted = set()
    for part in parts(prompt_id, language):
        if not isinstance(part, Slot):
            said.append(Clip(part, language))
            continue
        wanted.add(part.name)
        if part.name not in values:
            raise ValueError(f"prompt {prompt_id} needs a value for {part.name!r}")
        said.extend(_value(language, values[part.name]))
    if superfluous := values.keys() - wanted:
        raise ValueError(f"prompt {prompt_id} has no place for {sorted(superfluous)}")
    return tuple(said)


def _value(language: str, value: Clips | int | str | time) -> Clips:
    if isinstance(value, int):
        return number(language, value)
    if isinstance(value, str):
        return digits(language, value)
    if isinstance(value, time):
        return clock_time(language, value)
    return value


def number(language: str, n: int) -> Clips:
    """A whole number from 0 to 1,000; ValueError beyond."""
    return _clips(language, grammar.number(language, n))


def digits(language: str, text: str) -> Clips:
    """A ticket's or telephone's number digit by digit, with a pause between groups of three, the last ones of two.

    The signs of a written number ("26-000123-4", "+7 709 …") are not said.
    """
    left = text.translate(_UNSPOKEN)
    if not left.isascii() or not left.isdigit():
        raise ValueError("only digits can be said digit by digit")
    said: list[str] = []
    while left:
        length = 2 if len(left) in (2, 4) else 3
        group, left = left[:length], left[length:]
        said += [f"number.{digit}" for digit in group] + ([PAUSE] if left else [])
    return _clips(language, said)


def service_number(language: str, number: str) -> Clips:
    """112 as people call it: «жүз он екі», «сто двенадцать», "one one two"."""
    return _clips(language, grammar.number(language, int(number))) if language != "en" else digits(language, number)


def wait_bucket(language: str, seconds: float) -> Clips:
    """The expected wait as one phrase, in steps of 1, 2, 3, 5, 10, 15, 20 and 30 minutes.

    Rounded up: nobody minds to be served early.
    """
    if seconds < 60:
        return _clips(language, ["wait.under_1"])
    for minutes in WAIT_MINUTES:
        if seconds <= minutes * 60:
            return _clips(language, [f"wait.{minutes}"])
    return _clips(language, ["wait.over_30"])


def queue_announcement(language: str, position: int | None, wait_seconds: float | None) -> Clips:
    """Place and expected wait of a waiting caller: P06, P06N or P06W; nothing when neither can be said.

    Give no position when it got worse since the last time; one beyond 1,000 is not said.
    """
    place = position if position is not None and position <= grammar.LARGEST_NUMBER else None
    if place is not None and wait_seconds is not None:
        return prompt(language, "P06", n=place, wait=wait_bucket(language, wait_seconds))
    if place is not None:
        return prompt(language, "P06N", n=place)
    if wait_seconds is not None:
        return prompt(language, "P06W", wait=wait_bucket(language, wait_seconds))
    return ()


def clock_time(language: str, at: time) -> Clips:
    """A time of day: «сағат он төрт нөл бес», «четырнадцать ноль пять», "two oh five p.m."; seconds are dropped."""
    return _clips(language, grammar.clock(language, at))


def day(language: str, on: date, today: date) -> Clips:
    """ "today", "tomorrow", else weekday and date: «дүйсенбі, жиырма үшінші қараша»."""
    if on == today:
        return _clips(language, ["today"])
    if on == today + timedelta(days=1):
        return _clips(language, ["tomorrow"])
    month_and_day = [f"month.{on.month}", f"date.{on.day}"]
    return _clips(
        language, [f"weekday.{on.weekday()}", *(month_and_day if language == "en" else reversed(month_and_day))]
    )


def moment(language: str, at: datetime, today: date) -> Clips:
    """Day and time of a local moment: "today at two oh five p.m."."""
    joint = ["at"] if language == "en" else []
    return day(language, at.date(), today) + _clips(language, joint) + clock_time(language, at.time())


def ticket_state(language: str, state: str) -> Clips:
    """How a ticket stands, one of the states of tickets/rules.py. Raises UnknownPrompt."""
    return fragment(language, f"state.{state}")


def organization_kind(language: str, kind: str) -> Clips:
    """A kind of organization of organizations/rules.py: "school", "district_department". Raises UnknownPrompt."""
    return fragment(language, f"organization.{kind}")


def opening_hours(language: str, intervals: Iterable[Opening]) -> Clips:
    """A desk's week: equal days together, Monday first; what lies between two intervals of a day is its break.

    "from Monday to Friday, from nine a.m. to six thirty p.m., Saturday, from nine a.m. to two p.m."
    """
    week: defaultdict[int, list[tuple[time, time]]] = defaultdict(list)
    for weekday, opens, closes in sorted(intervals):
        week[weekday].append((opens, closes))
    if not week:
        return _clips(language, ["hours.none"])
    alike: dict[tuple[tuple[time, time], ...], list[int]] = {}
    for weekday, spans in week.items():
        alike.setdefault(tuple(spans), []).append(weekday)
    said: list[str] = []
    for spans_of_days, days in alike.items():
        said += [PAUSE] if said else []
        said += [*grammar.weekdays(days), *_hours_of_a_day(language, spans_of_days)]
    return _clips(language, said)


def _hours_of_a_day(language: str, spans: Sequence[tuple[time, time]]) -> list[str]:
    opens, closes = spans[0][0], spans[-1][1]
    whole_day = opens == time.min and (closes == time.min or closes >= _LAST_MINUTE)
    said = ["hours.round_the_clock"] if whole_day else grammar.time_range(language, opens, closes)
    for (_, break_from), (break_to, _) in pairwise(spans):
        if break_from < break_to:
            said = [*said, PAUSE, "hours.break", *grammar.time_range(language, break_from, break_to)]
    return said
