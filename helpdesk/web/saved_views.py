"""Saved views: who has which, in which order they stand in the column, and the form that makes one."""

from collections.abc import Mapping
from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Conflict, NotFound, Refused
from helpdesk.kernel.i18n import DEFAULT_ZONE, N_, gettext, language
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desks
from helpdesk.routing.queries import categories
from helpdesk.search import rules, view_actions, view_queries
from helpdesk.search.view_actions import Draft
from helpdesk.search.view_queries import SHARERS, View
from helpdesk.search.view_rules import Scope, moved
from helpdesk.tickets.board_rules import Order
from helpdesk.web.access import current, staff_only
from helpdesk.web.board import my_views, query_of, read_filter, saved_name
from helpdesk.web.pages import form_values
from helpdesk.web.search import FILTERS, problem_words

door = Blueprint("saved_views", __name__, url_prefix="/views")

ORDERS = {
    Order.DUE: N_("due first"),
    Order.NEWEST: N_("newest first"),
    Order.OLDEST: N_("oldest first"),
    Order.PRIORITY: N_("most important first"),
}
SCOPES = {
    Scope.OWN: N_("only for me"),
    Scope.DESK: N_("for whoever works at one desk"),
    Scope.BELOW: N_("for everybody there and below"),
}
# The views that everybody has, in the words of the search box.
AS_FILTERS = {
    "mine": "assignee:me",
    "unassigned": "assignee:none",
    "waiting": "status:waiting",
    "breached": "due:overdue",
}
# A choice of more places than these names the highest.
PLACES = 200


@door.get("")
@staff_only()
def views() -> str:
    """My column as it stands."""
    view_queries.forget()
    mine = my_views()
    return render_template(
        "saved_views/views.html",
        views=mine,
        names={one.id: saved_name(one) for one in mine},
        changeable={one.id for one in mine if view_queries.may_change(current(), one)},
        wrong={one.id: words for one in mine if (words := _wrong(one))},
        deleted=view_queries.deleted(current()),
        whose={one.id: _whose(one) for one in mine},
        order_words=ORDERS,
    )


@door.post("/order")
@staff_only()
def arrange() -> ResponseReturnValue:
    """One view goes up or down, or is hidden or shown; `up`, `down`, `hide` or `show` names its id."""
    view_queries.forget()
    order, hidden = [one.id for one in my_views()], {one.id for one in my_views() if one.hidden}
    verb = next((name for name in ("up", "down", "hide", "show") if name in request.form), "")
    given = request.form.get(verb, "")
    chosen = int(given) if given.isdigit() and len(given) < 19 else 0
    if chosen not in order:
        raise NotFound
    if verb in ("up", "down"):
        order = moved(order, chosen, -1 if verb == "up" else 1)
    hidden = (hidden | {chosen} if verb == "hide" else hidden - {chosen}) if verb in ("hide", "show") else hidden
    with transaction():
        view_actions.arrange(staff(current().id), order, hidden)
    view_queries.forget()
    return redirect(url_for("saved_views.views", _anchor=f"view-{chosen}"), 303)


@door.get("/new")
@staff_only()
def new() -> ResponseReturnValue:
    """An empty form, or one with the filter of the search or the view that was open."""
    return _form({"filter": request.args.get("filter", "")[: rules.LONGEST] or _as_typed(), "sorted_by": Order.DUE}, {})


@door.post("/new")
@staff_only()
def create() -> ResponseReturnValue:
    """Save it, and open it."""
    return _saved(None)


@door.get("/<int:view_id>")
@staff_only()
def edit(view_id: int) -> ResponseReturnValue:
    """A view that I may change."""
    found = view_queries.view_for(current(), view_id)
    values = {"name": found.name, "filter": found.filter, "sorted_by": found.order, "scope": found.scope}
    return _form(
        values | {"organization": str(found.organization_id or ""), "version": str(found.version)}, {}, view_id
    )


@door.post("/<int:view_id>")
@staff_only()
def change(view_id: int) -> ResponseReturnValue:
    """Change it for everybody who has it."""
    return _saved(view_id)


@door.post("/<int:view_id>/delete")
@staff_only()
def delete(view_id: int) -> ResponseReturnValue:
    """It disappears for everybody who had it."""
    with transaction():
        view_actions.delete(view_queries.view_for(current(), view_id, lock=True), staff(current().id))
    view_queries.forget()
    flash(gettext("The view is deleted. It can be brought back below."), "calm")
    return redirect(url_for("saved_views.views"), 303)


@door.post("/<int:view_id>/restore")
@staff_only()
def restore(view_id: int) -> ResponseReturnValue:
    """It is there again."""
    try:
        with transaction():
            found = view_queries.view_for(current(), view_id, lock=True, deleted=True)
            view_actions.restore(found, staff(current().id))
    except Refused as refused:
        flash(gettext(refused.message, **refused.values), "amber")
    view_queries.forget()
    return redirect(url_for("saved_views.views"), 303)


def _saved(view_id: int | None) -> ResponseReturnValue:
    given = form_values(request.form)
    version = given.get("version", "")
    try:
        with transaction():
            known = view_queries.view_for(current(), view_id, lock=True) if view_id is not None else None
            draft = _draft(given)
            place, seen = _place(given, draft.scope), int(version) if version.isdigit() else None
            made = view_actions.save(known, place, draft, staff(current().id), seen).id
    except Conflict:
        words = gettext("Somebody changed this view meanwhile. Your text is kept: compare, then save it again.")
        newest = str(view_queries.view_for(current(), view_id or 0).version)
        return _form(given | {"version": newest}, {"": words}, view_id), 409
    except Refused as refused:
        words = gettext(refused.message, **refused.values)
        return _form(given, {refused.field or "": words}, view_id), 422
    view_queries.forget()
    return redirect(url_for("board.board", view=f"saved-{made}"), 303)


def _draft(given: Mapping[str, str]) -> Draft:
    order, scope = given.get("sorted_by", ""), given.get("scope", "")
    return Draft(
        given.get("name", ""),
        given.get("filter", ""),
        Order(order) if order in set(Order) else Order.DUE,
        Scope(scope) if scope in set(Scope) else Scope.OWN,
        clock.now().astimezone(DEFAULT_ZONE).date(),
        {one.code for one in categories()},
    )


def _place(given: Mapping[str, str], scope: Scope) -> Organization | None:
    if scope is Scope.OWN:
        return None
    chosen = given.get("organization", "")
    if not chosen.isdigit() or len(chosen) > 9:
        raise Refused(N_("Choose for whom the view is"), field="organization")
    return view_queries.shareable(current(), int(chosen))


def _as_typed() -> str:
    """The filter of the board that somebody comes from, in the words of the search box."""
    wanted = query_of(read_filter(request.args))
    known = next((one for one in my_views() if saved_name(one) == wanted.get("view")), None)
    views = {
        "mine": "assignee:me",
        "unassigned": "assignee:none",
        "waiting": "status:waiting",
        "breached": "due:overdue",
    }
    parts = [known.filter if known else views.get(wanted.get("view", ""), "")]
    parts += [f"{name}:{wanted[key]}" for name, key in (("queue", "queue"), ("lang", "language")) if wanted.get(key)]
    return " ".join(filter(None, parts))


def _wrong(view: View) -> str:
    today = clock.now().astimezone(DEFAULT_ZONE).date()
    return problem_words(rules.read(view.filter, today, {one.code for one in categories()}).problems)


def _whose(view: View) -> str:
    if view.scope is Scope.OWN:
        return gettext("mine")
    at = desks().get(view.organization_id or 0)
    name = at.organization.short(language()) if at is not None else ""
    words = N_("of the desk: %(name)s") if view.scope is Scope.DESK else N_("from there down: %(name)s")
    return gettext(words, name=name)


def _form(values: Mapping[str, str], errors: Mapping[str, str], view_id: int | None = None) -> str:
    roots = current().roots(*SHARERS)
    mine = [one.organization for one in desks().values() if roots and one.organization.path.startswith(roots)]
    highest = sorted(mine, key=lambda one: (one.path.count("/"), one.sort_key))[:PLACES]
    at = [(str(one.id), one.name(language())) for one in highest]
    chosen = values.get("organization", "")
    if chosen.isdigit() and chosen not in {id_ for id_, _ in at}:
        with suppress(NotFound):
            at.append((chosen, view_queries.shareable(current(), int(chosen)).name(language())))
    return render_template(
        "saved_views/form.html",
        values=values,
        errors=errors,
        view_id=view_id,
        at=at,
        scopes=[(scope.value, gettext(words)) for scope, words in SCOPES.items()],
        orders=[(order.value, gettext(words)) for order, words in ORDERS.items()],
        filters=[one for one in FILTERS if ":" in one[0] or "<" in one[0]],
    )
