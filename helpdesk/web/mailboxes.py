"""Mailboxes elsewhere that letters are fetched from: the administrators' list and form."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity.rules import Role
from helpdesk.intake import imap, mailbox_queries, mailboxes
from helpdesk.intake.mailbox_rules import PORTS, Encryption
from helpdesk.intake.mailboxes import Wanted
from helpdesk.intake.models import Mailbox
from helpdesk.kernel import clock, sealed
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_, gettext, language
from helpdesk.organizations.queries import desks
from helpdesk.organizations.queries import mailboxes as desk_mailboxes
from helpdesk.web.access import current, staff_only

door = Blueprint("mailboxes", __name__, url_prefix="/mailboxes")

ENCRYPTIONS = {
    Encryption.TLS: N_("TLS from the first byte"),
    Encryption.STARTTLS: N_("STARTTLS after the greeting"),
    Encryption.NONE: N_("None (for trying out)"),
}
LEDGER_DAYS = 7


@door.get("")
@staff_only(Role.ADMINISTRATOR)
def board() -> ResponseReturnValue:
    """The mailboxes of my desks, by address, and what came of their letters."""
    failing = request.args.get("show") == "failing"
    number, _, address = request.args.get("after", "").partition(" ")
    after = (address, int(number)) if number.isdigit() and len(number) < 10 else None
    page = mailbox_queries.mailboxes(current(), failing, after)
    here: dict[str, Any] = {"show": "failing"} if failing else {}
    return render_template(
        "mailboxes/mailboxes.html",
        page=page,
        counts=mailbox_queries.counts([one.address for one in page.rows], clock.now() - timedelta(days=LEDGER_DAYS)),
        days=LEDGER_DAYS,
        desks=desks(),
        tabs_=[
            (url_for("mailboxes.board"), gettext("All"), None, not failing),
            (url_for("mailboxes.board", show="failing"), gettext("Not to be reached"), None, failing),
        ],
        next=url_for("mailboxes.board", after=f"{page.next[1]} {page.next[0]}", **here) if page.next else "",
        first=url_for("mailboxes.board", **here) if after else "",
    )


@door.get("/new")
@staff_only(Role.ADMINISTRATOR)
def new() -> ResponseReturnValue:
    """The empty form."""
    return _form({"encryption": Encryption.TLS.value, "port": "993", "folder": "INBOX"})


@door.post("/new")
@staff_only(Role.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    """One more mailbox."""
    try:
        with transaction():
            made = mailboxes.add(current(), _wanted())
    except Refused as refused:
        return _form(request.form, _errors(refused)), 422
    flash(gettext("The mailbox is written down; its letters are fetched from now on."), "calm")
    return redirect(url_for("mailboxes.edit", mailbox_id=made.id), 303)


@door.get("/<int:mailbox_id>")
@staff_only(Role.ADMINISTRATOR)
def edit(mailbox_id: int) -> ResponseReturnValue:
    """The form of one mailbox. Its password is never shown."""
    known = mailbox_queries.mailbox_for(current(), mailbox_id)
    values = {name: str(getattr(known, name)) for name in ("address", "host", "port", "encryption", "login", "folder")}
    values |= {"desk": str(known.desk_id), "takes_old": "1" if known.takes_old else ""}
    return _form(values, known=known)


@door.post("/<int:mailbox_id>")
@staff_only(Role.ADMINISTRATOR)
def change(mailbox_id: int) -> ResponseReturnValue:
    """Another place or password."""
    known = mailbox_queries.mailbox_for(current(), mailbox_id)
    try:
        with transaction():
            mailboxes.change(current(), mailbox_id, _wanted())
    except Refused as refused:
        return _form(request.form, _errors(refused), known), 422
    flash(gettext("Saved."), "calm")
    return redirect(url_for("mailboxes.edit", mailbox_id=mailbox_id), 303)


@door.post("/<int:mailbox_id>/switch")
@staff_only(Role.ADMINISTRATOR)
def switch(mailbox_id: int) -> ResponseReturnValue:
    """Fetch from it, or do not."""
    active = request.form.get("active") == "1"
    with transaction():
        mailboxes.switch(current(), mailbox_id, active)
    words = N_("The mailbox is switched on.") if active else N_("The mailbox is switched off. Its letters wait there.")
    flash(gettext(words), "calm")
    return redirect(url_for("mailboxes.board"), 303)


@door.post("/<int:mailbox_id>/test")
@staff_only(Role.ADMINISTRATOR)
def test(mailbox_id: int) -> ResponseReturnValue:
    """Open it now, fetch nothing, and say what was found."""
    known = mailbox_queries.mailbox_for(current(), mailbox_id)
    try:
        errand = mailboxes.errand(known)
        with imap.opened(errand.access, visit_seconds=imap.PATIENCE_SECONDS) as box:
            unseen = box.above(errand.last_uid) if errand.uid_validity == box.validity else []
            values = {"count": box.count, "new": len(unseen)}
        flash(gettext("It opens. Letters in the folder: %(count)s, not fetched yet: %(new)s", **values), "calm")
    except imap.MailboxAway as away:
        flash(gettext("It does not open. The server says: %(reason)s", reason=str(away)), "amber")
    except sealed.BrokenSeal:
        flash(gettext("Its password was sealed under another TICKET_KEY: write it once more."), "amber")
    return redirect(url_for("mailboxes.edit", mailbox_id=mailbox_id), 303)


@door.get("/desks")
@staff_only(Role.ADMINISTRATOR)
def suggest_desks() -> ResponseReturnValue:
    """My desks by a part of their name."""
    typed = request.args.get("q", "").strip().casefold()[:80]
    found = [
        {"value": str(desk_id), "text": desks()[desk_id].organization.short(language()), "hint": ""}
        for desk_id in mailbox_queries.desks_of(current())
        if typed in desks()[desk_id].organization.short(language()).casefold()
    ]
    return jsonify(found[:8])


def _wanted() -> Wanted:
    given = {name: value.strip() for name, value in request.form.items()}
    encryption, port = given.get("encryption", ""), given.get("port", "")
    try:
        by = Encryption(encryption)
    except ValueError:
        raise Refused(N_("Choose how the connection is encrypted"), field="encryption") from None
    address = given.get("address", "").lower()
    return Wanted(
        address=address,
        desk_id=_desk(given, address),
        host=given.get("host", "").lower(),
        port=int(port) if port.isdecimal() and len(port) < 6 else (None if port else PORTS[by]),
        encryption=by,
        login=given.get("login", "") or address,
        password=request.form.get("password", ""),
        folder=given.get("folder", "") or "INBOX",
        takes_old=bool(given.get("takes_old")),
    )


def _desk(given: Mapping[str, str], address: str) -> int | None:
    """The chosen desk; else the one that the words mean; else the one that the address belongs to."""
    chosen, words = given.get("desk", ""), given.get("desk_text", "")
    if chosen.isdecimal() and len(chosen) < 10:
        return int(chosen)
    if words:
        mine = mailbox_queries.desks_of(current())
        named = [one for one in mine if desks()[one].organization.short(language()).casefold() == words.casefold()]
        return named[0] if len(named) == 1 else None
    return desk_mailboxes().get(address)


def _errors(refused: Refused) -> dict[str, str]:
    return {refused.field or "address": gettext(refused.message, **refused.values)}


def _form(values: Mapping[str, str], errors: dict[str, str] | None = None, known: Mailbox | None = None) -> str:
    chosen = values.get("desk", "")
    at = desks().get(int(chosen)) if chosen.isdecimal() and len(chosen) < 10 else None
    return render_template(
        "mailboxes/mailbox.html",
        values=values,
        desk_text=values.get("desk_text") or (at.organization.short(language()) if at else ""),
        encryptions=[(one.value, gettext(words)) for one, words in ENCRYPTIONS.items()],
        errors=errors or {},
        known=known,
        days=LEDGER_DAYS,
        counts=mailbox_queries.counts([known.address], clock.now() - timedelta(days=LEDGER_DAYS)).get(known.address)
        if known
        else None,
    )
