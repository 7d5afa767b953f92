"""Sessions of staff: who is asking, and what a page needs from them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import flask_login
from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.identity.rules import Permission, Role

View = TypeVar("View", bound=Callable[..., Any])


class SignedIn(flask_login.UserMixin):  # type: ignore[misc]  # flask_login has no types
    """What Flask-Login keeps of a person: the asker, and the session version that signing out everywhere raises."""

    def __init__(self, asker: Asker) -> None:
        self.asker = asker

    def get_id(self) -> str:
        return f"{self.asker.id}.{self.asker.session_version}"


def init_app(app: Flask) -> None:
    """Attach Flask-Login; an anonymous visitor of a staff page is sent to the sign-in page."""
    manager = flask_login.LoginManager(app)
    manager.login_view = "login.sign_in"
    manager.login_message = None
    manager.session_protection = "basic"

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(session_id: str) -> SignedIn | None:
        staff_id, _, version = session_id.partition(".")
        found = asker(int(staff_id)) if staff_id.isdigit() else None
        return SignedIn(found) if found and str(found.session_version) == version else None


def start_session(staff: Staff) -> None:
    """The person has proved who they are."""
    start_session_of(staff.id)


def start_session_of(staff_id: int) -> None:
    """The same, by id; also anew after everything that was signed in was signed out."""
    found = asker(staff_id)
    if found is not None:
        flask_login.login_user(SignedIn(found))


def end_session() -> None:
    """Sign out of this browser."""
    flask_login.logout_user()


def current() -> Asker:
    """Who is asking. Only inside a view behind `staff_only`."""
    return cast(SignedIn, flask_login.current_user).asker


def visitor() -> Asker | None:
    """Who is asking, if anybody signed in."""
    user = flask_login.current_user
    return user.asker if isinstance(getattr(user, "asker", None), Asker) else None


def staff_only(*roles: Role | Permission) -> Callable[[View], View]:
    """A page for staff who hold one of `roles` anywhere (any role when none is named); others see 403, and 404 where
    the address names an object: who may not do anything with it need not know that it exists.

    What they see on it is decided by the queries behind the page, not here.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if visitor() is None:
                manager: flask_login.LoginManager = current_app.login_manager  # type: ignore[attr-defined]
                return cast(ResponseReturnValue, manager.unauthorized())
            wanted = roles or tuple(Role)
            if not any(current().has(role) for role in wanted):
                abort(404 if kwargs else 403)
            if needs_second_factor(current()):
                return redirect(url_for("account.set_up"))
            g.staff_page = True
            return cast(ResponseReturnValue, view(*args, **kwargs))

        guarded.staff_only = roles or tuple(Role)  # type: ignore[attr-defined]  # read by the rights test
        return cast(View, guarded)

    return decorate


def needs_second_factor(person: Asker) -> bool:
    """Whether this administrator must set up a second factor before anything else."""
    wanted: bool = current_app.extensions["settings"].second_factor_for_administrators
    return wanted and not person.second_factor and person.has(Role.ADMINISTRATOR)


def wants_json() -> bool:
    """Whether the asker is a script of ours rather than a person following a link."""
    return request.headers.get("X-Requested-With") == "fetch"
