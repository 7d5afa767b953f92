"""Numbers, clock and weekdays as ids of recorded pieces, in the grammar of each language.

Pure. Kazakh and Russian bend the last words of a range («тоғыздан он сегіз отызға дейін», «с девяти до восемнадцати
тридцати»); those forms are pieces of their own in `prompts/texts.json`, section `grammar`.
"""

from collections.abc import Sequence
from datetime import time

LARGEST_NUMBER = 1000


def number(language: str, n: int) -> list[str]:
    """A whole number from 0 to 1,000."""
    if not 0 <= n <= LARGEST_NUMBER:
        raise ValueError(f"numbers are recorded from 0 to {LARGEST_NUMBER}, not {n}")
    thousands, below_thousand = divmod(n, 1000)
    hundreds, rest = divmod(below_thousand, 100)
    said = []
    if thousands:
        said += ([] if language == "ru" else ["number.1"]) + ["number.1000"]
    if hundreds and language == "ru":
        said.append(f"number.{hundreds}00")
    elif hundreds:
        # Kazakh says «жүз» for 100, English "one hundred".
        said += ([] if language == "kk" and hundreds == 1 else [f"number.{hundreds}"]) + ["number.100"]
    if rest and hundreds and language == "en":
        said.append("number.and")
    return said + (below_hundred(language, rest) if rest or not n else [])


def below_hundred(language: str, n: int) -> list[str]:
    """0 to 99; up to ten (kk) or nineteen (ru, en) a number is one word."""
    tens, units = divmod(n, 10)
    if n <= (10 if language == "kk" else 19):
        return [f"number.{n}"]
    return [f"number.{tens}0"] + ([f"number.{units}"] if units else [])


def clock(language: str, at: time) -> list[str]:
    """A time of day: «сағат он төрт нөл бес», «четырнадцать ноль пять», "two oh five p.m."; seconds are dropped."""
    if not at.minute:
        return [f"hour.{at.hour}"]
    leading = ["minute.oh" if language == "en" else "number.0"] if at.minute < 10 else []
    minutes = leading + below_hundred(language, at.minute)
    if language == "kk":
        return [f"hour.{at.hour}", *minutes]
    if language == "ru":
        return [*below_hundred(language, at.hour), *minutes]
    return [f"number.{at.hour % 12 or 12}", *minutes, "am" if at.hour < 12 else "pm"]


def time_range(language: str, opens: time, closes: time) -> list[str]:
    """ "from … to …"; midnight as `closes` is the end of the day."""
    if language == "kk":
        return _kazakh_range(opens, closes)
    if language == "ru":
        return _russian_range(opens, closes)
    return ["from", *clock(language, opens), "to", *clock(language, closes)]


def weekdays(days: Sequence[int]) -> list[str]:
    """Weekdays in ascending order, 0 is Monday: three or more in a row become a range, seven "every day"."""
    if len(days) == 7:
        return ["hours.daily"]
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    said: list[str] = []
    for run in runs:
        ranged = [f"weekday.from.{run[0]}", f"weekday.to.{run[-1]}"]
        said += ranged if len(run) > 2 else [f"weekday.{day}" for day in run]
    return said


def _kazakh_range(opens: time, closes: time) -> list[str]:
    """The ending stands on the last word alone: hours stay plain before minutes."""
    starts = [f"hour.from.{opens.hour}"]
    if opens.minute:
        starts = [f"hour.{opens.hour}", *_bent_minute("minute.from", opens.minute)]
    if closes.minute:
        return [*starts, *below_hundred("kk", closes.hour), *_bent_minute("minute.to", closes.minute)]
    return [*starts, f"hour.to.{closes.hour or 24}"]


def _bent_minute(form: str, minute: int) -> list[str]:
    """«нөл бестен», «отыздан», «отыз бестен»."""
    tens, units = divmod(minute, 10)
    if not units:
        return [f"{form}.{minute}"]
    return [f"number.{tens}0" if tens else "number.0", f"{form}.{units}"]


def _russian_range(opens: time, closes: time) -> list[str]:
    """Every word stands in the genitive."""
    ends = closes.hour if closes.minute else closes.hour or 24
    return [
        f"hour.from.{opens.hour}",
        *_genitive_minute(opens.minute),
        f"hour.to.{ends}",
        *_genitive_minute(closes.minute),
    ]


def _genitive_minute(minute: int) -> list[str]:
    """«ноль пяти», «девятнадцати», «тридцати», «тридцати пяти»; nothing on the hour."""
    tens, units = divmod(minute, 10)
    if not minute:
        return []
    if minute < 10:
        return ["number.0", f"minute.of.{minute}"]
    if minute < 20 or not units:
        return [f"minute.of.{minute}"]
    return [f"minute.of.{tens}0", f"minute.of.{units}"]
