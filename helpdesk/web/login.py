"""Sign in and out."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity import passkeys, second_factor
from helpdesk.identity.actions import sign_in as verify
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import transaction
from helpdesk.kernel.i18n import gettext
from helpdesk.telephony import offers, presence
from helpdesk.web import access, account, languages, limits

door = Blueprint("login", __name__)


@door.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The sign-in page."""
    if access.visitor():
        return redirect(url_for("board.board"))
    return render_template("login/sign_in.html", error=None, email="")


@door.post("/sign-in")
@limits.limiter.limit(limits.SIGN_IN)
def submit() -> ResponseReturnValue:
    """Check address and password; a wrong pair says no more than that."""
    with transaction():
        staff = verify(request.form.get("email", ""), request.form.get("password", ""))
    if staff is None:
        error = gettext("The address and the password do not belong together")
        page = render_template("login/sign_in.html", error=error, email=request.form.get("email", ""))
        return page, 422
    onward = languages.local_path(request.args.get("next") or url_for("board.board"))
    if second_factor.is_on(staff.id) or passkeys.has_any(staff.id):
        account.ask_for_code(staff, onward)
        return redirect(url_for("account.code"), 303)
    access.start_session(staff)
    return redirect(onward)


@door.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session; whoever took calls takes no more."""
    if (person := access.visitor()) is not None and person.has(Role.OPERATOR):
        with transaction():
            offers.release(person.id)
            presence.sign_out(person.id)
    access.end_session()
    return redirect(url_for("login.sign_in"))
