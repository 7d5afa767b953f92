"""People who asked for help."""

from typing import Annotated

from pydantic import Field

from helpdesk.api.fields import Given, Line
from helpdesk.api.operations import ID, Reply, operation
from helpdesk.api.schemas import ContactOut, ContactsOut
from helpdesk.identity.token_rules import Scope
from helpdesk.identity.tokens import Caller
from helpdesk.kernel import phones
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.tickets import listing


class ContactsQuery(Given):
    """Whom."""

    phone: Annotated[Line, Field(description="Any spelling of a whole number.", examples=["+77012345678"])]


@operation("GET", "/contacts", Scope.CONTACTS_READ, tag="Contacts", query=ContactsQuery, answer=ContactsOut)
def list_contacts(caller: Caller, query: ContactsQuery) -> Reply:
    """Find people by a telephone number.

    Only those who asked in the token's part of the tree.
    """
    number = phones.written(query.phone[:60])
    if number is None:
        raise Refused(N_("This is not a phone number"), field="phone")
    return Reply(ContactsOut(items=[ContactOut.of(one) for one in listing.people_of(caller.asker, number)]))


@operation(
    "GET",
    "/contacts/{contact_id}",
    Scope.CONTACTS_READ,
    tag="Contacts",
    answer=ContactOut,
    parameters={"contact_id": ID},
)
def get_contact(caller: Caller, contact_id: int) -> Reply:
    """Read a person."""
    return Reply(ContactOut.of(listing.person_for(caller.asker, contact_id)))
