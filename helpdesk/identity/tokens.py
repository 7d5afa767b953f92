"""Who asks with a token, and over which part of the tree."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from helpdesk.audit.actor import Actor
from helpdesk.identity.queries import Asker, asker
from helpdesk.identity.rules import MAY_READ_RESTRICTED, Role
from helpdesk.identity.token_models import ApiToken, TokenAnswer
from helpdesk.identity.token_rules import ANSWERS_KEPT_FOR, NOTED_EVERY, Scope, digest, is_token
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization


@dataclass(frozen=True)
class Caller:
    """A program that showed a good token: the rights of its member of staff, narrowed to the token's."""

    token_id: int
    asker: Asker
    scopes: frozenset[Scope]
    used_at: datetime | None

    @property
    def by(self) -> Actor:
        """Who acts: the member of staff, through this token."""
        return Actor("staff", self.asker.id, self.token_id)


def caller(token: str) -> Caller | None:
    """Who shows this token; None when it is unknown, revoked or too old, or its member of staff no longer works here.

    Two statements.
    """
    if not is_token(token):
        return None
    query = (
        select(ApiToken.id, ApiToken.staff_id, ApiToken.scopes, ApiToken.last_used_at, Organization.path)
        .join(Organization, Organization.id == ApiToken.organization_id)
        .where(ApiToken.digest == digest(token), ApiToken.revoked_at.is_(None))
        .where(or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > clock.now()))
    )
    row = session().execute(query).first()
    person = asker(row.staff_id) if row is not None else None
    if row is None or person is None:
        return None
    known = set(Scope)
    scopes = frozenset(Scope(one) for one in row.scopes if one in known)
    return Caller(row.id, narrowed(person, row.path, Scope.RESTRICTED_READ in scopes), scopes, row.last_used_at)


def narrowed(person: Asker, root: str, restricted: bool) -> Asker:
    """The same person's rights at and below the organization at `root`.

    Not `restricted`: whatever shows restricted categories becomes a role that sees the same desks without them.
    """
    paths: dict[str, tuple[str, ...]] = {}
    for name, held in person.paths.items():
        kept = tuple(path if path.startswith(root) else root for path in held if _meet(path, root))
        for one in _roles(name, restricted) if kept else ():
            paths[one] = (*paths.get(one, ()), *kept)
    return replace(person, paths=paths)


def _meet(path: str, root: str) -> bool:
    return path.startswith(root) or root.startswith(path)


def _roles(name: str, restricted: bool) -> tuple[str, ...]:
    if restricted or name not in {one.value for one in MAY_READ_RESTRICTED}:
        return (name,)
    # an administrator sees the desks and the figures of the part, and nothing restricted
    return (Role.ADMINISTRATOR.value,) if name == Role.SUPERVISOR.value else ()


def note_use(found: Caller) -> bool:
    """Write down that the token was used, at most once a minute; False when that was not due.

    The caller opens the transaction only when `needs_note` says so.
    """
    now = clock.now()
    old = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - NOTED_EVERY)
    noted = update(ApiToken).where(ApiToken.id == found.token_id, old).values(last_used_at=now).returning(ApiToken.id)
    return session().execute(noted).first() is not None


def needs_note(found: Caller) -> bool:
    """Whether the last use that is written down is more than a minute old."""
    return found.used_at is None or found.used_at <= clock.now() - NOTED_EVERY


def forget_answers() -> int:
    """Forget the answers that nobody may ask for again; returns how many."""
    gone = delete(TokenAnswer).where(TokenAnswer.created_at <= clock.now() - ANSWERS_KEPT_FOR)
    found = session().execute(gone.returning(TokenAnswer.key).execution_options(synchronize_session=False))
    return len(found.all())
