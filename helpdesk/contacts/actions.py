"""Remember people and how they are reached."""

from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from helpdesk.contacts.models import Contact, ContactEmail, ContactPhone
from helpdesk.contacts.rules import RequesterRole
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import fold, sort_key


def meet(
    name: str,
    role: RequesterRole,
    language: str,
    phones: Sequence[str] = (),
    emails: Sequence[str] = (),
    settlement: str = "",
    region_id: int | None = None,
) -> Contact:
    """A person whom we did not know."""
    contact = Contact(
        name=name.strip(),
        sort_key=sort_key(name.strip()),
        search=fold(name.strip()),
        role=role,
        language=language,
        settlement=settlement,
        region_id=region_id,
        created_at=clock.now(),
        phones=[ContactPhone(number=number) for number in dict.fromkeys(phones)],
        emails=[ContactEmail(address=address.lower()) for address in dict.fromkeys(emails)],
    )
    session().add(contact)
    return contact


def learn(contact: Contact, name: str, language: str, phones: Sequence[str], emails: Sequence[str]) -> None:
    """What we did not know of somebody yet: a name, further numbers and addresses; the language spoken last."""
    if name.strip() and not contact.name:
        contact.name, contact.sort_key, contact.search = name.strip(), sort_key(name.strip()), fold(name.strip())
    contact.language = language
    if phones:
        rows = [{"contact_id": contact.id, "number": number} for number in phones]
        session().execute(insert(ContactPhone).values(rows).on_conflict_do_nothing())
    if emails:
        addresses = [{"contact_id": contact.id, "address": address.lower()} for address in emails]
        session().execute(insert(ContactEmail).values(addresses).on_conflict_do_nothing())


def letters_come_back_from(address: str) -> None:
    """Nothing arrives at an address: nobody is written to there until somebody writes from there."""
    marked = update(ContactEmail).where(ContactEmail.address == address, ContactEmail.bounced_at.is_(None))
    session().execute(marked.values(bounced_at=clock.now()).execution_options(synchronize_session=False))


def letters_came_from(contact_id: int | None, addresses: Sequence[str]) -> None:
    """A person writes from these addresses, so letters may be sent there again."""
    marked = update(ContactEmail).where(
        ContactEmail.contact_id == contact_id,
        ContactEmail.address.in_(addresses),
        ContactEmail.bounced_at.is_not(None),
    )
    session().execute(marked.values(bounced_at=None).execution_options(synchronize_session=False))


def forget_unasked(contact_id: int) -> bool:
    """Take out somebody who was entered by mistake; False, and nothing changes, when anything refers to them by now."""
    try:
        with session().begin_nested():
            for table in (ContactPhone, ContactEmail):
                session().execute(delete(table).where(table.contact_id == contact_id))
            session().execute(delete(Contact).where(Contact.id == contact_id))
    except IntegrityError:
        return False
    return True
