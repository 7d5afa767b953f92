"""Staff: invited, given roles, changed, sent away. An administrator acts in the own part of the tree and on others
than themselves: nobody gives or takes their own roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.administration.queries import StaffCard, organization_for, staff_for
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity import links, passkeys, second_factor
from helpdesk.identity.models import Staff, StaffPermission, StaffRole, search_text
from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import LinkPurpose, Permission, Role, Skill
from helpdesk.kernel import phones
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import LANGUAGES, N_, sort_key
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desks

LONGEST_NAME, LONGEST_EMAIL = 200, 254
TAKEN = N_("Somebody signs in with this address already. If you do not find them, ask an administrator above you")


@dataclass(frozen=True)
class Profile:
    """What is typed about somebody; `language` is that of their pages and letters, `languages` those they answer in."""

    name: str
    email: str
    language: str
    languages: Sequence[str]
    skills: Sequence[str]
    mobile: str = ""


def invite(asker: Asker, profile: Profile, role: str, organization_id: int, letter: bool = True) -> Staff:
    """A new member of staff with one role; a letter with a link follows, unless it is to be sent later by hand.

    Raises Refused, NotFound for the place.
    """
    at = organization_for(asker, organization_id)
    if at.closed_on is not None:
        raise Refused(N_("This organization is closed"), "organization_text")
    values = checked(profile)
    held = role_of(role)
    _free(values["email"], None)
    person = Staff(password_hash=links.unusable_password(), roles=[], permissions=[], **values)
    session().add(person)
    session().flush()
    _hold(person.id, held, at.id)
    journal.note(
        "staff.invited", by=staff(asker.id), desk_id=desk_at(at), staff_id=person.id, role=held.value, at_id=at.id
    )
    if letter:
        links.make(person, LinkPurpose.INVITATION, staff(asker.id))
    return person


def change(asker: Asker, staff_id: int, profile: Profile) -> Staff:
    """Name, address, languages, skills and mobile telephone. Raises Refused."""
    card = _managed(asker, staff_id, also_oneself=True)
    values = checked(profile)
    _free(values["email"], staff_id)
    person = card.person
    changed = sorted(name for name, value in values.items() if getattr(person, name) != value)
    for name, value in values.items():
        setattr(person, name, value)
    person.sort_key, person.search = sort_key(person.name), search_text(person.name, person.email)
    session().flush()
    if changed:
        _note("staff.changed", asker, card, fields=changed)
    return person


def give(asker: Asker, staff_id: int, role: str, organization_id: int) -> None:
    """A role or permission more, over an organization and what lies below it. Given already, nothing changes."""
    card, at, held = staff_for(asker, staff_id, lock=True), organization_for(asker, organization_id), role_of(role)
    _another(card)
    if at.closed_on is not None:
        raise Refused(N_("This organization is closed"), "organization_text")
    if _hold(card.person.id, held, at.id):
        journal.note(
            "staff.role_given",
            by=staff(asker.id),
            desk_id=desk_at(at),
            staff_id=card.person.id,
            role=held.value,
            at_id=at.id,
        )


def take(asker: Asker, staff_id: int, role: str, organization_id: int) -> None:
    """A role or permission less. The last one stays: who shall hold nothing is deactivated. Raises Refused."""
    card, at, held = staff_for(asker, staff_id, lock=True), organization_for(asker, organization_id), role_of(role)
    _another(card)
    if len(card.held) < 2:
        raise Refused(N_("This is the last role: deactivate the person instead"))
    if isinstance(held, Role):
        gone = delete(StaffRole).where(
            StaffRole.staff_id == staff_id, StaffRole.role == held, StaffRole.organization_id == at.id
        )
    else:
        gone = delete(StaffPermission).where(
            StaffPermission.staff_id == staff_id,
            StaffPermission.permission == held,
            StaffPermission.organization_id == at.id,
        )
    if session().execute(gone.returning(1)).first() is not None:
        journal.note(
            "staff.role_taken",
            by=staff(asker.id),
            desk_id=desk_at(at),
            staff_id=staff_id,
            role=held.value,
            at_id=at.id,
        )


def deactivate(asker: Asker, staff_id: int) -> None:
    """The person works here no more: every session ends now, links are void, tickets go back to their queues."""
    card = _managed(asker, staff_id)
    if not card.person.active:
        return
    card.person.active = False
    card.person.session_version += 1
    session().flush()
    _note("staff.deactivated", asker, card)


def activate(asker: Asker, staff_id: int) -> None:
    """The person is back: with the roles from before, and a new link to a password."""
    card = _managed(asker, staff_id)
    if card.person.active:
        return
    card.person.active = True
    card.person.password_hash = links.unusable_password()
    session().flush()
    _note("staff.activated", asker, card)
    links.make(card.person, LinkPurpose.INVITATION, staff(asker.id))


def send_link(asker: Asker, staff_id: int) -> None:
    """A letter with a link to a new password; who never signed in gets the invitation again."""
    card = _managed(asker, staff_id)
    if not card.person.active:
        raise Refused(N_("This person is deactivated"))
    never = card.person.signed_in_at is None
    links.make(card.person, LinkPurpose.INVITATION if never else LinkPurpose.PASSWORD, staff(asker.id))


def sign_out_everywhere(asker: Asker, staff_id: int) -> None:
    """Every browser in which this person is signed in asks for the password again."""
    card = _managed(asker, staff_id, also_oneself=True)
    card.person.session_version += 1
    session().flush()
    _note("staff.signed_out_everywhere", asker, card)


def remove_second_factor(asker: Asker, staff_id: int) -> None:
    """The telephone with the authenticator is lost, or the device with the passkeys."""
    card = _managed(asker, staff_id)
    second_factor.remove(card.person.id, staff(asker.id))
    passkeys.remove_all(card.person.id, staff(asker.id))


def desk_at(organization: Organization) -> int | None:
    """The desk of an organization or the nearest one above: whose administrators read of it in the journal."""
    known = desks()
    above = [int(part) for part in organization.path.strip("/").split("/") if part]
    return next((id_ for id_ in reversed(above) if id_ in known), None)


def _managed(asker: Asker, staff_id: int, also_oneself: bool = False) -> StaffCard:
    card = staff_for(asker, staff_id, lock=True)
    if not also_oneself:
        _another(card)
    if not card.managed:
        raise Refused(N_("This person also works outside your part of the tree: ask an administrator above you"))
    return card


def _another(card: StaffCard) -> None:
    if card.is_asker:
        raise Refused(N_("Nobody does this to themselves: ask another administrator"))


def role_of(given: str) -> Role | Permission:
    """A role or permission by its name. Raises Refused."""
    if given in Role.__members__.values():
        return Role(given)
    if given in Permission.__members__.values():
        return Permission(given)
    raise Refused(N_("Choose a role"), "role")


def _hold(staff_id: int, held: Role | Permission, organization_id: int) -> bool:
    row = {"staff_id": staff_id, "organization_id": organization_id}
    if isinstance(held, Role):
        made = insert(StaffRole).values(role=held, **row).on_conflict_do_nothing().returning(StaffRole.id)
    else:
        made = insert(StaffPermission).values(permission=held, **row).on_conflict_do_nothing().returning(1)
    return session().execute(made).first() is not None


def checked(profile: Profile) -> dict[str, object]:
    """What is stored of what was typed. Raises Refused naming the field."""
    name = " ".join(profile.name.split())
    if not name:
        raise Refused(N_("Enter the name"), "name")
    if len(name) > LONGEST_NAME:
        raise Refused(N_("This name is too long"), "name")
    languages = [code for code in LANGUAGES if code in profile.languages]
    if not languages:
        raise Refused(N_("Choose at least one language"), "languages")
    mobile = phones.written(profile.mobile) if profile.mobile.strip() else None
    if profile.mobile.strip() and (mobile is None or not mobile.startswith("+")):
        raise Refused(N_("This is not a phone number"), "mobile")
    return {
        "name": name,
        "email": _address(profile.email),
        "language": profile.language if profile.language in LANGUAGES else languages[0],
        "languages": languages,
        "skills": [skill.value for skill in Skill if skill.value in profile.skills],
        "mobile": mobile,
    }


def _address(typed: str) -> str:
    if not typed.strip():
        raise Refused(N_("Enter the e-mail address"), "email")
    try:
        # a reserved domain is as good as any in a demo, and a wrong one shows when the letter comes back
        found = validate_email(typed.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise Refused(N_("This is not an e-mail address"), "email") from None
    if len(found.normalized) > LONGEST_EMAIL:
        raise Refused(N_("This is not an e-mail address"), "email")
    return found.normalized


def _free(address: object, but: int | None) -> None:
    query = select(Staff.id).where(func.lower(Staff.email) == str(address).lower())
    other = session().scalar(query)
    if other is not None and other != but:
        raise Refused(TAKEN, "email")


def _note(kind: str, asker: Asker, card: StaffCard, **details: Any) -> None:
    at = next((one.organization for one in card.held if one.mine), None)
    journal.note(
        kind,
        by=staff(asker.id),
        desk_id=desk_at(at) if at is not None else None,
        staff_id=card.person.id,
        **details,
    )
