"""A list of old tickets, also as Zammad's reports and osTicket's queues export them.

A line is known again by its number in the old system, at its desk. Columns that have no place here are kept as a note.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select

from helpdesk.administration.contact_list import Person, person
from helpdesk.administration.list_places import Places
from helpdesk.administration.list_rules import ADDED, UNCHANGED, Outcome, Wanted
from helpdesk.administration.models import ImportMark
from helpdesk.administration.sheets import FOREIGN, Columns, Line
from helpdesk.audit.actor import staff
from helpdesk.contacts import actions as contacts
from helpdesk.contacts import queries as known_contacts
from helpdesk.contacts.rules import RequesterRole
from helpdesk.identity.queries import Asker, operators_at
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import LANGUAGES, N_, fold
from helpdesk.organizations.models import Desk
from helpdesk.routing import queries as routing
from helpdesk.routing.rules import Circumstances, Queue, route
from helpdesk.tickets import old_tickets
from helpdesk.tickets.old_tickets import OldTicket
from helpdesk.tickets.rules import Channel, TicketState

NAMES: tuple[str, ...] = (
    "number",
    "subject",
    "created_at",
    "state",
    "closed_at",
    "first_response_at",
    "text",
    "desk",
    "organization",
)
NAMES += ("category", "queue", "channel", "language", "name", "phone", "email", "owner", "system", "zone")
# Headings of Zammad's reports and of osTicket's export of a queue.
ALIASES = {
    "#": "number",
    "title": "subject",
    "group": "desk",
    "customer": "name",
    "create channel": "channel",
    "created at": "created_at",
    "closed at": "closed_at",
    "first response at": "first_response_at",
    "ticket number": "number",
    "date created": "created_at",
    "from": "name",
    "from email": "email",
    "department": "desk",
    "source": "channel",
    "current status": "state",
    "status": "state",
    "closed date": "closed_at",
    "agent assigned": "owner",
    "issue details": "text",
}
COLUMNS = Columns(NAMES, ("number", "subject", "created_at", "state"), ALIASES, keeps=True)
EXAMPLE = (
    "10023;Платформаға кіре алмаймын;2025-09-03 09:15;closed;2025-09-03 11:40;2025-09-03 09:40;Құпиясөзді ұмыттым;"
    "S-0931;;T03;technical;phone;kk;Гүлнар Ахметова;+77010000002;;;Zammad;Asia/Almaty"
)
STATES = {
    **dict.fromkeys(("new", "жаңа", "новый", "новая"), TicketState.NEW),
    **dict.fromkeys(("open", "pending reminder", "pending close", "reopened", "waiting"), TicketState.OPEN),
    **dict.fromkeys(("ашық", "жұмыста", "открыт", "открыта", "в работе"), TicketState.OPEN),
    **dict.fromkeys(("closed", "merged", "removed", "archived", "deleted", "resolved", "solved"), TicketState.CLOSED),
    **dict.fromkeys(("жабық", "шешілді", "закрыт", "закрыта", "решён", "решен", "решена"), TicketState.CLOSED),
}
CHANNELS = {
    **{one.value: one for one in Channel},
    **dict.fromkeys(("telephone", "call", "телефон"), Channel.PHONE),
    **dict.fromkeys(("e-mail", "mail", "почта"), Channel.EMAIL),
    **dict.fromkeys(("chat", "sms", "telegram personal-message", "whatsapp message"), Channel.MESSENGER),
    **dict.fromkeys(("twitter status", "facebook feed post", "facebook feed comment"), Channel.SOCIAL),
}
LONGEST_NUMBER, LONGEST_FACT, MOST_FACTS, LONGEST_TEXT = 60, 500, 60, 100_000
_DAY_FIRST = re.compile(
    r"^(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})(?:[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(am|pm)?$", re.I
)


def system_of(headings: Collection[str]) -> str:
    """The system that writes such headings, "" when it is none that we know."""
    if {"#", "group", "create channel"} <= set(headings):
        return "Zammad"
    return "osTicket" if {"ticket number", "date created"} <= set(headings) else ""


def read_moment(raw: str, zone: ZoneInfo, field: str) -> datetime | None:
    """2026-03-31 09:15, 31.03.2026 09:15, 3/31/26 9:15 AM; without a zone it is the desk's. None for nothing.

    Raises Refused, also for what may be either of two days.
    """
    if not raw:
        return None
    try:
        found = datetime.fromisoformat(raw)
    except ValueError:
        found = _written_otherwise(raw, field)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    if not 1990 <= found.year <= 2100:
        raise Refused(N_("This is no date: write it as 2026-03-31 09:15"), field)
    if found > clock.now():
        raise Refused(N_("This date lies in the future"), field)
    return found


def _written_otherwise(raw: str, field: str) -> datetime:
    match = _DAY_FIRST.match(" ".join(raw.split()))
    if match is None:
        raise Refused(N_("This is no date: write it as 2026-03-31 09:15"), field)
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    half = (match[7] or "").lower()
    if "/" in raw and not half and first <= 12 and second <= 12 and first != second:
        raise Refused(N_("This may be either of two days: write it as 2026-03-31 09:15"), field)
    american = "/" in raw and (bool(half) or second > 12)
    day, month = (second, first) if american else (first, second)
    hour = int(match[4] or 0)
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    try:
        # the zone is the desk's, and the caller knows it
        return datetime(year + (2000 if year < 100 else 0), month, day, hour, int(match[5] or 0), int(match[6] or 0))  # noqa: DTZ001
    except ValueError:
        raise Refused(N_("This is no date: write it as 2026-03-31 09:15"), field) from None


class OldTickets:
    """Old tickets of the asker's desks."""

    takes_back = True

    def __init__(self, who: Asker, lines: Sequence[Line], wanted: Wanted) -> None:
        self._who, self._wanted = who, wanted
        cells = [line.get(name, "") for _, line in lines for name in ("desk", "organization")]
        self._places = Places(who, cells, wanted.at_id)
        self._seen: set[str] = set()
        self._keys: set[str] = set()
        keys = {key for _, line in lines if (key := self._key_of(line))}
        if keys:
            self._keys = set(session().scalars(select(ImportMark.key).where(ImportMark.key.in_(keys))))
        self._operators: dict[str, dict[str, int]] = {}

    def plan(self, line: Mapping[str, str]) -> Outcome:
        """What would become of a line."""
        key, _, _, _ = self._read(line)
        return UNCHANGED if key in self._keys else ADDED

    def apply(self, line: Mapping[str, str]) -> Outcome:
        """The same, written."""
        key, old, desk, told = self._read(line)
        if key in self._keys:
            return UNCHANGED
        category = routing.category(old.category_code) if old.category_code else None
        queue = Queue(line["queue"].lower()) if line.get("queue") else None
        routed = route(category, Circumstances(), None, queue)
        contact, met = None, False
        if told.ways:
            contact = known_contacts.known(told.phones, told.emails, told.name)
            met = contact is None
            contact = contact or contacts.meet(
                told.name,
                RequesterRole.PARENT,
                old.language,
                told.phones,
                told.emails,
                region_id=desk.organization.region_id,
            )
            session().flush()
        ticket = old_tickets.bring_in(old, desk, routed, contact, staff(self._who.id), self._wanted.run_id)
        return Outcome("added", ticket.id, key, (contact.id,) if met and contact is not None else ())

    def take_back(self, object_id: int) -> bool:
        """What nobody has touched since is taken out."""
        return old_tickets.take_out(object_id)

    def _key_of(self, line: Mapping[str, str]) -> str:
        try:
            desk = self._places.desk(line.get("desk", ""), "desk")
        except Refused:
            return ""
        return f"{desk.id}:{self._system(line)}:{line.get('number', '')}"[:160]

    def _system(self, line: Mapping[str, str]) -> str:
        return (line.get("system", "") or self._wanted.system)[:40]

    def _read(self, line: Mapping[str, str]) -> tuple[str, OldTicket, Desk, Person]:
        number = line.get("number", "")
        if not number:
            raise Refused(N_("A line needs the number of the old ticket"), "number")
        if len(number) > LONGEST_NUMBER:
            raise Refused(N_("This is too long"), "number")
        desk = self._places.desk(line.get("desk", ""), "desk")
        key = self._key_of(line)
        if key in self._seen:
            raise Refused(N_("This number stands twice in the list"), "number")
        self._seen.add(key)
        told = _told(line)
        return key, self._old(line, number, desk), desk, told

    def _old(self, line: Mapping[str, str], number: str, desk: Desk) -> OldTicket:
        zone = _zone(line.get("zone", ""), desk)
        moments = {
            name: read_moment(line.get(name, ""), zone, name)
            for name in ("created_at", "closed_at", "first_response_at")
        }
        created_at, closed_at = moments["created_at"], moments["closed_at"]
        if created_at is None:
            raise Refused(N_("A line needs the date on which the ticket was opened"), "created_at")
        if closed_at is not None and closed_at < created_at:
            raise Refused(N_("It was closed before it was opened"), "closed_at")
        subject = " ".join(line.get("subject", "").split())
        if not subject:
            raise Refused(N_("Enter the subject"), "subject")
        if line.get("queue") and line["queue"].lower() not in Queue.__members__.values():
            raise Refused(N_("This is none of: %(values)s"), "queue", values=", ".join(Queue))
        language = line.get("language", "").lower()
        if language not in ("", *LANGUAGES):
            raise Refused(N_("This is none of: %(values)s"), "language", values=", ".join(LANGUAGES))
        return OldTicket(
            number=number,
            system=self._system(line),
            subject=subject,
            text=line.get("text", "")[:LONGEST_TEXT],
            state=_state(line.get("state", ""), closed_at),
            channel=CHANNELS.get(line.get("channel", "").lower(), Channel.WEB),
            language=language or desk.languages[0],
            created_at=created_at,
            closed_at=closed_at,
            first_responded_at=moments["first_response_at"],
            category_code=_category(line),
            organization_id=self._organization(line.get("organization", "")),
            assignee_id=self._owner(line.get("owner", ""), desk),
            facts=_facts(line),
        )

    def _organization(self, cell: str) -> int | None:
        """What the old system called an organization need not be one of ours: then it stays in the note."""
        try:
            return self._places.find(cell, "organization").id if cell else None
        except Refused:
            return None

    def _owner(self, name: str, desk: Desk) -> int | None:
        """The operator of the desk with this name. Whoever works there no more stays in the note."""
        if not name.strip(" -"):
            return None
        path = desk.organization.path
        if path not in self._operators:
            self._operators[path] = {fold(called): id_ for id_, called in operators_at(path)[0].items()}
        return self._operators[path].get(fold(name))


def _told(line: Mapping[str, str]) -> Person:
    return person(line.get("name", ""), line.get("phone", ""), line.get("email", ""), "phone", "email")


def _state(cell: str, closed_at: datetime | None) -> TicketState:
    found = STATES.get(" ".join(cell.lower().split()))
    if found is not None:
        return found
    if closed_at is not None:
        return TicketState.CLOSED
    raise Refused(N_("This state is not known: write open or closed"), "state")


def _zone(cell: str, desk: Desk) -> ZoneInfo:
    try:
        return ZoneInfo(cell or desk.organization.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(N_("This is no time zone: write it as Asia/Almaty"), "zone") from None


def _category(line: Mapping[str, str]) -> str | None:
    code = line.get("category", "").upper()
    if not code:
        return None
    try:
        return routing.category(code).code
    except NotFound:
        raise Refused(N_("There is no category with this code"), "category") from None


def _facts(line: Mapping[str, str]) -> list[str]:
    """What has no place of its own here, as lines of a note: nothing of the old ticket is lost."""
    told = [(name, line.get(name, "")) for name in ("desk", "organization", "state", "owner", "name", "channel")]
    told += [(name.removeprefix(FOREIGN), cell) for name, cell in line.items() if name.startswith(FOREIGN)]
    return [f"{name}: {cell[:LONGEST_FACT]}" for name, cell in told if cell][:MOST_FACTS]
