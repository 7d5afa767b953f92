"""Do we know this person?"""

from collections.abc import Sequence

from sqlalchemy import Select, SelectBase, bindparam, select
from sqlalchemy.orm import lazyload

from helpdesk.contacts.models import Contact, ContactEmail, ContactPhone
from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import fold


def by_phone(number: str) -> Sequence[Contact]:
    """Everybody whom this number reaches, newest first: families share phones."""
    query = (
        select(Contact)
        .join(ContactPhone, ContactPhone.contact_id == Contact.id)
        .where(ContactPhone.number == number)
        .order_by(Contact.id.desc())
        .limit(20)
    )
    return session().scalars(query).all()


def _newest(ids: SelectBase) -> Select[Contact]:
    query = select(Contact).where(Contact.id.in_(ids)).order_by(Contact.id.desc()).limit(20)
    return query.options(lazyload(Contact.phones), lazyload(Contact.emails))


# Built once: they are asked for everything that comes in.
_REACHED = select(ContactPhone.contact_id).where(ContactPhone.number.in_(bindparam("phones", expanding=True)))
_WRITTEN = select(ContactEmail.contact_id).where(ContactEmail.address.in_(bindparam("emails", expanding=True)))
_BY_PHONES, _BY_EMAILS, _BY_BOTH = _newest(_REACHED), _newest(_WRITTEN), _newest(_REACHED.union(_WRITTEN))


def known(phones: Sequence[str], emails: Sequence[str], name: str) -> Contact | None:
    """The person behind a number or an address: the namesake where several share it, nobody where a stranger does.

    A name that was not said, or is not known of the contact, fits the newest one.
    """
    if not phones and not emails:
        return None
    query = _BY_BOTH if phones and emails else _BY_PHONES if phones else _BY_EMAILS
    found = session().scalars(query, {"phones": list(phones), "emails": list(emails)}).all()
    wanted = fold(name.strip())
    if not wanted:
        return found[0] if found else None
    return next((one for one in found if one.search == wanted), next((one for one in found if not one.search), None))
