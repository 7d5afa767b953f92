"""Signing in with an account of another house."""

import hmac

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity import oidc, passkeys, second_factor
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.web import access, account, languages, limits

door = Blueprint("oidc", __name__)

# A way in that was begun in this browser: state, nonce, verifier, where to go then, when.
BEGUN = "oidc_begun"
BACK_WITHIN_SECONDS = 600


@door.get("/sign-in/oidc")
@limits.limiter.limit(limits.SIGN_IN)
def begin() -> ResponseReturnValue:
    """To the other house."""
    if not oidc.is_offered():
        raise NotFound
    try:
        attempt = oidc.begin(_back())
    except Refused as refused:
        return _page(refused), 503
    onward = languages.local_path(request.args.get("next") or url_for("board.board"))
    session[BEGUN] = [attempt.state, attempt.nonce, attempt.verifier, onward, int(clock.now().timestamp())]
    return redirect(attempt.address, 302)


@door.get("/sign-in/oidc/back")
@limits.limiter.limit(limits.SIGN_IN)
def back() -> ResponseReturnValue:
    """From the other house, once. Who has a second factor here is asked for it."""
    if not oidc.is_offered():
        raise NotFound
    begun = session.pop(BEGUN, None)
    try:
        if not begun or clock.now().timestamp() - begun[4] > BACK_WITHIN_SECONDS:
            raise Refused(N_("This took too long, or began in another browser: try again"))
        if not hmac.compare_digest(request.args.get("state", "").encode(), begun[0].encode()):
            raise Refused(N_("This took too long, or began in another browser: try again"))
        person = oidc.finish(request.args.get("code", "")[:2000], begun[1], begun[2], _back())
    except Refused as refused:
        return _page(refused), 503 if isinstance(refused, oidc.Away) else 422
    if second_factor.is_on(person.id) or passkeys.has_any(person.id):
        account.ask_for_code(person, begun[3])
        return redirect(url_for("account.code"), 303)
    with transaction():
        oidc.signed_in(person.id)
    access.start_session(person)
    return redirect(begun[3], 303)


def _back() -> str:
    return settings.current().public_base_url + url_for("oidc.back")


def _page(refused: Refused) -> str:
    return render_template("login/sign_in.html", error=gettext(refused.message), email="")


@door.app_context_processor
def _for_templates() -> dict[str, object]:
    return {"other_house": lambda: settings.current().oidc_name or "OpenID" if oidc.is_offered() else ""}
