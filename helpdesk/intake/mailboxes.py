"""Mailboxes elsewhere: written down, switched, and visited. What was fetched is kept before its number counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from email.utils import parseaddr

from sqlalchemy import select, update

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.identity.queries import Asker
from helpdesk.intake import mailbox_queries, mailroom
from helpdesk.intake.charsets import readable
from helpdesk.intake.imap import Access
from helpdesk.intake.mail_parts import addresses, header, parse_headers
from helpdesk.intake.mailbox_rules import LEASE, Encryption, is_address, is_host, is_plain, next_visit
from helpdesk.intake.models import Mailbox
from helpdesk.kernel import clock, sealed, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import DeskMailbox
from helpdesk.organizations.queries import mailboxes as desk_mailboxes

PURPOSE = "mailbox"
# Nobody knows who handed the letter over: neither a sender nor the null sender of a bounce.
UNKNOWN_SENDER = "?"
_HEADERS = 200_000


@dataclass(frozen=True)
class Wanted:
    """What a form says of a mailbox; an empty `password` keeps the one that is known."""

    address: str
    desk_id: int | None
    host: str
    port: int | None
    encryption: Encryption
    login: str
    password: str
    folder: str
    takes_old: bool = False


def add(asker: Asker, wanted: Wanted) -> Mailbox:
    """A new mailbox, due at once. Raises Refused naming the field."""
    _check(asker, wanted)
    if not wanted.password:
        raise Refused(N_("The mailbox needs its password"), field="password")
    now = clock.now()
    made = Mailbox(created_at=now, next_attempt_at=now, takes_old=wanted.takes_old, active=True)
    _write(made, wanted)
    session().add(made)
    session().flush()
    _note("mailbox.added", made, asker)
    return made


def change(asker: Asker, mailbox_id: int, wanted: Wanted) -> Mailbox:
    """Another place or password; it is visited at once. Raises Refused, NotFound."""
    known = mailbox_queries.mailbox_for(asker, mailbox_id, lock=True)
    _check(asker, wanted, known)
    moved = (known.host, known.login, known.folder) != (wanted.host, wanted.login, wanted.folder)
    if moved:  # the numbers of another folder mean nothing here
        known.uid_validity, known.last_uid, known.created_at = None, 0, clock.now()
    _write(known, wanted)
    known.failures, known.last_error, known.next_attempt_at = 0, "", clock.now()
    session().flush()
    _note("mailbox.changed", known, asker)
    return known


def switch(asker: Asker, mailbox_id: int, active: bool) -> None:
    """Visit it, or do not; what comes meanwhile is fetched when it is switched on again. Raises NotFound."""
    known = mailbox_queries.mailbox_for(asker, mailbox_id, lock=True)
    known.active, known.failures, known.last_error, known.next_attempt_at = active, 0, "", clock.now()
    session().flush()
    _note("mailbox.switched_on" if active else "mailbox.switched_off", known, asker)


def _note(kind: str, mailbox: Mailbox, asker: Asker) -> None:
    journal.note(kind, by=staff(asker.id), desk_id=mailbox.desk_id, mailbox_id=mailbox.id)


def _check(asker: Asker, wanted: Wanted, known: Mailbox | None = None) -> None:
    if not is_address(wanted.address):
        raise Refused(N_("This is no e-mail address"), field="address")
    if wanted.desk_id not in mailbox_queries.desks_of(asker):
        raise Refused(N_("Choose the desk that answers these letters"), field="desk_text")
    if desk_mailboxes().get(wanted.address, wanted.desk_id) != wanted.desk_id:
        raise Refused(N_("Letters to this address belong to another desk"), field="address")
    if not is_host(wanted.host):
        raise Refused(N_("Write the name of the server, for example imap.example.org"), field="host")
    if wanted.port is None or not 0 < wanted.port < 65536:
        raise Refused(N_("A port is a number from 1 to 65535"), field="port")
    if wanted.encryption is Encryption.NONE and settings.current().environment == "production":
        raise Refused(N_("A password does not travel without encryption"), field="encryption")
    for name, text in (("login", wanted.login), ("folder", wanted.folder), ("password", wanted.password or "-")):
        if not text or not is_plain(text):
            raise Refused(N_("Fill this in on one line"), field=name)
    same = select(Mailbox.id).where(
        Mailbox.host == wanted.host, Mailbox.login == wanted.login, Mailbox.folder == wanted.folder
    )
    if session().execute(same).scalar() not in (None, known.id if known else None):
        raise Refused(N_("This folder of this mailbox is fetched already"), field="login")


def _write(mailbox: Mailbox, wanted: Wanted) -> None:
    assert wanted.desk_id is not None and wanted.port is not None  # noqa: PT018 - checked
    mailbox.address, mailbox.desk_id = wanted.address, wanted.desk_id
    mailbox.host, mailbox.port, mailbox.encryption = wanted.host, wanted.port, wanted.encryption
    mailbox.login, mailbox.folder = wanted.login, wanted.folder
    if wanted.password:
        mailbox.password = sealed.seal(settings.current().ticket_key, PURPOSE, wanted.password)
    general = wanted.address == settings.current().general_mailbox
    if not general and wanted.address not in desk_mailboxes():
        session().add(DeskMailbox(address=wanted.address, desk_id=wanted.desk_id))


# ── visits ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Errand:
    """One visit that somebody took upon themselves."""

    mailbox_id: int
    access: Access
    uid_validity: int | None
    last_uid: int
    since: date | None


def claim(mailbox_id: int) -> Errand | None:
    """Take a due mailbox to be visited now; None when it is not due or somebody else has taken it."""
    now = clock.now()
    due = update(Mailbox).where(Mailbox.id == mailbox_id, Mailbox.active, Mailbox.next_attempt_at <= now)
    taken = session().scalars(due.values(next_attempt_at=now + LEASE).returning(Mailbox)).first()
    return errand(taken) if taken is not None else None


def errand(mailbox: Mailbox) -> Errand:
    """What a visitor has to know. Raises sealed.BrokenSeal when TICKET_KEY is another one than at its writing.

    `since`: of a mailbox that gives no old letters, where the first visit (and one after a new numbering) begins. The
    day before it was written down is early enough in every time zone, and what comes twice is known by its digest.
    """
    password = sealed.unseal(settings.current().ticket_key, PURPOSE, mailbox.password)
    access = Access(mailbox.host, mailbox.port, Encryption(mailbox.encryption), mailbox.login, password, mailbox.folder)
    since = None if mailbox.takes_old else (mailbox.created_at - timedelta(days=1)).date()
    return Errand(mailbox.id, access, mailbox.uid_validity, mailbox.last_uid, since)


def keep(mailbox_id: int, validity: int, uid: int, letters: Sequence[bytes]) -> None:
    """Keep these letters; everything up to `uid` has been fetched. Both or neither is committed."""
    mailbox = session().get_one(Mailbox, mailbox_id, with_for_update=True, populate_existing=True)
    for content in letters:
        mailroom.store(content, handed_over_by(content), [mailbox.address])
    if mailbox.uid_validity != validity or mailbox.last_uid < uid:
        mailbox.uid_validity, mailbox.last_uid = validity, uid
    session().flush()


def settle(mailbox_id: int, error: str = "", has_more: bool = False) -> None:
    """The visit is over; the next one is written down."""
    mailbox = session().get_one(Mailbox, mailbox_id, with_for_update=True, populate_existing=True)
    now = clock.now()
    if error and not mailbox.failures:
        journal.note("mailbox.failed", by=SYSTEM, desk_id=mailbox.desk_id, mailbox_id=mailbox.id)
    mailbox.failures = min(mailbox.failures + 1, 1000) if error else 0
    mailbox.last_error = readable(error)[:300]
    mailbox.last_success_at = mailbox.last_success_at if error else now
    mailbox.next_attempt_at = next_visit(now, mailbox.failures, has_more)
    session().flush()


def handed_over_by(content: bytes) -> str:
    """The envelope's sender, as the server that delivered it wrote it down (RFC 5321, 4.4): empty for a bounce."""
    message = parse_headers(content[:_HEADERS])
    path = header(message, "Return-Path")
    if path:
        address = parseaddr(path)[1].strip().lower()
        return "" if path.replace(" ", "") == "<>" else (address[:254] or UNKNOWN_SENDER)
    return next((address for _, address in addresses(message, "From")), UNKNOWN_SENDER)[:254]
