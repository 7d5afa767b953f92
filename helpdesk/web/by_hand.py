"""Register what reached us through a person: a visitor, a letter, a message, a call that the operator made."""

from collections.abc import Mapping
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.contacts.rules import RequesterRole
from helpdesk.identity.queries import Asker
from helpdesk.intake.accept import accept
from helpdesk.intake.by_hand import WAYS, Registered, incoming
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext, language
from helpdesk.organizations.queries import desk, desks
from helpdesk.organizations.search import school, search_schools
from helpdesk.tickets.labels import CHANNELS, ROLES
from helpdesk.tickets.queries import ticket_for
from helpdesk.tickets.requesters import contact_for
from helpdesk.web.access import current, staff_only
from helpdesk.web.events import desks_of
from helpdesk.web.pages import form_values
from helpdesk.web.tickets import chosen_category

door = Blueprint("by_hand", __name__)


@door.get("/by-hand")
@staff_only()
def form() -> ResponseReturnValue:
    """An empty form; its id makes sending it twice one ticket."""
    return _page({"form_id": uuid4().hex, "language": language()}, {})


@door.post("/by-hand")
@staff_only()
def register() -> ResponseReturnValue:
    """File it, and open the ticket."""
    try:
        filled = _filled(request.form)
        with transaction():
            accepted = accept(incoming(filled, own_desk(current()), clock.now()), staff(current().id))
    except Refused as refused:
        words = gettext(refused.message, **refused.values)
        return _page(form_values(request.form), {refused.field or "": words}), 422
    ticket = accepted.ticket
    try:
        ticket_for(current(), ticket.id)
    except NotFound:
        other = desk(ticket.desk_id).organization.short(language())
        flash(gettext("Registered: %(number)s. The desk that works on it: %(desk)s", number=ticket.number, desk=other))
        return redirect(url_for("board.board"), 303)
    return redirect(url_for("tickets.ticket", number=ticket.number), 303)


def own_desk(asker: Asker) -> int:
    """The highest desk of the asker's part of the tree. Raises Refused where there is none."""
    mine = desks_of(asker)
    found = sorted((one.organization.path.count("/"), one.id) for one in desks().values() if one.id in mine)
    if not found:
        raise Refused(N_("You work at no desk: choose the school"), field="school_text")
    return found[0][1]


def _filled(given: Mapping[str, str]) -> Registered:
    typed = {name: given.get(name, "").strip() for name in ("form_id", "way", "source", "name", "role", "language")}
    who = given.get("who_text", "")
    return Registered(
        form_id=typed["form_id"] or uuid4().hex,
        way=typed["way"],
        source=typed["source"],
        who=who,
        name=typed["name"],
        role=typed["role"],
        language=typed["language"],
        contact_id=_contact(given.get("who", ""), who),
        organization_id=chosen_school(given.get("school", ""), given.get("school_text", "")),
        category_code=_category(given),
        pupil_note=given.get("pupil_note", ""),
        text=given.get("text", ""),
    )


def _contact(chosen: str, typed: str) -> int | None:
    if not chosen.isdigit():
        return None
    try:
        return contact_for(current(), int(chosen), typed).id
    except NotFound:
        raise Refused(N_("Choose the person from the list again"), field="who_text") from None


def chosen_school(chosen: str, typed: str) -> int | None:
    """The school that was chosen, or without JavaScript typed so that it fits one; None for none. Raises Refused."""
    if not chosen and not typed.strip():
        return None
    found = school(int(chosen)) if chosen.isdigit() and len(chosen) < 10 else None
    if found is None:
        named = search_schools(typed, 2)
        found = named[0] if len(named) == 1 else None
    if found is None:
        raise Refused(N_("Choose one school from the list"), field="school_text")
    return found.id


def _category(given: Mapping[str, str]) -> str | None:
    return chosen_category(given) if given.get("category") or given.get("category_text", "").strip() else None


def _page(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template(
        "by_hand/form.html",
        values=values,
        errors=errors,
        ways=[(one.value, gettext(CHANNELS[one])) for one in WAYS],
        roles=[(one.value, gettext(ROLES[one])) for one in RequesterRole],
    )
