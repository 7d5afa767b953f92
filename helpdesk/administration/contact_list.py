"""A list of people who ask for help. A line is known again by a number or an address together with the name; what we
know of somebody already stays, what we did not know is added."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from helpdesk.administration.list_places import Places
from helpdesk.administration.list_rules import ADDED, CHANGED, UNCHANGED, Outcome, Wanted
from helpdesk.administration.sheets import Columns, Line, several
from helpdesk.contacts import actions
from helpdesk.contacts.models import Contact, ContactEmail, ContactPhone
from helpdesk.contacts.rules import RequesterRole
from helpdesk.identity.queries import Asker
from helpdesk.kernel import phones
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import LANGUAGES, N_, fold

NAMES = ("name", "phones", "emails", "role", "language", "settlement", "organization")
# Headings of the lists of users of Zammad and osTicket.
ALIASES = {
    "phone": "phones",
    "telephone": "phones",
    "phone number": "phones",
    "mobile": "mobile",
    "email": "emails",
    "e-mail": "emails",
    "city": "settlement",
    "firstname": "first_name",
    "lastname": "last_name",
}
COLUMNS = Columns((*NAMES, "mobile", "first_name", "last_name"), ("emails",), ALIASES)
EXAMPLE = "Гүлнар Ахметова;+77010000002, +77270000003;gulnar@example.org;parent;kk;Қарасай;S-0931"
LONGEST_NAME, LONGEST_SETTLEMENT, MOST_WAYS = 200, 120, 5
# What others call the same.
ROLES = {"customer": RequesterRole.PARENT.value, "": RequesterRole.PARENT.value}


@dataclass(frozen=True)
class Person:
    """What a line says of somebody, in the form in which it is stored."""

    name: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]

    @property
    def ways(self) -> tuple[str, ...]:
        """Numbers and addresses: how somebody is reached, and known again."""
        return self.phones + self.emails


def person(name: str, numbers: str, addresses: str, number_field: str, address_field: str) -> Person:
    """Somebody as cells tell them. Raises Refused naming the column."""
    written = []
    for raw in several(numbers)[:MOST_WAYS]:
        number = phones.written(raw)
        if number is None or not number.startswith("+"):
            raise Refused(N_("This is not a phone number"), number_field)
        written.append(number)
    emails = []
    for raw in several(addresses)[:MOST_WAYS]:
        try:
            found = validate_email(raw, check_deliverability=False, test_environment=True).normalized.lower()
        except EmailNotValidError:
            raise Refused(N_("This is not an e-mail address"), address_field) from None
        if len(found) > 254:
            raise Refused(N_("This is not an e-mail address"), address_field)
        emails.append(found)
    told = " ".join(name.split())
    if len(told) > LONGEST_NAME:
        raise Refused(N_("This name is too long"), "name")
    return Person(told, tuple(dict.fromkeys(written)), tuple(dict.fromkeys(emails)))


class Contacts:
    """The people whom these lines' numbers and addresses reach, read with four statements."""

    takes_back = True

    def __init__(self, who: Asker, lines: Sequence[Line], wanted: Wanted) -> None:
        self._places = Places(who, [line.get("organization", "") for _, line in lines], wanted.at_id)
        numbers, addresses = set(), set()
        for _, line in lines:
            try:
                told = _told(line)
            except Refused:
                continue
            numbers |= set(told.phones)
            addresses |= set(told.emails)
        self._reached: dict[str, list[Contact]] = defaultdict(list)
        for way, ways, column in (
            (ContactPhone.number, numbers, ContactPhone.contact_id),
            (ContactEmail.address, addresses, ContactEmail.contact_id),
        ):
            if ways:
                query = select(way, Contact).join(Contact, Contact.id == column).where(way.in_(ways))
                for reached, contact in session().execute(query.order_by(Contact.id.desc())):
                    self._reached[reached].append(contact)
        self._planned: dict[tuple[str, str], set[str]] = {}

    def plan(self, line: Mapping[str, str]) -> Outcome:
        """What would become of a line."""
        told, _, _ = self._read(line)
        known = self._known(told)
        if known is not None:
            return CHANGED if self._tells_more(told, known) else UNCHANGED
        name = fold(told.name)
        before = next((self._planned[way, name] for way in told.ways if (way, name) in self._planned), None)
        more = before is not None and not set(told.ways) <= before
        ways = (before or set()) | set(told.ways)
        self._planned |= {(way, name): ways for way in ways}
        return ADDED if before is None else CHANGED if more else UNCHANGED

    def apply(self, line: Mapping[str, str]) -> Outcome:
        """The same, written."""
        told, role, region_id = self._read(line)
        known = self._known(told)
        if known is None:
            language = line.get("language", "").lower() or "kk"
            settlement = line.get("settlement", "")[:LONGEST_SETTLEMENT]
            made = actions.meet(told.name, role, language, told.phones, told.emails, settlement, region_id)
            session().flush()
            for way in told.ways:
                self._reached[way].insert(0, made)
            return Outcome("added", made.id)
        if not self._tells_more(told, known):
            return UNCHANGED
        actions.learn(known, told.name, known.language, told.phones, told.emails)
        session().flush()
        session().refresh(known, ["phones", "emails"])
        for way in told.ways:
            self._reached[way].insert(0, known)
        return CHANGED

    def take_back(self, object_id: int) -> bool:
        """Whoever never asked for anything is forgotten."""
        return actions.forget_unasked(object_id)

    def _read(self, line: Mapping[str, str]) -> tuple[Person, RequesterRole, int | None]:
        told = _told(line)
        if not told.ways:
            raise Refused(N_("A line needs a telephone number or an e-mail address"), "phones")
        if not told.name:
            raise Refused(N_("Enter the name"), "name")
        role = line.get("role", "").lower()
        role = ROLES.get(role, role)
        if role not in RequesterRole.__members__.values():
            raise Refused(N_("This is none of: %(values)s"), "role", values=", ".join(RequesterRole))
        if line.get("language", "").lower() not in ("", *LANGUAGES):
            raise Refused(N_("This is none of: %(values)s"), "language", values=", ".join(LANGUAGES))
        cell = line.get("organization", "")
        at = self._places.find(cell, "organization") if cell or self._places.usual else None
        return told, RequesterRole(role), at.region_id if at else None

    def _known(self, told: Person) -> Contact | None:
        """The namesake behind a number or an address, or somebody whose name we were never told."""
        wanted = fold(told.name)
        found = [one for way in told.ways for one in self._reached.get(way, [])]
        namesake = next((one for one in found if one.search == wanted), None)
        return namesake or next((one for one in found if not one.search), None)

    @staticmethod
    def _tells_more(told: Person, known: Contact) -> bool:
        ways = {one.number for one in known.phones} | {one.address for one in known.emails}
        return not known.name or not set(told.ways) <= ways


def _told(line: Mapping[str, str]) -> Person:
    name = line.get("name", "") or f"{line.get('first_name', '')} {line.get('last_name', '')}"
    numbers = ", ".join(one for one in (line.get("phones", ""), line.get("mobile", "")) if one)
    return person(name, numbers, line.get("emails", ""), "phones", "emails")
