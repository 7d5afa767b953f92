"""Tokens of other systems: made, shown once, revoked, in the asker's part of the tree."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, lazyload

from helpdesk.administration.queries import organizations_below, roots
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity.models import Staff, StaffPermission, StaffRole
from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import MAY_READ_RESTRICTED
from helpdesk.identity.token_models import ApiToken
from helpdesk.identity.token_rules import LIVES, Scope, digest, new_token
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Organization
from helpdesk.organizations.rules import is_within


@dataclass(frozen=True)
class Wanted:
    """What a form says of a new token. `days` is one of LIVES."""

    name: str
    address: str
    organization_id: int | None
    scopes: Collection[str]
    days: int | None


@dataclass(frozen=True)
class TokenLine:
    """A token with the names that belong to its numbers."""

    token: ApiToken
    person: str
    organization: Organization
    made_by: str
    person_active: bool


@dataclass(frozen=True)
class TokenPage:
    """Newest first, and the cursor of the next page (None at the end)."""

    lines: Sequence[TokenLine]
    next: int | None


def make(asker: Asker, wanted: Wanted) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown now and never again. Raises Refused naming the field."""
    name = wanted.name.strip()
    if not name or len(name) > 80 or not name.isprintable():
        raise Refused(N_("Say in a few words which system uses it"), field="name")
    scopes = [one.value for one in Scope if one.value in wanted.scopes]
    if not scopes:
        raise Refused(N_("Choose what it may do"), field="scopes")
    if wanted.days not in LIVES:
        raise Refused(N_("Choose how long it is good for"), field="days")
    place = _place(asker, wanted.organization_id)
    trusted = any(asker.holds(role, place.path) for role in MAY_READ_RESTRICTED)
    if Scope.RESTRICTED_READ.value in scopes and not trusted:
        raise Refused(N_("Only who may read restricted tickets there may allow that"), field="scopes")
    person = _person(wanted.address, place)
    secret, now = new_token(), clock.now()
    made = ApiToken(
        name=name,
        digest=digest(secret),
        ending=secret[-4:],
        staff_id=person.id,
        organization_id=place.id,
        scopes=scopes,
        created_by=asker.id,
        created_at=now,
        expires_at=now + timedelta(days=wanted.days) if wanted.days else None,
    )
    session().add(made)
    session().flush()
    journal.note("token.made", by=staff(asker.id), token_id=made.id, staff_id=person.id, scopes=scopes)
    return made, secret


def revoke(asker: Asker, token_id: int) -> None:
    """From now on it opens nothing; a second time changes nothing. Raises NotFound."""
    query = select(ApiToken).join(Organization, Organization.id == ApiToken.organization_id)
    query = query.where(ApiToken.id == token_id, organizations_below(roots(asker)))
    found = session().scalars(query.with_for_update(of=ApiToken)).first()
    if found is None:
        raise NotFound
    if found.revoked_at is None:
        found.revoked_at = clock.now()
        session().flush()
        journal.note("token.revoked", by=staff(asker.id), token_id=found.id, staff_id=found.staff_id)


def tokens(asker: Asker, before: int | None = None, limit: int = 50) -> TokenPage:
    """One page of the tokens of the asker's part of the tree. One statement."""
    maker = aliased(Staff)
    query = (
        select(ApiToken, Staff.name, Organization, maker.name, Staff.active)
        .join(Staff, Staff.id == ApiToken.staff_id)
        .join(Organization, Organization.id == ApiToken.organization_id)
        .join(maker, maker.id == ApiToken.created_by)
        .where(organizations_below(roots(asker)))
        .order_by(ApiToken.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(ApiToken.id < before)
    lines = [TokenLine(*row) for row in session().execute(query)]
    return TokenPage(lines[:limit], lines[limit - 1].token.id if len(lines) > limit else None)


def _place(asker: Asker, organization_id: int | None) -> Organization:
    query = select(Organization).where(Organization.id == (organization_id or 0), organizations_below(roots(asker)))
    found = session().scalars(query).first()
    if found is None:
        raise Refused(N_("Choose the part of the tree that it is for"), field="organization_text")
    return found


def _person(address: str, place: Organization) -> Staff:
    """Somebody who works at or above the place: from nowhere else would the token see anything there.

    What they may do elsewhere does not matter: the token is bounded by the place.
    """
    query = select(Staff).where(func.lower(Staff.email) == address.strip().lower(), Staff.active)
    person = session().scalars(query.options(lazyload("*"))).first()
    if person is None or not any(_touch(path, place.path) for path in _held(person.id)):
        raise Refused(N_("Nobody with this address works there"), field="address")
    return person


def _touch(path: str, place: str) -> bool:
    return is_within(path, place) or is_within(place, path)


def _held(staff_id: int) -> Sequence[str]:
    roles = select(StaffRole.organization_id).where(StaffRole.staff_id == staff_id)
    trust = select(StaffPermission.organization_id).where(StaffPermission.staff_id == staff_id)
    query = select(Organization.path).where(Organization.id.in_(roles.union(trust)))
    return session().scalars(query).all()
