"""Webhooks to other systems: the administrators' list, one of them with what was sent, a test, and sending again."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.administration.places import chosen_place
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_, gettext, language
from helpdesk.notifications import hook_queries
from helpdesk.notifications import hooks as actions
from helpdesk.notifications.hook_models import Hook
from helpdesk.notifications.hook_rules import EVENTS, UNSENT, DeliveryState, Event
from helpdesk.notifications.hooks import Wanted
from helpdesk.organizations.queries import organizations
from helpdesk.web.access import current, staff_only

door = Blueprint("hooks", __name__, url_prefix="/hooks")

EVENT_WORDS = {
    Event.TICKET_CREATED: N_("A ticket was opened"),
    Event.TICKET_WAITING: N_("A ticket waits"),
    Event.TICKET_RESOLVED: N_("A ticket was resolved"),
    Event.TICKET_REOPENED: N_("A ticket was opened again"),
    Event.TICKET_BREACHED: N_("A term was missed"),
    Event.MESSAGE_ADDED: N_("The requester wrote, or was answered"),
    Event.CALLBACK_REQUESTED: N_("A callback was promised"),
    Event.CALLBACK_COMPLETED: N_("A callback was kept"),
    Event.CALLBACK_FAILED: N_("A callback reached nobody"),
    Event.TEST: N_("Test"),
}
STATE_WORDS = {
    DeliveryState.PENDING: N_("waits"),
    DeliveryState.SENDING: N_("is being sent"),
    DeliveryState.DELIVERED: N_("delivered"),
    DeliveryState.FAILED: N_("given up"),
}


@door.get("")
@staff_only(Role.ADMINISTRATOR)
def hooks() -> ResponseReturnValue:
    """The webhooks of my part of the tree, newest first."""
    before = request.args.get("before", "")
    page = hook_queries.hooks(current(), int(before) if before.isdecimal() and len(before) < 10 else None)
    return render_template(
        "hooks/hooks.html",
        page=page,
        next=url_for("hooks.hooks", before=page.next) if page.next else "",
        first=url_for("hooks.hooks") if before else "",
    )


@door.get("/new")
@staff_only(Role.ADMINISTRATOR)
def new() -> ResponseReturnValue:
    """The empty form."""
    return _form({}, [Event.TICKET_CREATED.value, Event.TICKET_RESOLVED.value])


@door.post("/new")
@staff_only(Role.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    """A new webhook: its secret is on this one answer and on no other."""
    try:
        with transaction():
            made, secret = actions.add(current(), _wanted())
    except Refused as refused:
        return _form(request.form, request.form.getlist("events"), _errors(refused)), 422
    return render_template("hooks/made.html", made=made, secret=secret)


@door.get("/<int:hook_id>")
@staff_only(Role.ADMINISTRATOR)
def edit(hook_id: int) -> ResponseReturnValue:
    """The form of one webhook, and what was sent there."""
    found = hook_queries.hook_for(current(), hook_id)
    place = organizations([found.organization_id])[found.organization_id]
    values = {
        "address": found.address,
        "organization": str(place.id),
        "organization_text": place.short(language()),
    }
    return _form(values, found.events, known=found)


@door.post("/<int:hook_id>")
@staff_only(Role.ADMINISTRATOR)
def change(hook_id: int) -> ResponseReturnValue:
    """Another address, other events, another place."""
    found = hook_queries.hook_for(current(), hook_id)
    try:
        with transaction():
            actions.change(current(), hook_id, _wanted())
    except Refused as refused:
        return _form(request.form, request.form.getlist("events"), _errors(refused), found), 422
    flash(gettext("Saved."), "calm")
    return redirect(url_for("hooks.edit", hook_id=hook_id), 303)


@door.post("/<int:hook_id>/switch")
@staff_only(Role.ADMINISTRATOR)
def switch(hook_id: int) -> ResponseReturnValue:
    """Tell it, or do not."""
    active = request.form.get("active") == "1"
    with transaction():
        actions.switch(current(), hook_id, active)
    words = N_("The webhook is switched on.") if active else N_("The webhook is switched off: it is told nothing.")
    flash(gettext(words), "calm")
    return redirect(url_for("hooks.edit", hook_id=hook_id), 303)


@door.post("/<int:hook_id>/test")
@staff_only(Role.ADMINISTRATOR)
def test(hook_id: int) -> ResponseReturnValue:
    """Send a message that says nothing."""
    with transaction():
        actions.test(current(), hook_id)
    flash(gettext("A test is on its way: load the page again to see what came of it."), "calm")
    return redirect(url_for("hooks.edit", hook_id=hook_id), 303)


@door.post("/<int:hook_id>/deliveries/<int:delivery_id>")
@staff_only(Role.ADMINISTRATOR)
def redeliver(hook_id: int, delivery_id: int) -> ResponseReturnValue:
    """Once more, under the same id."""
    with transaction():
        actions.redeliver(current(), hook_id, delivery_id)
    flash(gettext("It is sent again."), "calm")
    return redirect(url_for("hooks.edit", hook_id=hook_id), 303)


def _wanted() -> Wanted:
    given = request.form
    place = chosen_place(current(), given.get("organization", ""), given.get("organization_text", ""))
    return Wanted(given.get("address", ""), place.id, given.getlist("events"))


def _errors(refused: Refused) -> dict[str, str]:
    return {refused.field or "address": gettext(refused.message, **refused.values)}


def _form(
    values: Mapping[str, str], events: list[str], errors: Mapping[str, str] | None = None, known: Hook | None = None
) -> str:
    before = request.args.get("before", "")
    page = None
    if known is not None:
        page = hook_queries.deliveries(known, int(before) if before.isdecimal() and len(before) < 19 else None)
    return render_template(
        "hooks/hook.html",
        values=values,
        chosen=events,
        events=[(one.value, gettext(EVENT_WORDS[one])) for one in EVENTS],
        event_words=EVENT_WORDS,
        state_words=STATE_WORDS,
        unsent=UNSENT,
        errors=errors or {},
        known=known,
        page=page,
        next=url_for("hooks.edit", hook_id=known.id, before=page.next) if known and page and page.next else "",
        first=url_for("hooks.edit", hook_id=known.id) if known and before else "",
    )
