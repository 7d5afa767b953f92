"""Tokens of other systems: the administrators' list, a new one, and the end of one."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.administration import tokens as known
from helpdesk.administration.places import chosen_place
from helpdesk.administration.tokens import Wanted
from helpdesk.identity.rules import Role
from helpdesk.identity.token_rules import LIVES, Scope
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.web.access import current, staff_only

door = Blueprint("tokens", __name__, url_prefix="/tokens")

SCOPES = {
    Scope.TICKETS_READ: N_("Read tickets and their messages"),
    Scope.TICKETS_WRITE: N_("Open, change and answer tickets"),
    Scope.CONTACTS_READ: N_("Find people by their telephone number"),
    Scope.ORGANIZATIONS_READ: N_("Read the tree of organizations"),
    Scope.CALLBACKS_READ: N_("Read callbacks"),
    Scope.CALLBACKS_WRITE: N_("Promise and cancel callbacks"),
    Scope.REPORTS_READ: N_("Read figures"),
    Scope.RESTRICTED_READ: N_("Also see restricted tickets, as far as the member of staff may"),
}
LIVES_WORDS = {30: N_("30 days"), 90: N_("90 days"), 365: N_("One year"), None: N_("Until it is revoked")}


@door.get("")
@staff_only(Role.ADMINISTRATOR)
def tokens() -> ResponseReturnValue:
    """The tokens of my part of the tree, newest first."""
    before = request.args.get("before", "")
    page = known.tokens(current(), int(before) if before.isdecimal() and len(before) < 19 else None)
    return render_template(
        "tokens/tokens.html",
        page=page,
        scope_words=SCOPES,
        at_once=clock.now(),
        next=url_for("tokens.tokens", before=page.next) if page.next else "",
        first=url_for("tokens.tokens") if before else "",
    )


@door.get("/new")
@staff_only(Role.ADMINISTRATOR)
def new() -> ResponseReturnValue:
    """The empty form."""
    return _form({"days": "365"}, [Scope.TICKETS_READ.value])


@door.post("/new")
@staff_only(Role.ADMINISTRATOR)
def make() -> ResponseReturnValue:
    """A new token: its secret is on this one answer and on no other."""
    given, scopes = request.form, request.form.getlist("scopes")
    days = given.get("days", "")
    try:
        with transaction():
            wanted = Wanted(
                name=given.get("name", ""),
                address=given.get("address", ""),
                organization_id=chosen_place(
                    current(), given.get("organization", ""), given.get("organization_text", "")
                ).id,
                scopes=scopes,
                days=int(days) if days.isdecimal() and len(days) < 5 else (None if days == "" else 0),
            )
            made, secret = known.make(current(), wanted)
    except Refused as refused:
        return _form(given, scopes, {refused.field or "name": gettext(refused.message, **refused.values)}), 422
    return render_template("tokens/made.html", made=made, secret=secret)


@door.post("/<int:token_id>/revoke")
@staff_only(Role.ADMINISTRATOR)
def revoke(token_id: int) -> ResponseReturnValue:
    """From now on it opens nothing."""
    with transaction():
        known.revoke(current(), token_id)
    flash(gettext("The token is revoked: it opens nothing any more."), "calm")
    return redirect(url_for("tokens.tokens"), 303)


def _form(values: Mapping[str, str], scopes: list[str], errors: Mapping[str, str] | None = None) -> str:
    return render_template(
        "tokens/token.html",
        values=values,
        chosen=scopes,
        scopes=[(one.value, gettext(words)) for one, words in SCOPES.items()],
        lives=[("" if days is None else str(days), gettext(LIVES_WORDS[days])) for days in LIVES],
        errors=errors or {},
    )
