"""The tree of organizations: search, one organization with what lies below it, add, edit, move, close."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.administration import labels, queries, tree
from helpdesk.administration.places import below, branch, places, tops
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Conflict, Refused
from helpdesk.kernel.i18n import N_, gettext, language
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Organization
from helpdesk.organizations.rules import BELOW
from helpdesk.sla import queries as calendars
from helpdesk.web.access import current, staff_only
from helpdesk.web.administration import ADMINISTRATORS

door = Blueprint("organizations", __name__, url_prefix="/organizations")

FIELDS: tuple[str, ...] = (
    "name_kk",
    "name_ru",
    "name_en",
    "short_kk",
    "short_ru",
    "short_en",
    "number",
    "kato",
    "contingent",
)
FIELDS += ("code", "zone", "ownership")


@door.get("")
@staff_only(*ADMINISTRATORS)
def organizations() -> ResponseReturnValue:
    """What was searched for, or the tops of my parts of the tree."""
    typed = request.args.get("q", "")[:80]
    found = places(current(), typed, limit=50, closed=True) if typed.strip() else tops(current())
    return render_template("organizations/organizations.html", found=found, typed=typed, kinds=labels.KINDS)


@door.get("/suggestions")
@staff_only(*ADMINISTRATORS)
def suggestions() -> ResponseReturnValue:
    """Organizations of my part of the tree, for type-ahead fields."""
    found = places(current(), request.args.get("q", "")[:80])
    words = language()
    return jsonify([{"value": str(one.id), "text": one.name(words), "hint": one.short(words)} for one in found])


@door.get("/<int:organization_id>")
@staff_only(*ADMINISTRATORS)
def organization(organization_id: int) -> ResponseReturnValue:
    """One organization."""
    return _page(organization_id)


@door.get("/<int:organization_id>/add")
@staff_only(*ADMINISTRATORS)
def addition(organization_id: int) -> ResponseReturnValue:
    """The form for one more below this one."""
    return _form(queries.organization_for(current(), organization_id), {}, {})


@door.post("/<int:organization_id>/add")
@staff_only(*ADMINISTRATORS)
def add(organization_id: int) -> ResponseReturnValue:
    """One more below this one."""
    parent = queries.organization_for(current(), organization_id)
    given = {**request.form.to_dict(), "parent": str(parent.id)}
    try:
        with transaction():
            made = tree.add(current(), given)
    except Refused as refused:
        return _form(parent, request.form, {refused.field or "": _words(refused)}), 422
    except IntegrityError:
        raise Conflict from None
    _forget()
    flash(gettext("The organization is added."), "calm")
    return redirect(url_for("organizations.organization", organization_id=made.id), 303)


@door.post("/<int:organization_id>")
@staff_only(*ADMINISTRATORS)
def change(organization_id: int) -> ResponseReturnValue:
    """Names and marks."""
    return _act(organization_id, lambda form: tree.change(current(), organization_id, form), N_("Saved."))


@door.post("/<int:organization_id>/move")
@staff_only(*ADMINISTRATORS)
def move(organization_id: int) -> ResponseReturnValue:
    """Under another one, from a day on."""
    done = N_("The move is written down.")
    return _act(organization_id, lambda form: tree.move(current(), organization_id, form), done)


@door.post("/<int:organization_id>/close")
@staff_only(*ADMINISTRATORS)
def close(organization_id: int) -> ResponseReturnValue:
    """Takes no requests any more."""
    return _act(organization_id, lambda form: tree.close(current(), organization_id, form), N_("Saved."))


@door.post("/<int:organization_id>/open")
@staff_only(*ADMINISTRATORS)
def open_again(organization_id: int) -> ResponseReturnValue:
    """Takes requests again."""
    return _act(organization_id, lambda _form: tree.open_again(current(), organization_id), N_("Saved."))


def _act(organization_id: int, verb: Callable[[Mapping[str, str]], Any], done: str) -> AnyResponse | tuple[str, int]:
    try:
        with transaction():
            verb(request.form.to_dict())
    except Refused as refused:
        return _page(organization_id, {refused.field or "": _words(refused)}), 422
    except IntegrityError:
        raise Conflict from None
    _forget()
    flash(gettext(done), "calm")
    return redirect(url_for("organizations.organization", organization_id=organization_id), 303)


def _words(refused: Refused) -> str:
    return gettext(refused.message, **refused.values)


def _forget() -> None:
    desks.forget()
    calendars.forget()


def _page(organization_id: int, errors: dict[str, str] | None = None) -> str:
    one = queries.organization_for(current(), organization_id)
    children = below(one, request.args.get("after", "")[:240])
    form = request.form
    return render_template(
        "organizations/organization.html",
        one=one,
        branch=branch(current(), one),
        children=children,
        next=url_for("organizations.organization", organization_id=one.id, after=children.next)
        if children.next
        else "",
        desk=desks.desks().get(one.id),
        history=tree.history(one),
        today=tree.today(one.zone),
        is_top=one.path in queries.roots(current()),
        errors=errors or {},
        typed=form if "name_kk" in form else {name: _shown(one, name) for name in FIELDS},
        moved=form,
        may_add=bool(BELOW.get(one.kind)) and one.closed_on is None,
        **_options(one),
    )


def _form(parent: Organization, typed: Mapping[str, str], errors: dict[str, str]) -> str:
    kinds = [kind for kind in labels.KINDS if kind in BELOW.get(parent.kind, frozenset())]
    return render_template(
        "organizations/add.html",
        parent=parent,
        typed={"zone": parent.zone, "kind": "school", **typed},
        errors=errors,
        kind_options=[(kind, gettext(labels.KINDS[kind])) for kind in kinds],
        **_options(parent),
    )


def _options(_one: Organization) -> dict[str, Any]:
    return {
        "kinds": labels.KINDS,
        "zone_options": [(zone, zone.partition("/")[2]) for zone in tree.ZONES],
        "ownership_options": [(code, gettext(words)) for code, words in labels.OWNERSHIP.items()],
    }


def _shown(one: Organization, name: str) -> str:
    value = getattr(one, name)
    return "" if value is None else str(value)
