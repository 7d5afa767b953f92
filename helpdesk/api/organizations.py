"""The tree: who belongs where."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from helpdesk.administration.queries import organizations_below
from helpdesk.api import cursors
from helpdesk.api.fields import Cursor, Given, Id, Limit
from helpdesk.api.operations import SMALL_ID, Reply, operation
from helpdesk.api.schemas import OrganizationOut, OrganizationsOut
from helpdesk.identity.token_rules import Scope
from helpdesk.identity.tokens import Caller
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desks
from helpdesk.organizations.rules import Kind


class OrganizationsQuery(Given):
    """Which organizations."""

    parent_id: Annotated[Id | None, Field(description="Only those that stand directly below this one.")] = None
    kind: Kind | None = None
    cursor: Cursor | None = None
    limit: Limit = 50


@operation(
    "GET",
    "/organizations",
    Scope.ORGANIZATIONS_READ,
    tag="Organizations",
    query=OrganizationsQuery,
    answer=OrganizationsOut,
)
def list_organizations(caller: Caller, query: OrganizationsQuery) -> Reply:
    """List organizations of the token's part of the tree, by id."""
    wanted = select(Organization).where(organizations_below(caller.asker.roots()))
    if query.parent_id is not None:
        wanted = wanted.where(Organization.parent_id == query.parent_id)
    if query.kind is not None:
        wanted = wanted.where(Organization.kind == query.kind)
    if query.cursor is not None:
        wanted = wanted.where(Organization.id > cursors.read_id(query.cursor))
    found = session().scalars(wanted.order_by(Organization.id).limit(query.limit + 1)).all()
    shown = [OrganizationOut.of(one, one.id in desks()) for one in found[: query.limit]]
    more = cursors.write_id(shown[-1].id) if len(found) > query.limit else None
    return Reply(OrganizationsOut(items=shown, next=more))


@operation(
    "GET",
    "/organizations/{organization_id}",
    Scope.ORGANIZATIONS_READ,
    tag="Organizations",
    answer=OrganizationOut,
    parameters={"organization_id": SMALL_ID},
)
def get_organization(caller: Caller, organization_id: int) -> Reply:
    """Read an organization."""
    mine = select(Organization).where(Organization.id == organization_id, organizations_below(caller.asker.roots()))
    found = session().scalars(mine).first()
    if found is None:
        raise NotFound
    return Reply(OrganizationOut.of(found, found.id in desks()))
