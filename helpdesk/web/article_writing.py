"""Where articles are written: one form for three languages, with what it said before."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.identity.queries import names
from helpdesk.intake.webform import clean
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Conflict, NotFound, Refused
from helpdesk.kernel.i18n import LANGUAGES, N_, gettext, language
from helpdesk.knowledge import actions, queries
from helpdesk.knowledge.actions import Draft
from helpdesk.knowledge.models import Article, ArticleVersion
from helpdesk.knowledge.queries import WRITERS
from helpdesk.knowledge.rules import ArticleState, Audience
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desks
from helpdesk.web.access import current, staff_only
from helpdesk.web.articles import AUDIENCES
from helpdesk.web.pages import form_values

door = Blueprint("article_writing", __name__)

# A choice of more places than these names the highest.
PLACES = 200
# In the choice of places: for everybody, above all organizations.
COUNTRY = "0"


@door.get("/articles/new")
@staff_only(*WRITERS)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _form({"audience": Audience.PUBLIC.value}, {})


@door.post("/articles/new")
@staff_only(*WRITERS)
def create() -> ResponseReturnValue:
    """Write a new one."""
    return _saved(None)


@door.get("/articles/<int:article_id>/edit")
@staff_only(*WRITERS)
def edit(article_id: int) -> ResponseReturnValue:
    """An article as it stands."""
    found = queries.article_to_write(current(), article_id)
    return _form(_values(actions.content(found)) | _of(found), {}, found)


@door.post("/articles/<int:article_id>/edit")
@staff_only(*WRITERS)
def change(article_id: int) -> ResponseReturnValue:
    """Change it; what it said stays as a version."""
    return _saved(article_id)


@door.get("/articles/<int:article_id>/versions/<int:version>")
@staff_only(*WRITERS)
def version(article_id: int, version: int) -> ResponseReturnValue:
    """What it said once, in the form: saving it brings it back."""
    found = queries.article_to_write(current(), article_id)
    kept = next((one for one in queries.versions(found) if one.version == version), None)
    if kept is None:
        raise NotFound
    return _form(_values(kept.content) | _of(found), {}, found, kept)


def _saved(article_id: int | None) -> ResponseReturnValue:
    seen = request.form.get("version", "")
    known = None
    try:
        draft = _draft(request.form)
        with transaction():
            if article_id is not None:
                known = queries.article_to_write(current(), article_id, lock=True)
            at = _place(request.form.get("organization", ""))
            saved = actions.save(known, at, draft, staff(current().id), int(seen) if seen.isdigit() else None)
    except Conflict:
        words = gettext("Somebody changed this article meanwhile. Your text is kept: compare, then save it again.")
        newest = queries.article_to_write(current(), article_id or 0)
        return _form(form_values(request.form) | {"version": str(newest.version)}, {"": words}, newest), 409
    except Refused as refused:
        words = gettext(refused.message, **refused.values)
        there = queries.article_to_write(current(), article_id) if article_id is not None else None
        return _form(form_values(request.form), {refused.field or "": words}, there), 422
    flash(gettext("The article is published.") if draft.published else gettext("The draft is saved."), "calm")
    return redirect(url_for("articles.article", article_id=saved), 303)


def _place(given: str) -> Organization | None:
    if given == COUNTRY and any(queries.is_root(one) for one in current().roots(*WRITERS)):
        return None
    if not given.isdigit() or len(given) > 9 or given == COUNTRY:
        raise Refused(N_("Choose for whom the article is"), field="organization")
    return queries.place_for(current(), int(given))


def _draft(given: Mapping[str, str]) -> Draft:
    codes = given.get("categories", "").upper().replace(";", ",").replace(" ", ",").split(",")
    audience = given.get("audience", "")
    return Draft(
        {code: " ".join(clean(given.get(f"title_{code}", "")).split()) for code in LANGUAGES},
        {code: clean(given.get(f"body_{code}", "")) for code in LANGUAGES},
        audience=Audience(audience) if audience in [one.value for one in Audience] else Audience.STAFF,
        published="published" in given,
        category_codes=tuple(dict.fromkeys(code for code in codes if code)),
        valid_from=_day(given, "valid_from"),
        valid_until=_day(given, "valid_until"),
    )


def _day(given: Mapping[str, str], field: str) -> date | None:
    typed = given.get(field, "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Refused(N_("This is no day. For example: 2026-12-31"), field=field) from None


def _values(content: Mapping[str, object]) -> dict[str, str]:
    codes = content["categories"]
    values = {key: str(value or "") for key, value in content.items() if key != "categories"}
    values["categories"] = ", ".join(codes) if isinstance(codes, list) else ""
    return values | ({"published": "1"} if content["state"] == ArticleState.PUBLISHED else {})


def _of(found: Article) -> dict[str, str]:
    """What an old version is saved over, and where."""
    return {"version": str(found.version), "organization": str(found.organization_id or COUNTRY)}


def _form(
    values: Mapping[str, str],
    errors: Mapping[str, str],
    found: Article | None = None,
    kept: ArticleVersion | None = None,
) -> str:
    roots = current().roots(*WRITERS)
    mine = [one.organization for one in desks().values() if one.organization.path.startswith(roots)]
    highest = sorted(mine, key=lambda one: (one.path.count("/"), one.sort_key))[:PLACES]
    places = [(str(one.id), one.name(language())) for one in highest]
    chosen = values.get("organization", "")
    if chosen.isdigit() and chosen != COUNTRY and chosen not in {id_ for id_, _ in places}:
        with suppress(NotFound):
            places.append((chosen, queries.place_for(current(), int(chosen)).name(language())))
    if any(queries.is_root(one) for one in roots):
        places.insert(0, (COUNTRY, gettext("The whole country")))
    old = queries.versions(found) if found is not None else ()
    return render_template(
        "articles/form.html",
        values=values,
        errors=errors,
        article=found,
        kept=kept,
        versions=old,
        who=names({one.saved_by for one in old if one.saved_by}),
        scopes=places,
        audiences=[(one.value, gettext(words)) for one, words in AUDIENCES.items()],
    )
