"""Kazakh, Russian and English: texts, dates, sorting and folding.

English stands in the code as the msgid; kk and ru in `helpdesk/translations/<language>/<context>.po`. The language is
a context variable, so a page, a letter and a job speak the same way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.plural import PluralRule

from helpdesk.kernel import clock

LANGUAGES = ("kk", "ru", "en")
CATALOGS = Path(__file__).resolve().parents[1] / "translations"
DEFAULT_ZONE = ZoneInfo("Asia/Almaty")

_language: ContextVar[str] = ContextVar("language", default="kk")
_zone: ContextVar[ZoneInfo] = ContextVar("zone", default=DEFAULT_ZONE)

# Kazakh keeps one noun form after a numeral, Russian needs three (CLDR); in the order of msgstr[n] in the catalogs.
_PLURALS = {
    "kk": PluralRule({"one": "n is 1"}),
    "ru": PluralRule(
        {
            "one": "n mod 10 is 1 and n mod 100 is not 11",
            "few": "n mod 10 in 2..4 and n mod 100 not in 12..14",
        }
    ),
    "en": PluralRule({"one": "n is 1"}),
}
_FORMS = {"kk": ("one", "other"), "ru": ("one", "few", "other"), "en": ("one", "other")}


def language() -> str:
    """The language spoken now: kk, ru or en."""
    return _language.get()


@contextmanager
def spoken(code: str, zone: ZoneInfo | None = None) -> Iterator[None]:
    """Speak `code` (an unknown one falls to Kazakh), and tell times in `zone`, inside the block."""
    token = _language.set(code if code in LANGUAGES else "kk")
    zone_token = _zone.set(zone or _zone.get())
    try:
        yield
    finally:
        _zone.reset(zone_token)
        _language.reset(token)


def speak(code: str, zone: ZoneInfo | None = None) -> None:
    """Speak `code` for the rest of this request."""
    _language.set(code if code in LANGUAGES else "kk")
    _zone.set(zone or DEFAULT_ZONE)


@cache
def _texts(code: str) -> dict[str, str | tuple[str, ...]]:
    texts: dict[str, str | tuple[str, ...]] = {}
    for file in sorted((CATALOGS / code).glob("*.po")):
        for entry in read_catalog(file):
            if entry.id and entry.string and not entry.fuzzy:
                key = entry.id[0] if isinstance(entry.id, (list, tuple)) else entry.id
                texts[key] = tuple(entry.string) if isinstance(entry.string, (list, tuple)) else entry.string
    return texts


def read_catalog(file: Path) -> Catalog:
    """One .po file, parsed."""
    with file.open("rb") as handle:
        return read_po(handle)


def gettext(message: str, **values: object) -> str:
    """`message` in the language spoken now; the message itself where none is known (tests forbid that)."""
    text = message if language() == "en" else _texts(language()).get(message, message)
    text = text if isinstance(text, str) else text[0]
    return text % values if values else text


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """The form of `one`/`many` that goes with `n` in the language spoken now; `%(n)s` or `%(num)s` is the number."""
    code = language()
    form = _FORMS[code].index(_PLURALS[code](abs(n)))
    found = None if code == "en" else _texts(code).get(one)
    forms = found if isinstance(found, tuple) else (found,) if found else (one, many)
    return forms[min(form, len(forms) - 1)] % {"num": n, "n": n, **values}


def N_(message: str) -> str:
    """Mark a message that is translated later, where it is shown."""
    return message


_ = gettext


# ── the Kazakh alphabet ───────────────────────────────────────────────────────────────────────────────────────────

ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_ORDER = {letter: chr(0x4100 + place) for place, letter in enumerate(ALPHABET)}
_FOLD = str.maketrans("әғқңөұүһіё", "агкноуухие")


def sort_key(text: str) -> str:
    """A key that sorts in the order of the 42-letter Kazakh alphabet under a byte-wise collation; stored in a column.

    Digits and Latin letters come before, as in printed lists.
    """
    return "".join(_ORDER.get(letter, letter) for letter in text.lower())[:200]


def fold(text: str) -> str:
    """The text as somebody types it without ә ғ қ ң ө ұ ү һ і ё, in small letters: what search compares."""
    return text.lower().translate(_FOLD)


# ── moments and numbers ───────────────────────────────────────────────────────────────────────────────────────────

# CLDR abbreviates the Kazakh year; official letters write it out (2026 жылғы 21 қараша).
_LONG_DATE = {"kk": "y 'жылғы' d MMMM", "ru": "d MMMM y 'г.'", "en": "d MMMM y"}


def local(moment: datetime) -> datetime:
    """The moment on the wall clock of the place that is spoken for."""
    return moment.astimezone(_zone.get())


def time_text(moment: datetime) -> str:
    """14:05"""
    return f"{local(moment):%H:%M}"


def date_text(day: date) -> str:
    """2026 жылғы 21 қараша · 21 ноября 2026 г. · 21 November 2026"""
    return format_date(day, _LONG_DATE[language()], locale=language())


def moment_text(moment: datetime) -> str:
    """Short and sure: today 14:05, tomorrow 10:00, otherwise 21.11.2026 14:05."""
    here, today = local(moment), local(clock.now()).date()
    names = {today - timedelta(days=1): N_("yesterday"), today: N_("today"), today + timedelta(days=1): N_("tomorrow")}
    if here.date() in names:
        return f"{gettext(names[here.date()])} {time_text(moment)}"
    return f"{here:%d.%m.%Y %H:%M}"


def number_text(value: float) -> str:
    """1 234,5 with the spaces and the decimal sign of the language."""
    return str(format_decimal(value, locale=language()))


def duration_text(seconds: float) -> str:
    """The two largest units: 2 h 05 min, 3 d 4 h, 40 s."""
    whole = int(abs(seconds))
    days, hours, minutes = whole // 86400, whole % 86400 // 3600, whole % 3600 // 60
    if days:
        return gettext("%(days)s d %(hours)s h", days=days, hours=hours)
    if hours:
        return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=f"{minutes:02d}")
    if minutes:
        return gettext("%(minutes)s min", minutes=minutes)
    return gettext("%(seconds)s s", seconds=whole)
