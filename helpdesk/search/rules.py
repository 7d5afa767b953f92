"""What somebody typed into the search box: words, and filters such as `queue:technical due<2h`."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from helpdesk.kernel.i18n import LANGUAGES, N_
from helpdesk.kernel.words import name_words, plain, stems
from helpdesk.routing.rules import Priority, Queue
from helpdesk.tickets.rules import PAUSED, UNFINISHED, Channel, TicketState, read_ticket_number
from helpdesk.tickets.tag_rules import key as tag_key
from helpdesk.tickets.tag_rules import written as tag_written

MOST_TERMS = 12
LONGEST = 300

# The name of a filter as it is typed in each language, to its one name; a Kazakh word also without its letters.
NAMES = {
    plain(spelt): name
    for name, spellings in {
        "queue": "queue кезек очередь",
        "status": "status state күй статус состояние",
        "due": "due мерзім срок",
        "school": "school мектеп школа",
        "lang": "lang language тіл язык",
        "assignee": "assignee орындаушы исполнитель",
        "category": "category санат категория",
        "from": "from since бастап начиная",
        "before": "before дейін до",
        "channel": "channel арна канал",
        "priority": "priority басымдық приоритет",
        "tag": "tag белгі метка тег",
    }.items()
    for spelt in spellings.split()
}

_QUEUES = {
    Queue.TECHNICAL: ("technical", "техникалық", "техническая"),
    Queue.METHODOLOGICAL: ("methodological", "әдістемелік", "методическая", "методологическая"),
}
_FINISHED = frozenset({TicketState.RESOLVED, TicketState.CLOSED})
_STATES: dict[str, frozenset[TicketState]] = {
    "open": UNFINISHED,
    "ашық": UNFINISHED,
    "открыто": UNFINISHED,
    "new": frozenset({TicketState.NEW}),
    "жаңа": frozenset({TicketState.NEW}),
    "новое": frozenset({TicketState.NEW}),
    "waiting": PAUSED,
    "күтуде": PAUSED,
    "ожидает": PAUSED,
    "resolved": frozenset({TicketState.RESOLVED}),
    "шешілді": frozenset({TicketState.RESOLVED}),
    "решено": frozenset({TicketState.RESOLVED}),
    "closed": frozenset({TicketState.CLOSED}),
    "жабық": frozenset({TicketState.CLOSED}),
    "закрыто": frozenset({TicketState.CLOSED}),
    "finished": _FINISHED,
    "аяқталды": _FINISHED,
    "завершено": _FINISHED,
}
_ME = frozenset(map(plain, ("me", "мен", "маған", "я", "мне")))
_NOBODY = frozenset(map(plain, ("none", "nobody", "ешкім", "жоқ", "никто", "нет")))
_LATE = frozenset(map(plain, ("overdue", "late", "өтті", "просрочено")))
_DAYS = {
    plain(word): days
    for word, days in {"today": 0, "бүгін": 0, "сегодня": 0, "yesterday": 1, "кеше": 1, "вчера": 1}.items()
}
_UNITS = {
    "m": 60,
    "min": 60,
    "мин": 60,
    "h": 3600,
    "c": 3600,
    "ч": 3600,
    "сағ": 3600,
    "d": 86400,
    "к": 86400,
    "күн": 86400,
    "д": 86400,
}

# Schemes of addresses and the like, which are words with a colon and no filters.
_NOT_A_NAME = frozenset(map(plain, ("http", "https", "mailto", "tel", "sip", "re", "fwd", "fw")))

_PIECE = re.compile(r'-?"[^"]*"|\S+')
_FILTER = re.compile(r"^([^\W\d_]{2,20})(:|<=?|>=?)(.+)$")
_AMOUNT = re.compile(r"^(\d{1,4})\s*([^\W\d_]+)$")
_WORD = re.compile(r"[^\W_]+\*?")


@dataclass(frozen=True)
class Term:
    """One word that must be there, by any of its stems; or must not be there; or only begins so."""

    stems: tuple[str, ...]
    without: bool = False
    begins: bool = False


@dataclass(frozen=True)
class Problem:
    """Why a filter cannot be used: an English msgid and its values; `filter` as it was typed."""

    filter: str
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What is looked for. `due_within` and `due_after` are counted from now; `since` and `before` are days."""

    typed: str = ""
    words: str = ""
    terms: tuple[Term, ...] = ()
    queue: Queue | None = None
    states: frozenset[TicketState] = frozenset()
    due_within: timedelta | None = None
    due_after: timedelta | None = None
    overdue: bool = False
    school: str = ""
    language: str = ""
    assigned_to_me: bool = False
    unassigned: bool = False
    category: str = ""
    since: date | None = None
    before: date | None = None
    channel: Channel | None = None
    priority: Priority | None = None
    tag: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def filtered(self) -> bool:
        """Whether anything but words narrows the search."""
        return self != Asked(typed=self.typed, words=self.words, terms=self.terms, problems=self.problems)


class _Unusable(Exception):
    """A value that its filter cannot use: msgid and values."""

    def __init__(self, message: str, **values: str) -> None:
        super().__init__(message)
        self.message, self.values = message, values


def read(typed: str, today: date, categories: Collection[str]) -> Asked:
    """What was typed, taken apart. `today` is the asker's day, `categories` are the codes that exist.

    What cannot be used stands in `problems`; nothing is guessed instead.
    """
    asked = Asked(typed=typed)
    words: list[str] = []
    problems: list[Problem] = []
    for piece in _PIECE.findall(typed[:LONGEST]):
        found = _FILTER.match(piece)
        name = plain(found[1].lower()) if found else ""
        if not found or name in _NOT_A_NAME or (found[2] != ":" and name not in NAMES):
            words.append(piece)
            continue
        try:
            if name not in NAMES:
                raise _Unusable(
                    N_("There is no filter with this name: %(name)s. Put the text in quotes to look for it"),
                    name=found[1],
                )
            asked = replace(asked, **_value(NAMES[name], found[2], found[3].strip('"'), today, categories))
        except _Unusable as unusable:
            problems.append(Problem(piece, unusable.message, unusable.values))
    terms = tuple(_terms(words))[:MOST_TERMS]
    return replace(asked, words=" ".join(words), terms=terms, problems=tuple(problems))


def query_text(terms: Collection[Term]) -> str:
    """The terms as the text of a tsquery: all of them, each by any of its stems. "" for none."""
    parts = []
    for term in terms:
        either = " | ".join(f"'{stem}'{':*' if term.begins else ''}" for stem in term.stems)
        parts.append(f"{'!' if term.without else ''}({either})")
    return " & ".join(parts)


def name_query(words: str) -> str:
    """The words as the text of a tsquery over names: each begins some word of the name, whatever its ending is."""
    parts = []
    for word in _WORD.findall(words)[:MOST_TERMS]:
        whole = name_words(word)
        begins = {one for one in (*whole, *stems(word)) if len(one) > 1}
        # an ending hides the name, and what is left of a short name would begin many others
        begins = {one for one in begins if one in whole or len(one) > 3}
        if begins:
            parts.append("(" + " | ".join(f"'{one}'{':*' if len(one) > 2 else ''}" for one in sorted(begins)) + ")")
    return " & ".join(parts)


def _terms(pieces: Collection[str]) -> list[Term]:
    found = []
    for piece in pieces:
        without = piece.startswith("-") and len(piece) > 1
        for word in _WORD.findall(piece):
            begins = word.endswith("*")
            by = tuple(name_words(word)) if begins else stems(word)
            if by and Term(by, without, begins) not in found:
                found.append(Term(by, without, begins))
    return found


def _value(name: str, sign: str, raw: str, today: date, categories: Collection[str]) -> dict[str, Any]:
    value = plain(raw.lower())
    if sign != ":" and name != "due":
        raise _Unusable(N_("This filter wants a colon: %(example)s"), example=f"{name}:{raw}")
    match name:
        case "queue":
            return {"queue": _one(_QUEUES, value, "queue:technical, queue:methodological")}
        case "status":
            found = next((states for word, states in _STATES.items() if plain(word) == value), None)
            if found is None:
                raise _expected("status:open, new, waiting, resolved, closed, finished")
            return {"states": found}
        case "due":
            return _due(sign, raw.lower(), value)
        case "school":
            if not re.fullmatch(r"№?[\w-]{1,10}", raw):
                raise _expected("school:905")
            return {"school": raw.removeprefix("№")}
        case "lang":
            if raw.lower() not in LANGUAGES:
                raise _expected("lang:kk, lang:ru, lang:en")
            return {"language": raw.lower()}
        case "assignee":
            if value not in _ME | _NOBODY:
                raise _expected("assignee:me, assignee:none")
            return {"assigned_to_me": value in _ME, "unassigned": value in _NOBODY}
        case "category":
            code = raw.upper().translate(str.maketrans("ТМСЅ", "TMCS"))
            if code not in categories:
                raise _Unusable(N_("There is no category with this code: %(code)s"), code=raw)
            return {"category": code}
        case "from":
            return {"since": _day(raw, value, today, "from:2026-11-01, from:01.11.2026, from:yesterday")}
        case "before":
            return {"before": _day(raw, value, today, "before:2026-11-01, before:01.11.2026, before:today")}
        case "channel":
            if raw.lower() not in {one.value for one in Channel}:
                raise _expected("channel:" + ", ".join(one.value for one in Channel))
            return {"channel": Channel(raw.lower())}
        case "tag":
            if not tag_key(raw):
                raise _expected("tag:біргеміз")
            return {"tag": tag_written(raw)}
        case _:
            code = raw.upper().replace("Р", "P")
            if code not in {one.value for one in Priority}:
                raise _expected("priority:P0, P1, P2, P3, P4")
            return {"priority": Priority(code)}


def _due(sign: str, raw: str, value: str) -> dict[str, Any]:
    if sign == ":" and value in _LATE:
        return {"overdue": True}
    amount = _AMOUNT.match(raw)
    seconds = _UNITS.get(amount[2]) if amount else None
    if amount is None or seconds is None or sign == ":":
        raise _expected("due<2h, due<30m, due>1d, due:overdue")
    span = timedelta(seconds=int(amount[1]) * seconds)
    return {"due_within": span} if sign.startswith("<") else {"due_after": span}


def _day(raw: str, value: str, today: date, examples: str) -> date:
    if value in _DAYS:
        return today - timedelta(days=_DAYS[value])
    swapped = re.sub(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$", lambda found: f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}", raw)
    try:
        return date.fromisoformat(swapped)
    except ValueError:
        raise _expected(examples) from None


def _one(known: Mapping[Queue, Collection[str]], value: str, examples: str) -> Queue:
    for found, words in known.items():
        if len(value) >= 3 and any(plain(word).startswith(value) for word in words):
            return found
    raise _expected(examples)


def _expected(examples: str) -> _Unusable:
    return _Unusable(N_("This value cannot be used. Possible: %(examples)s"), examples=examples)


def is_number(typed: str) -> bool:
    """Whether this can only be the number of a ticket, in any spelling: №26-000123-4, 26 000123 4, 260001234."""
    return re.fullmatch(r"[№#N]?[\s.]*[\d\s–—-]{9,16}", typed) is not None and read_ticket_number(typed) is not None


def blamed(asked: Asked, filter_: str, message: str, number: str) -> Asked:
    """The same with one problem more, which only the database could tell."""
    return replace(asked, problems=(*asked.problems, Problem(filter_, message, {"number": number})))
