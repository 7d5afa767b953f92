"""Which language a person wants to read: kept with the member of staff, or in a cookie of the visitor's browser."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.identity.actions import speak_to
from helpdesk.kernel.db import transaction
from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.web import access
from helpdesk.web.pages import COOKIE

door = Blueprint("languages", __name__)
ONE_YEAR = 365 * 24 * 3600


@door.post("/language")
def choose() -> AnyResponse:
    """Remember the language and go back to the page."""
    code = request.form.get("language", "")
    answer = redirect(local_path(request.form.get("next", "/")))
    if code in LANGUAGES:
        person = access.visitor()
        if person is not None:
            with transaction():
                speak_to(person.id, code)
        remember(answer, code)
    return answer


def remember(answer: AnyResponse, code: str) -> None:
    """Keep the language in the browser for a year."""
    answer.set_cookie(COOKIE, code, max_age=ONE_YEAR, samesite="Lax", secure=request.is_secure, httponly=True)


def local_path(target: str) -> str:
    """`target` when it is a path of this house, else the start page: a form cannot send people elsewhere."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if inside else "/"
