"""One's own way in: the link of an invitation, the password, the second factor."""

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.identity import account, links, passkeys, second_factor, totp
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import gettext, speak
from helpdesk.web import access, limits

door = Blueprint("account", __name__)

# Who has proved the password and not yet the code: id, session version, when, and where to go then.
HALF_IN = "half_in"
CODE_WITHIN_SECONDS = 600


# ── a link that was written to somebody ───────────────────────────────────────────────────────────────────────────


@door.get("/welcome/<word>")
@limits.limiter.limit(limits.STATUS)
def welcome(word: str) -> ResponseReturnValue:
    """Choose a password."""
    _link, person = links.opened(word)
    speak(person.language)
    return render_template("account/welcome.html", person=person, errors={})


@door.post("/welcome/<word>")
@limits.limiter.limit(limits.SIGN_IN)
def choose(word: str) -> ResponseReturnValue:
    """The password is chosen; the person signs in with it."""
    _link, person = links.opened(word)
    speak(person.language)
    try:
        with transaction():
            links.use(word, request.form.get("password", ""), request.form.get("again", ""))
    except Refused as refused:
        errors = {refused.field or "password": gettext(refused.message, **refused.values)}
        return render_template("account/welcome.html", person=person, errors=errors), 422
    access.end_session()
    flash(gettext("Your password is chosen. Sign in with it now."), "calm")
    return redirect(url_for("login.sign_in"), 303)


# ── the step after the password ───────────────────────────────────────────────────────────────────────────────────


def ask_for_code(person: Staff, onward: str) -> None:
    """The password was right: the code is asked for next."""
    session[HALF_IN] = [person.id, person.session_version, int(clock.now().timestamp()), onward]


@door.get("/sign-in/code")
def code() -> ResponseReturnValue:
    """The code of the authenticator, or one on paper, or a passkey."""
    staff_id = half_in()
    if staff_id is None:
        return redirect(url_for("login.sign_in"))
    return code_page(staff_id, {})


@door.post("/sign-in/code")
@limits.limiter.limit(limits.SIGN_IN)
def prove() -> ResponseReturnValue:
    """Check the code; each opens once."""
    staff_id = half_in()
    if staff_id is None:
        return redirect(url_for("login.sign_in"))
    try:
        with transaction():
            proved = second_factor.prove(staff_id, request.form.get("code", ""))
    except Refused as refused:
        return code_page(staff_id, {"code": gettext(refused.message)}), 422
    if not proved:
        error = gettext("This code is not right, or it was used already. Wait for the next one")
        return code_page(staff_id, {"code": error}), 422
    onward = take_onward() or url_for("board.board")
    access.start_session_of(staff_id)
    return redirect(onward, 303)


def code_page(staff_id: int, errors: dict[str, str]) -> str:
    """What is asked for after the password of somebody."""
    return render_template(
        "account/code.html",
        errors=errors,
        has_code=second_factor.is_on(staff_id),
        has_passkey=passkeys.has_any(staff_id),
    )


def take_onward() -> str:
    """Where somebody wanted to go before the password was typed; it is asked for once."""
    given = session.pop(HALF_IN, None)
    return str(given[3]) if given else ""


def half_in() -> int | None:
    """Who has proved the password and not yet the second factor."""
    given = session.get(HALF_IN)
    if not given or clock.now().timestamp() - given[2] > CODE_WITHIN_SECONDS:
        session.pop(HALF_IN, None)
        return None
    found = asker(given[0])
    return found.id if found is not None and found.session_version == given[1] else None


# ── one's own account ─────────────────────────────────────────────────────────────────────────────────────────────


@door.get("/account")
@access.staff_only()
def own() -> ResponseReturnValue:
    """Password, second factor, sessions."""
    return own_page({})


@door.post("/account/password")
@access.staff_only()
@limits.limiter.limit(limits.SIGN_IN)
def password() -> ResponseReturnValue:
    """Another password; every other browser is signed out."""
    form, me = request.form, access.current()
    try:
        with transaction():
            account.change_password(me.id, form.get("old", ""), form.get("password", ""), form.get("again", ""))
    except Refused as refused:
        return own_page({refused.field or "password": gettext(refused.message, **refused.values)}), 422
    access.start_session_of(me.id)
    flash(gettext("The password is changed. Other browsers are signed out."), "calm")
    return redirect(url_for("account.own"), 303)


@door.post("/account/sign-out-everywhere")
@access.staff_only()
def sign_out_everywhere() -> ResponseReturnValue:
    """Every browser but this one."""
    me = access.current()
    with transaction():
        account.sign_out_everywhere(me.id)
    access.start_session_of(me.id)
    flash(gettext("Other browsers are signed out."), "calm")
    return redirect(url_for("account.own"), 303)


@door.get("/account/second-factor")
def set_up() -> ResponseReturnValue:
    """Set up an authenticator. Open to whoever signed in: administrators may have to come here first."""
    if access.visitor() is None:
        return redirect(url_for("login.sign_in"))
    return _set_up({})


@door.post("/account/second-factor")
@limits.limiter.limit(limits.SIGN_IN)
def confirm() -> ResponseReturnValue:
    """The first code: from now on one is asked for. The codes for paper are shown once."""
    if access.visitor() is None:
        return redirect(url_for("login.sign_in"))
    me = access.current()
    try:
        with transaction():
            codes = second_factor.confirm(me.id, request.form.get("code", ""))
    except Refused as refused:
        return _set_up({"code": gettext(refused.message)})
    access.start_session_of(me.id)
    return render_template("account/codes.html", codes=codes)


@door.post("/account/second-factor/codes")
@access.staff_only()
@limits.limiter.limit(limits.SIGN_IN)
def new_codes() -> ResponseReturnValue:
    """New codes for paper, after a code of now."""
    me = access.current()
    with transaction():
        proved = second_factor.is_on(me.id) and second_factor.prove(me.id, request.form.get("code", ""))
        codes = second_factor.new_recovery_codes(me.id) if proved else []
    if not codes:
        error = gettext("This code is not right, or it was used already. Wait for the next one")
        return own_page({"code": error}), 422
    return render_template("account/codes.html", codes=codes)


@door.post("/account/second-factor/remove")
@access.staff_only()
@limits.limiter.limit(limits.SIGN_IN)
def remove() -> ResponseReturnValue:
    """Off again, after a code of now: for another telephone."""
    me = access.current()
    with transaction():
        proved = second_factor.is_on(me.id) and second_factor.prove(me.id, request.form.get("code", ""))
        if proved:
            account.remove_second_factor(me.id)
    if not proved:
        error = gettext("This code is not right, or it was used already. Wait for the next one")
        return own_page({"code": error}), 422
    access.start_session_of(me.id)
    flash(gettext("The second factor is off."), "calm")
    return redirect(url_for("account.own"), 303)


def own_page(errors: dict[str, str]) -> str:
    """One's own account, with what was wrong."""
    me = access.current()
    has_code = second_factor.is_on(me.id)
    return render_template(
        "account/own.html",
        errors=errors,
        me=me,
        has_code=has_code,
        codes_left=second_factor.recovery_codes_left(me.id) if has_code else 0,
        passkeys=passkeys.passkeys_of(me.id),
        must=current_app.extensions["settings"].second_factor_for_administrators,
    )


def _set_up(errors: dict[str, str]) -> AnyResponse | str:
    me = access.current()
    if second_factor.is_on(me.id):
        return redirect(url_for("account.own"))
    with transaction():
        secret = second_factor.secret_of(second_factor.begin(me.id))
    address = totp.address(secret, account.email_of(me.id))
    return render_template(
        "account/second_factor.html",
        errors=errors,
        secret=totp.grouped(secret),
        address=address,
        square=segno.make(address).svg_inline(scale=5, border=4, dark="#000", light="#fff"),
        must=access.needs_second_factor(me),
    )
