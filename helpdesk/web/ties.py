"""What belongs to a ticket: merge and take apart, link, split, and the tickets of one family."""

from collections.abc import Mapping
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.intake import family
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Conflict, Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.tickets import actions, linking, merging, ties
from helpdesk.tickets.labels import MESSAGES, STATES
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_by_number
from helpdesk.tickets.tie_rules import LinkKind
from helpdesk.web.access import current, staff_only
from helpdesk.web.by_hand import chosen_school
from helpdesk.web.pages import form_values
from helpdesk.web.tickets import chosen_category

door = Blueprint("ties", __name__)

CHANGED = N_("Somebody changed this ticket meanwhile: look at it again.")
# As many pupils as a family files at once without a second page.
PUPILS = 5


@door.get("/tickets/<number>/merge")
@staff_only()
def choose(number: str) -> ResponseReturnValue:
    """With which ticket this one is the same matter: of the same person, of the same school lately, or by number."""
    return _picker(ticket_by_number(current(), number), request.args.get("q", "")[:40], {})


@door.post("/tickets/<number>/merge")
@staff_only()
def merge(number: str) -> ResponseReturnValue:
    """This one into the other (or the other way round: `keep` = this). Two people's tickets are asked about first."""
    other, keeps_this = request.form.get("other", "")[:40], request.form.get("keep") == "this"
    goes, stays = (other, number) if keeps_this else (number, other)
    try:
        with transaction():
            ticket, into = ties.pair(current(), goes, stays)
            _check_version(ticket if ticket.number == number else into)
            merging.merge(ticket, into, staff(current().id), _people(request.form.get("people", "")))
    except Conflict:
        return _picker(ticket_by_number(current(), number), "", {"": gettext(CHANGED)}), 409
    except Refused as refused:
        if refused.field == "people":
            return _confirm(number, goes, stays)
        words = {refused.field or "": gettext(refused.message, **refused.values)}
        return _picker(ticket_by_number(current(), number), "", words), 422
    flash(gettext("Merged into: %(number)s", number=into.number), "calm")
    return redirect(url_for("tickets.ticket", number=into.number), 303)


@door.post("/tickets/<number>/unmerge")
@staff_only()
def take_apart(number: str) -> ResponseReturnValue:
    """Take the `other` ticket out of this one again."""
    try:
        with transaction():
            into, ticket = ties.pair(current(), number, request.form.get("other", "")[:40])
            merging.take_apart(ticket, into, staff(current().id))
        flash(gettext("Taken apart again: %(number)s", number=ticket.number), "calm")
    except Refused as refused:
        flash(gettext(refused.message, **refused.values), "breach")
    return redirect(url_for("tickets.ticket", number=number), 303)


@door.post("/tickets/<number>/link")
@staff_only()
def link(number: str) -> ResponseReturnValue:
    """They belong together: neighbours, or this one is a part of the other (`kind` = child), or the other of this."""
    kind = request.form.get("kind", "")
    try:
        with transaction():
            ticket, other = ties.pair(current(), number, request.form.get("other", "")[:40])
            if kind == "parent":
                linking.link(other, ticket, LinkKind.CHILD, staff(current().id))
            else:
                chosen = LinkKind.CHILD if kind == "child" else LinkKind.RELATED
                linking.link(ticket, other, chosen, staff(current().id))
        flash(gettext("Linked with: %(number)s", number=other.number), "calm")
    except Refused as refused:
        words = {refused.field or "": gettext(refused.message, **refused.values)}
        return _picker(ticket_by_number(current(), number), "", words), 422
    return redirect(url_for("tickets.ticket", number=number), 303)


@door.post("/tickets/<number>/unlink")
@staff_only()
def unlink(number: str) -> ResponseReturnValue:
    """They belong together no more."""
    with transaction():
        ticket, other = ties.pair(current(), number, request.form.get("other", "")[:40])
        linking.unlink(ticket, other, staff(current().id))
    flash(gettext("No longer linked: %(number)s", number=other.number), "calm")
    return redirect(url_for("tickets.ticket", number=number), 303)


@door.get("/tickets/<number>/split")
@staff_only()
def choose_messages(number: str) -> ResponseReturnValue:
    """Which messages are another matter."""
    return _split_form(ticket_by_number(current(), number), {})


@door.post("/tickets/<number>/split")
@staff_only()
def split(number: str) -> ResponseReturnValue:
    """The chosen ones get a ticket of their own."""
    try:
        with transaction():
            found = ticket_by_number(current(), number, lock=True)
            _check_version(found)
            part = linking.Part(
                {int(one) for one in request.form.getlist("messages") if one.isdigit() and len(one) < 19},
                request.form.get("subject", "")[:200],
                _category(request.form),
                request.form.get("pupil_note", ""),
            )
            new = linking.split(found, part, staff(current().id))
    except Conflict:
        return _split_form(ticket_by_number(current(), number), {"": gettext(CHANGED)}), 409
    except Refused as refused:
        words = {refused.field or "": gettext(refused.message, **refused.values)}
        return _split_form(ticket_by_number(current(), number), words), 422
    return redirect(url_for("tickets.ticket", number=new.number), 303)


@door.get("/tickets/<number>/family")
@staff_only()
def ask_about_family(number: str) -> ResponseReturnValue:
    """Further pupils of the same person: what is the same is filled in already."""
    return _family_form(ticket_by_number(current(), number), {"form_id": uuid4().hex}, {})


@door.post("/tickets/<number>/family")
@staff_only()
def file_family(number: str) -> ResponseReturnValue:
    """A ticket for each pupil that was named, all of them linked."""
    found = ticket_by_number(current(), number)
    try:
        pupils = [pupil for n in range(1, PUPILS + 1) if (pupil := _pupil(request.form, n)) is not None]
        with transaction():
            new = family.file(found, pupils, request.form.get("form_id", "")[:64], staff(current().id))
    except Refused as refused:
        words = {refused.field or "": gettext(refused.message, **refused.values)}
        return _family_form(ticket_by_number(current(), number), form_values(request.form), words), 422
    flash(gettext("Opened for this family: %(numbers)s", numbers=", ".join(one.number for one in new)), "calm")
    return redirect(url_for("tickets.ticket", number=number), 303)


def _check_version(ticket: Ticket) -> None:
    given = request.form.get("version", "")
    actions.check_version(ticket, int(given) if given.isdigit() and len(given) < 10 else None)


def _people(given: str) -> tuple[int | None, int | None] | None:
    one, _, other = given.partition(":")
    if not (one.isdigit() and other.isdigit()):
        return None
    return int(one) or None, int(other) or None


def _picker(ticket: Ticket, typed: str, errors: Mapping[str, str]) -> str:
    return render_template(
        "ties/merge.html",
        ticket=ticket,
        candidates=ties.candidates(current(), ticket, typed),
        typed=typed,
        errors=errors,
        state_words=STATES,
    )


def _confirm(number: str, goes: str, stays: str) -> str:
    ticket, into = ticket_by_number(current(), goes), ticket_by_number(current(), stays)
    return render_template(
        "ties/confirm.html",
        number=number,
        ticket=ticket,
        into=into,
        keep="this" if stays == number else "other",
        version=request.form.get("version", ""),
        people=f"{ticket.contact_id or 0}:{into.contact_id or 0}",
    )


def _split_form(ticket: Ticket, errors: Mapping[str, str]) -> str:
    return render_template(
        "ties/split.html",
        ticket=ticket,
        messages=linking.messages_of(ticket),
        message_words=MESSAGES,
        chosen=request.form.getlist("messages"),
        values=form_values(request.form),
        errors=errors,
    )


def _family_form(ticket: Ticket, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template("ties/family.html", ticket=ticket, values=values, errors=errors, rows=range(1, PUPILS + 1))


def _category(given: Mapping[str, str]) -> str | None:
    return chosen_category(given) if given.get("category") or given.get("category_text", "").strip() else None


def _pupil(given: Mapping[str, str], n: int) -> family.Pupil | None:
    """The nth row of the form; None when nothing was written into it. Raises Refused with the row's own field."""
    names = ("pupil_note", "school", "school_text", "category", "category_text", "text")
    row = {name: given.get(f"{name}_{n}", "").strip() for name in names}
    row["school_text"], row["category_text"] = given.get(f"school_{n}_text", ""), given.get(f"category_{n}_text", "")
    if not row["pupil_note"]:
        return None
    try:
        return family.Pupil(
            n, row["pupil_note"], chosen_school(row["school"], row["school_text"]), _category(row), row["text"]
        )
    except Refused as refused:
        stem = (refused.field or "").removesuffix("_text")
        raise Refused(refused.message, field=f"{stem}_{n}_text", **refused.values) from None
