"""Register what reached us through a person: a visitor, a letter, a message, a call that the operator made."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.contacts.queries import known as known_contact
from helpdesk.contacts.rules import RequesterRole
from helpdesk.identity.queries import Asker
from helpdesk.intake.accept import accept, was_accepted
from helpdesk.intake.by_hand import WAYS, Registered, incoming
from helpdesk.intake.incoming import Incoming
from helpdesk.kernel import clock, phones
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext, language
from helpdesk.organizations.queries import desk, desks
from helpdesk.organizations.search import school, search_schools
from helpdesk.routing.queries import category
from helpdesk.tickets import linking
from helpdesk.tickets.labels import CHANNELS, ROLES, STATES
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_by_number, ticket_for
from helpdesk.tickets.repeats import Matter, Repeat, repeats
from helpdesk.tickets.requesters import contact_for
from helpdesk.tickets.tie_rules import LinkKind
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
    """File it, and open the ticket; or add it to one of the same person, or link it with one about the same.

    What came lately about the same is shown once before anything is filed.
    """
    by = staff(current().id)
    try:
        filled = _filled(request.form)
        told = incoming(filled, own_desk(current()), clock.now())
        known, shown = _repeats(filled), request.form.get("shown", "").split()
        unseen = any(one.number not in shown for one in known) and not was_accepted(told.key)
        if unseen and not request.form.get("repeat"):
            return _page(form_values(request.form), {}, known)
        with transaction():
            how, _, number = request.form.get("repeat", "").partition(":")
            named = ticket_by_number(current(), number) if how else None
            if how == "join" and named is not None:
                told = _joined(told, named)
            accepted = accept(told, by)
            if how == "link" and named is not None and not accepted.seen_before:
                linking.link(accepted.ticket, named, LinkKind.RELATED, by)
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


@door.get("/by-hand/repeats")
@staff_only()
def repeated() -> ResponseReturnValue:
    """What came within a day about the same as the form says so far, as a piece of the page."""
    try:
        found = _repeats(_filled(request.args))
    except Refused:
        found = ()
    return render_template("by_hand/repeats.html", repeats=found, state_words=STATES)


def _repeats(filled: Registered) -> Sequence[Repeat]:
    number = phones.written(filled.who) if filled.contact_id is None else None
    known = known_contact((number,) if number else (), (), filled.name) if number else None
    contact_id = filled.contact_id or (known.id if known is not None else None)
    matter = Matter(
        clock.now(),
        contact_id,
        filled.organization_id,
        filled.pupil_note,
        filled.category_code,
        category(filled.category_code).queue if filled.category_code else None,
    )
    return repeats(current(), matter)


def _joined(told: Incoming, other: Ticket) -> Incoming:
    """The same words as a further message of a ticket, only of the same person's. Raises Refused."""
    whose = told.contact_id
    if whose is None and told.phones:
        known = known_contact(told.phones, (), told.name)
        whose = known.id if known is not None else None
    if whose is None or whose != other.contact_id:
        raise Refused(N_("That ticket is another person's: link it instead"), field="who_text")
    return replace(told, joins=other.id)


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


def _page(values: Mapping[str, str], errors: Mapping[str, str], known: Sequence[Repeat] = ()) -> str:
    return render_template(
        "by_hand/form.html",
        values=values,
        errors=errors,
        repeats=known,
        state_words=STATES,
        ways=[(one.value, gettext(CHANNELS[one])) for one in WAYS],
        roles=[(one.value, gettext(ROLES[one])) for one in RequesterRole],
    )
