"""Passkeys: added and removed under one's own account, and the way in with them."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity import passkeys
from helpdesk.identity.passkeys import Place
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import gettext
from helpdesk.web import access, account, languages, limits

door = Blueprint("passkeys", __name__)

# The question that waits for its answer: what for, the question, when it was asked.
ASKED = "passkey_asked"
ANSWER_WITHIN_SECONDS = 300
LOCAL = ("localhost", "127.0.0.1")


@door.post("/account/passkeys/offer")
@access.staff_only()
@limits.limiter.limit(limits.SIGN_IN)
def offer() -> ResponseReturnValue:
    """Options for a new passkey."""
    try:
        options = passkeys.offer(access.current().id, _place())
    except Refused as refused:
        return {"error": gettext(refused.message)}, 422
    return _asked("add", options)


@door.post("/account/passkeys")
@access.staff_only()
@limits.limiter.limit(limits.SIGN_IN)
def add() -> ResponseReturnValue:
    """Keep the new passkey."""
    form = request.form
    try:
        with transaction():
            challenge = _challenge("add")
            passkeys.add(access.current().id, _place(), challenge, form.get("answer", ""), form.get("name", ""))
    except Refused as refused:
        return account.own_page({"passkey": gettext(refused.message)}), 422
    flash(gettext("The passkey is added."), "calm")
    return redirect(url_for("account.own"), 303)


@door.post("/account/passkeys/<int:passkey_id>/remove")
@access.staff_only()
def remove(passkey_id: int) -> ResponseReturnValue:
    """It opens nothing more; other browsers are signed out."""
    me = access.current()
    with transaction():
        passkeys.remove(me.id, passkey_id)
    access.start_session_of(me.id)
    flash(gettext("The passkey is removed. Other browsers are signed out."), "calm")
    return redirect(url_for("account.own"), 303)


@door.post("/sign-in/passkey/ask")
@limits.limiter.limit(limits.SIGN_IN)
def ask() -> ResponseReturnValue:
    """Options to sign in: for who typed the password already, or for whoever has a passkey."""
    return _asked("open", passkeys.ask(_place(), account.half_in()))


@door.post("/sign-in/passkey")
@limits.limiter.limit(limits.SIGN_IN)
def sign_in() -> ResponseReturnValue:
    """Sign in with the answer of a passkey."""
    typed_password = account.half_in()
    try:
        with transaction():
            answer = request.form.get("answer", "")
            person = passkeys.opened(_place(), _challenge("open"), answer, typed_password)
    except Refused as refused:
        error = gettext(refused.message)
        if typed_password is not None:
            return account.code_page(typed_password, {"code": error}), 422
        return render_template("login/sign_in.html", error=error, email=""), 422
    onward = account.take_onward() or languages.local_path(request.form.get("next") or url_for("board.board"))
    access.start_session_of(person.id)
    return redirect(onward, 303)


def _place() -> Place:
    """Our own address; where it is no secure one (a demo on one's own machine) the local name that was asked."""
    known = urlsplit(current_app.extensions["settings"].public_base_url)
    asked = urlsplit(request.host_url)
    at = asked if known.scheme != "https" and asked.hostname in LOCAL else known
    return Place(at.hostname or "", f"{at.scheme}://{at.netloc}")


def _asked(purpose: str, options: str) -> Response:
    session[ASKED] = [purpose, passkeys.challenge_of(options), int(clock.now().timestamp())]
    return Response(options, mimetype="application/json")


def _challenge(purpose: str) -> str:
    """The question that was asked in this browser, once."""
    given = session.pop(ASKED, None)
    if not given or given[0] != purpose or clock.now().timestamp() - given[2] > ANSWER_WITHIN_SECONDS:
        return ""
    return str(given[1])
