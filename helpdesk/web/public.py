"""The parents' pages: choose a language, say what happened, get a number. No account, no script needed.

All steps of the form post to one address and carry what was typed before in hidden fields: nothing is kept on the
server until the last step, and going back loses nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.intake import consent, webform
from helpdesk.intake.accept import was_accepted
from helpdesk.intake.webform import STEPS, WebForm
from helpdesk.kernel import clock, i18n, settings
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import LANGUAGES, N_, gettext
from helpdesk.organizations.models import Organization
from helpdesk.organizations.search import is_school, places, school, search_schools
from helpdesk.routing.queries import choices
from helpdesk.tickets.families import siblings
from helpdesk.tickets.queries import secret_of, ticket_by_token, token_of
from helpdesk.web import limits, public_articles, turns
from helpdesk.web.languages import remember
from helpdesk.web.pages import COOKIE
from helpdesk.web.public_again import keep_what_was_typed, later
from helpdesk.web.public_fields import read_form, sealed

door = Blueprint("public", __name__)
keep_what_was_typed(door)

PREFIX = "/<any(kk,ru,en):language>"
TYPE_AHEAD_ROWS = 8
LIST_ROWS = 12


@door.get("/")
def languages() -> ResponseReturnValue:
    """Which language? Asked once, then remembered."""
    remembered = request.cookies.get(COOKIE)
    if remembered in LANGUAGES:
        return redirect(url_for("public.start", language=remembered))
    return render_template("public/languages.html")


@door.get(PREFIX + "/")
def start(language: str) -> ResponseReturnValue:
    """What happened? A form begins here and gets its id."""
    answer = _show(WebForm(form_id=webform.form_id("")), "start")
    remember(answer, language)
    return answer


@door.get(PREFIX + "/request")
def begin_anew(language: str) -> ResponseReturnValue:
    """A step of the form has no address of its own: whoever types it starts at the beginning."""
    return redirect(url_for("public.start", language=language))


@door.post(PREFIX + "/request")
@limits.limiter.limit(limits.STEPS)
def step(language: str) -> ResponseReturnValue:
    """One page of the form was sent: go on, go back, or show what must be corrected."""
    form, photo_problem = read_form()
    at = request.form.get("step", "")
    if at not in STEPS:
        return redirect(url_for("public.start", language=language))
    go = request.form.get("go", "next")
    if go == "back":
        return _show(form, STEPS[max(0, STEPS.index(at) - 1)])
    if go == "stay":
        return _show(form, at)
    if go.startswith(public_articles.ANSWERED):
        return public_articles.answered(form, go)
    problems = webform.problems(form, at)
    if photo_problem:
        problems["photos"] = photo_problem
    if at == "school" and not problems:
        form, found, problems = _find_school(form, go == "skip")
        if found or problems:
            return _show(form, at, problems, found)
    if problems:
        return _show(form, at, problems)
    if at != STEPS[-1]:
        return _show(form, STEPS[STEPS.index(at) + 1])
    return _send(form, language)


def _find_school(form: WebForm, skip: bool) -> tuple[WebForm, Sequence[Organization], dict[str, Refused]]:
    """The form with its school settled; else the schools to choose from, or what is wrong."""
    if skip:
        return replace(form, school=""), [], {}
    changed = request.form.get("searched", form.school_text) != form.school_text
    chosen = school(int(form.school)) if form.school.isdecimal() and len(form.school) < 10 and not changed else None
    if chosen is not None:
        return replace(form, school_text=chosen.short(i18n.language())), [], {}
    form = replace(form, school="")
    if not form.school_text:
        nothing = N_("Please enter the number or the name of the school")
        return form, [], {"school_text": Refused(nothing, "school_text")}
    found = search_schools(form.school_text, LIST_ROWS)
    if not found:
        unknown = N_("No school was found. Check the number or the name, or go on without a school")
        return form, [], {"school_text": Refused(unknown, "school_text")}
    return form, found, {}


def _send(form: WebForm, language: str) -> ResponseReturnValue:
    # The hidden fields of earlier steps come from the browser like all others: judge them again.
    for at in STEPS:
        problems = webform.problems(form, at)
        if problems:
            return _show(form, at, problems)
    turn = turns.take(form.form_id)
    if not turn.now and not was_accepted(form.key):
        return later(turn)
    with transaction():
        if form.school and not (form.school.isdecimal() and len(form.school) < 10 and is_school(int(form.school))):
            form = replace(form, school="")
        ticket = webform.send(form, language, clock.now())
    return redirect(url_for("public.done", language=language, token=token_of(ticket)), 303)


def _show(
    form: WebForm, at: str, problems: dict[str, Refused] | None = None, schools: Sequence[Organization] = ()
) -> Response:
    errors = {field: gettext(refusal.message, **refusal.values) for field, refusal in (problems or {}).items()}
    page = render_template(
        f"public/{at}.html",
        form=form,
        at=at,
        number=STEPS.index(at),
        steps=len(STEPS) - 1,
        errors=errors,
        choices=[(number, gettext(words)) for number, words in choices().items()],
        chosen=gettext(choices()[int(form.choice)]) if not webform.problems(form, "start") else "",
        schools=schools,
        school_options=list(places(schools, i18n.language()).items()),
        kept_files=[(file, sealed(file)) for file in form.files],
        consent_version=consent.current().version,
        offered=public_articles.offered(form, not errors) if at == STEPS[-1] else [],
    )
    answer = make_response(page, 422 if errors else 200)
    # Not no-store: the browser's own Back must find the page again with what was typed into it.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@door.get(PREFIX + "/done/<token>")
def done(language: str, token: str) -> ResponseReturnValue:
    """The number, the secret, and when an answer comes. The same page again however often the form was sent."""
    ticket = ticket_by_token(token)
    address = settings.current().public_base_url
    return render_template(
        "public/done.html",
        ticket=ticket,
        secret=secret_of(ticket),
        token=token,
        address=address,
        family=[(one, secret_of(one)) for one in siblings(ticket)],
    )


@door.get(PREFIX + "/schools")
@limits.limiter.limit(limits.STEPS)
def schools(language: str) -> ResponseReturnValue:
    """Type-ahead: at most eight schools as value, text and where they are."""
    found = search_schools(request.args.get("q", "")[:100], TYPE_AHEAD_ROWS)
    where = places(found, language)
    return jsonify([{"value": row.id, "text": row.short(language), "hint": where[row.id]} for row in found])
