"""Make and move organizations."""

from datetime import date
from typing import Any

from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import sort_key
from helpdesk.organizations.models import Organization, OrganizationParent
from helpdesk.organizations.rules import Kind, path_of
from helpdesk.organizations.search import search_text


def found(parent: Organization | None, kind: Kind, since: date, **values: Any) -> Organization:
    """Add an organization under `parent` since a day, with its path, search text and Kazakh sort key."""
    made = Organization(parent_id=parent.id if parent else None, kind=kind, **values)
    session().add(made)
    session().flush()
    made.path = path_of(parent.path if parent else None, made.id)
    made.region_id = made.id if kind is Kind.REGION_DEPARTMENT else (parent.region_id if parent else None)
    made.sort_key = sort_key(made.name_kk)
    made.search = search_text(made)
    session().add(
        OrganizationParent(organization_id=made.id, parent_id=parent.id if parent else None, valid_from=since)
    )
    return made
