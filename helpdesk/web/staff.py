"""Staff: the list, an invitation, one person's card and what is done with them."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.administration import labels, queries, staffing
from helpdesk.administration.places import chosen_place
from helpdesk.identity.links import word
from helpdesk.identity.models import Staff
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.notifications.labels import STATES
from helpdesk.notifications.staff_letters import letter_of
from helpdesk.web.access import current, staff_only
from helpdesk.web.administration import ADMINISTRATORS

door = Blueprint("staff", __name__, url_prefix="/staff")


@door.get("")
@staff_only(*ADMINISTRATORS)
def staff() -> ResponseReturnValue:
    """Those who work in my part of the tree, found by name, role, or whether they still work here."""
    typed, asked = request.args.get("q", "")[:80], request.args.get("role", "")
    role = Role(asked) if asked in Role.__members__.values() else None
    active = request.args.get("gone") != "1"
    after = request.args.get("after", "")[:240]
    page = queries.staff_list(current(), typed, role, active, after)
    here: dict[str, Any] = {"q": typed or None, "role": role.value if role else None, "gone": None if active else "1"}
    return render_template(
        "staff/staff.html",
        page=page,
        typed=typed,
        role=role.value if role else "",
        active=active,
        role_options=[("", gettext("All roles")), *((one.value, gettext(labels.ROLES[one.value])) for one in Role)],
        roles=labels.ROLES,
        next=url_for("staff.staff", after=page.next, **here) if page.next else "",
        first=url_for("staff.staff", **here) if after else "",
    )


@door.get("/invite")
@staff_only(*ADMINISTRATORS)
def invitation() -> ResponseReturnValue:
    """The form of an invitation; `at` names the organization that somebody came from."""
    asked = request.args.get("at", "")
    at = queries.organization_for(current(), int(asked)) if asked.isdigit() and len(asked) < 10 else None
    return _invitation({}, at.id if at else "", at.name("kk") if at else "", languages=["kk", "ru"])


@door.post("/invite")
@staff_only(*ADMINISTRATORS)
def invite() -> ResponseReturnValue:
    """A new member of staff; a letter with a link follows."""
    form = request.form
    try:
        with transaction():
            at = chosen_place(current(), form.get("organization", ""), form.get("organization_text", ""))
            person = staffing.invite(current(), _profile(), form.get("role", ""), at.id)
    except Refused as refused:
        errors = {refused.field or "name": gettext(refused.message, **refused.values)}
        page = _invitation(
            errors,
            form.get("organization", ""),
            form.get("organization_text", ""),
            form.getlist("languages"),
        )
        return page, 422
    flash(gettext("The invitation is on its way."), "calm")
    return redirect(url_for("staff.person", staff_id=person.id), 303)


@door.get("/<int:staff_id>")
@staff_only(*ADMINISTRATORS)
def person(staff_id: int) -> ResponseReturnValue:
    """One member of staff."""
    return _card(staff_id)


@door.post("/<int:staff_id>")
@staff_only(*ADMINISTRATORS)
def change(staff_id: int) -> ResponseReturnValue:
    """Name, address, languages, skills, mobile telephone."""
    return _act(staff_id, lambda: staffing.change(current(), staff_id, _profile()), N_("Saved."))


@door.post("/<int:staff_id>/roles")
@staff_only(*ADMINISTRATORS)
def give(staff_id: int) -> ResponseReturnValue:
    """One role more."""

    def do() -> None:
        at = chosen_place(current(), request.form.get("organization", ""), request.form.get("organization_text", ""))
        staffing.give(current(), staff_id, request.form.get("role", ""), at.id)

    return _act(staff_id, do, N_("The role holds from now on."))


@door.post("/<int:staff_id>/roles/take")
@staff_only(*ADMINISTRATORS)
def take(staff_id: int) -> ResponseReturnValue:
    """One role less."""
    asked = request.form.get("organization", "")
    at = int(asked) if asked.isdigit() and len(asked) < 10 else 0
    return _act(staff_id, lambda: staffing.take(current(), staff_id, request.form.get("role", ""), at), N_("Saved."))


@door.post("/<int:staff_id>/link")
@staff_only(*ADMINISTRATORS)
def link(staff_id: int) -> ResponseReturnValue:
    """A letter with a link to a new password."""
    return _act(staff_id, lambda: staffing.send_link(current(), staff_id), N_("The letter is on its way."))


@door.post("/<int:staff_id>/sign-out")
@staff_only(*ADMINISTRATORS)
def sign_out(staff_id: int) -> ResponseReturnValue:
    """Out of every browser."""
    done = N_("Signed out everywhere.")
    return _act(staff_id, lambda: staffing.sign_out_everywhere(current(), staff_id), done)


@door.post("/<int:staff_id>/second-factor/remove")
@staff_only(*ADMINISTRATORS)
def remove_second_factor(staff_id: int) -> ResponseReturnValue:
    """The telephone is lost."""
    return _act(staff_id, lambda: staffing.remove_second_factor(current(), staff_id), N_("The second factor is off."))


@door.post("/<int:staff_id>/deactivate")
@staff_only(*ADMINISTRATORS)
def deactivate(staff_id: int) -> ResponseReturnValue:
    """Works here no more."""
    return _act(staff_id, lambda: staffing.deactivate(current(), staff_id), N_("Deactivated."))


@door.post("/<int:staff_id>/activate")
@staff_only(*ADMINISTRATORS)
def activate(staff_id: int) -> ResponseReturnValue:
    """Works here again."""
    return _act(staff_id, lambda: staffing.activate(current(), staff_id), N_("The invitation is on its way."))


def _act(staff_id: int, verb: Any, done: str) -> AnyResponse | tuple[str, int]:
    try:
        with transaction():
            verb()
    except Refused as refused:
        return _card(staff_id, {refused.field or "": gettext(refused.message, **refused.values)}), 422
    flash(gettext(done), "calm")
    return redirect(url_for("staff.person", staff_id=staff_id), 303)


def _profile() -> staffing.Profile:
    form = request.form
    return staffing.Profile(
        name=form.get("name", "")[:300],
        email=form.get("email", "")[:300],
        language=form.get("language", ""),
        languages=form.getlist("languages"),
        skills=form.getlist("skills"),
        mobile=form.get("mobile", "")[:40],
    )


def _words() -> dict[str, Any]:
    return {
        "roles": labels.ROLES,
        "skills": [(code, gettext(words)) for code, words in labels.SKILLS.items()],
        "role_options": [(code, gettext(words)) for code, words in labels.ROLES.items()],
    }


def _invitation(errors: dict[str, str], at_id: object, at_words: str, languages: list[str]) -> str:
    sent = request.method == "POST"
    return render_template(
        "staff/invite.html",
        errors=errors,
        typed=request.form,
        at_id=at_id,
        at_words=at_words,
        languages=languages,
        chosen_skills=request.form.getlist("skills") if sent else list(labels.SKILLS),
        **_words(),
    )


def _card(staff_id: int, errors: dict[str, str] | None = None) -> str:
    card = queries.staff_for(current(), staff_id)
    form = request.form if request.method == "POST" and "email" in request.form else None
    letter = letter_of(card.link)
    good = card.link is not None and card.link.used_at is None and card.link.expires_at > clock.now()
    kept = current_app.extensions["settings"].mail_kept and good and card.link is not None
    return render_template(
        "staff/person.html",
        who=card,
        errors=errors or {},
        typed=_typed(card.person, form),
        role_typed=request.form,
        letter=letter,
        letter_words=gettext(STATES[letter.state]) if letter else "",
        link_good=good,
        # only where letters are kept to be looked at: elsewhere a link is for nobody's eyes but its reader's
        kept_link=url_for("account.welcome", word=word(card.link.id)) if kept and card.link else "",
        **_words(),
    )


def _typed(person: Staff, form: Any) -> dict[str, Any]:
    if form is None:
        names = ("name", "email", "language", "languages", "skills", "mobile")
        return {name: getattr(person, name) for name in names}
    lists = {name: form.getlist(name) for name in ("languages", "skills")}
    return {**form.to_dict(), **lists}
