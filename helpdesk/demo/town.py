"""Build the demo town, once."""

from collections.abc import Callable

from sqlalchemy import select

from helpdesk.demo import places, week
from helpdesk.kernel.db import db, session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Organization


def build_town(say: Callable[[str], None]) -> bool:
    """Fill an empty database with the town and its week; False when somebody lives there already."""
    if session().scalars(select(Organization.id).limit(1)).first() is not None:
        return False
    say("Building the demo town …")
    with transaction():
        town = places.build()
    desks.forget()
    week.build(town, say)
    db.session.remove()
    return True
