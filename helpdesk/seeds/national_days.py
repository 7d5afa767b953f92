"""National days of Kazakhstan for the editable table: dates, Kazakh and English from the `holidays` package, which
knows no Russian for this country; the Russian names are ours."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import holidays

from helpdesk.sla.rules import DayKind

RUSSIAN = {
    "New Year's Day": "Новый год",
    "Orthodox Christmas": "Рождество Христово",
    "International Women's Day": "Международный женский день",
    "Constitution Day": "День Конституции",
    "Nowruz Holiday": "Наурыз мейрамы",
    "Kazakhstan's People Solidarity Holiday": "Праздник единства народа Казахстана",
    "Defender of the Fatherland Day": "День защитника Отечества",
    "Victory Day": "День Победы",
    "Eid al-Adha": "Курбан-айт",
    "Capital Day": "День столицы",
    "Republic Day": "День Республики",
    "Independence Day": "День Независимости",
}
# A name that the table lacks (a new holiday) is still a day off: a person corrects the name.
UNNAMED = "Праздничный день"

_ESTIMATED = re.compile(r" \((estimated|бағаланған)\)")
_OBSERVED = re.compile(r" \(observed(, estimated)?\)")
_SUBSTITUTED = re.compile(r"Day off \(substituted from (\d\d)/(\d\d)/(\d{4})\)")


def national_days(years: range) -> Iterator[dict[str, Any]]:
    """Rows of the table `holidays`: days off, and the weekend days that are worked instead of a moved one."""
    kazakh = holidays.country_holidays("KZ", years=years, language="kk")
    english = holidays.country_holidays("KZ", years=years, language="en_US")
    for day in sorted(english):
        yield {
            "day": day,
            "kind": DayKind.DAY_OFF,
            "name_kk": _ESTIMATED.sub("", kazakh[day]),
            "name_ru": "; ".join(_in_russian(name) for name in english[day].split("; ")),
            "name_en": _ESTIMATED.sub("", english[day]),
            "estimated": "estimated" in english[day],
            "organization_id": None,
        }
    for day in sorted(_worked_weekends(english)):
        if day.year in years:
            yield {
                "day": day,
                "kind": DayKind.WORKING_DAY,
                "name_kk": "Жұмыс күні (ауыстырылған)",
                "name_ru": "Рабочий день (перенос)",
                "name_en": "Working day (moved)",
                "estimated": False,
                "organization_id": None,
            }


def _in_russian(name: str) -> str:
    moved = _SUBSTITUTED.fullmatch(name)
    if moved:
        month, day, year = moved.groups()
        return f"Выходной день (перенос с {day}.{month}.{year})"
    plain = _OBSERVED.sub("", _ESTIMATED.sub("", name))
    suffix = " (перенос)" if _OBSERVED.search(name) else ""
    return RUSSIAN.get(plain, UNNAMED) + suffix


def _worked_weekends(calendar: Any) -> set[date]:
    return set(getattr(calendar, "weekend_workdays", ()))
