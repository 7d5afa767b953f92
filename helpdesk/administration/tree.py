"""The tree of organizations, edited in the asker's own part of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from helpdesk.administration.places import chosen_place
from helpdesk.administration.queries import organization_for, roots
from helpdesk.administration.staffing import desk_at
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity.queries import Asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations import actions
from helpdesk.organizations.models import Organization, OrganizationParent
from helpdesk.organizations.rules import BELOW, Kind, Ownership

ZONES = (
    "Asia/Almaty",
    "Asia/Qostanay",
    "Asia/Qyzylorda",
    "Asia/Aqtobe",
    "Asia/Atyrau",
    "Asia/Aqtau",
    "Asia/Oral",
)
LONGEST_NAME, LONGEST_SHORT, LONGEST_CODE = 300, 80, 40
MOST_PUPILS = 100_000


def add(asker: Asker, given: Mapping[str, str]) -> Organization:
    """A new organization below one of the asker's. Raises Refused naming the field."""
    parent = chosen_place(asker, given.get("parent", ""), given.get("parent_text", ""), "parent_text")
    if parent.closed_on is not None:
        raise Refused(N_("This organization is closed"), "parent_text")
    kind = kind_below(given.get("kind", ""), parent)
    values = checked(given, parent.zone)
    _free_code(values["code"], None)
    actions.lock_tree()
    made = actions.found(parent, kind, today(parent.zone), **values)
    _note("organization.added", asker, made, of_kind=kind.value, parent_id=parent.id)
    return made


def change(asker: Asker, organization_id: int, given: Mapping[str, str]) -> Organization:
    """Names and marks. Raises Refused naming the field."""
    organization = organization_for(asker, organization_id, lock=True)
    values = checked(given, organization.zone)
    _free_code(values["code"], organization.id)
    changed = actions.rename(organization, **values)
    if changed:
        _note("organization.changed", asker, organization, fields=changed)
    return organization


def move(asker: Asker, organization_id: int, given: Mapping[str, str]) -> Organization:
    """Under another organization from a day on. Both lie in the asker's part; its own top does not move."""
    organization = organization_for(asker, organization_id, lock=True)
    if organization.path in roots(asker):
        raise Refused(N_("The top of your part of the tree is moved by an administrator above you"), "parent_text")
    parent = chosen_place(asker, given.get("parent", ""), given.get("parent_text", ""), "parent_text")
    if parent.id == organization.parent_id:
        raise Refused(N_("It stands there already"), "parent_text")
    day = read_day(given.get("day", ""), "day")
    actions.move(organization, parent, day, today(organization.zone))
    _note("organization.moved", asker, organization, parent_id=parent.id, since=day.isoformat())
    return organization


def close(asker: Asker, organization_id: int, given: Mapping[str, str]) -> None:
    """It takes no requests from a day on."""
    organization = organization_for(asker, organization_id, lock=True)
    if organization.path in roots(asker):
        raise Refused(N_("The top of your part of the tree is closed by an administrator above you"), "closed_on")
    day, reason = read_day(given.get("closed_on", ""), "closed_on"), given.get("reason", "").strip()
    if not reason:
        raise Refused(N_("Say why"), "reason")
    actions.close(organization, day, reason[:300])
    _note("organization.closed", asker, organization, since=day.isoformat())


def open_again(asker: Asker, organization_id: int) -> None:
    """It takes requests again."""
    organization = organization_for(asker, organization_id, lock=True)
    actions.open_again(organization, today(organization.zone))
    _note("organization.opened_again", asker, organization)


def history(organization: Organization) -> Sequence[tuple[OrganizationParent, Organization | None]]:
    """Where it stood and when, the newest first. The caller has checked the asker's right."""
    query = (
        select(OrganizationParent, Organization)
        .outerjoin(Organization, Organization.id == OrganizationParent.parent_id)
        .where(OrganizationParent.organization_id == organization.id)
        .order_by(OrganizationParent.valid_from.desc())
    )
    return [(stay, parent) for stay, parent in session().execute(query)]


def kind_below(given: str, parent: Organization) -> Kind:
    """The kind that was chosen. Raises Refused when it does not stand below `parent`."""
    if given not in Kind.__members__.values():
        raise Refused(N_("Choose what kind of organization it is"), "kind")
    if Kind(given) not in BELOW.get(parent.kind, frozenset()):
        raise Refused(N_("This kind of organization does not stand there"), "kind")
    return Kind(given)


def checked(given: Mapping[str, str], zone: str) -> dict[str, Any]:
    """Columns of an organization out of what was typed. Raises Refused naming the field."""
    names = {code: " ".join(given.get(f"name_{code}", "").split()) for code in ("kk", "ru", "en")}
    for code in ("kk", "ru"):
        if not names[code]:
            raise Refused(N_("Enter the name in Kazakh and in Russian"), f"name_{code}")
    names["en"] = names["en"] or names["ru"]
    for code, name in names.items():
        if len(name) > LONGEST_NAME:
            raise Refused(N_("This name is too long"), f"name_{code}")
    shorts = {
        code: " ".join(given.get(f"short_{code}", "").split())[:LONGEST_SHORT] or names[code][:LONGEST_SHORT]
        for code in names
    }
    kato, pupils = given.get("kato", "").strip(), given.get("contingent", "").strip()
    if kato and not (kato.isascii() and kato.isdigit() and len(kato) == 9):
        raise Refused(N_("A KATO code has nine digits"), "kato")
    if pupils and not (pupils.isascii() and pupils.isdigit() and len(pupils) < 8 and int(pupils) <= MOST_PUPILS):
        raise Refused(N_("Enter the number of pupils in digits"), "contingent")
    code = given.get("code", "").strip()
    if len(code) > LONGEST_CODE:
        raise Refused(N_("This code is too long"), "code")
    chosen = given.get("zone", "").strip() or zone
    if chosen not in ZONES:
        raise Refused(N_("Choose a time zone of the list"), "zone")
    private = given.get("ownership", "").strip() == Ownership.PRIVATE.value
    return {
        **{f"name_{one}": name for one, name in names.items()},
        **{f"short_{one}": short for one, short in shorts.items()},
        "number": given.get("number", "").strip()[:20] or None,
        "kato": kato or None,
        "zone": chosen,
        "contingent": int(pupils) if pupils else None,
        "code": code or None,
        "ownership": Ownership.PRIVATE if private else Ownership.STATE,
    }


def read_day(typed: str, field: str) -> date:
    """A day as the browser sends it. Raises Refused."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Refused(N_("Enter a day"), field) from None


def today(zone: str) -> date:
    """The day on the wall of an organization."""
    moment: datetime = clock.now()
    return moment.astimezone(ZoneInfo(zone)).date()


def _free_code(code: object, but: int | None) -> None:
    other = session().scalar(select(Organization.id).where(Organization.code == code)) if code else None
    if other is not None and other != but:
        raise Refused(N_("Another organization has this code"), "code")


def _note(kind: str, asker: Asker, organization: Organization, **details: Any) -> None:
    journal.note(kind, by=staff(asker.id), desk_id=desk_at(organization), organization_id=organization.id, **details)
