"""Tags: put on a ticket and taken off it; renamed and merged by administrators."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.administration import tags as verbs
from helpdesk.audit.actor import staff
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import gettext, language, number_text
from helpdesk.organizations.queries import desk
from helpdesk.tickets import tags as on_tickets
from helpdesk.tickets.queries import ticket_by_number
from helpdesk.web.access import current, staff_only
from helpdesk.web.administration import ADMINISTRATORS

door = Blueprint("tags", __name__)

PAGE = 100


@door.get("/tickets/<number>/tags")
@staff_only()
def suggest(number: str) -> ResponseReturnValue:
    """Tags that hold at the ticket's desk and begin as typed: [{value, text, hint}]."""
    path = desk(ticket_by_number(current(), number).desk_id).organization.path
    found = on_tickets.matching(path, request.args.get("q", "")[:80])
    return jsonify([{"value": one.name, "text": one.name, "hint": one.organization.short(language())} for one in found])


@door.post("/tickets/<number>/untag")
@staff_only()
def take_off(number: str) -> ResponseReturnValue:
    """Take one off."""
    chosen = request.form.get("tag_id", "")
    with transaction():
        ticket = ticket_by_number(current(), number, lock=True)
        if chosen.isdigit() and len(chosen) < 19:
            on_tickets.take_off(ticket, int(chosen), staff(current().id))
    return redirect(url_for("tickets.ticket", number=number), 303)


@door.get("/tags")
@staff_only(*ADMINISTRATORS)
def tags() -> str:
    """The tags of my part of the tree."""
    typed, after = request.args.get("q", "")[:80], request.args.get("after", "")[:100]
    found = verbs.tags(current(), typed, after, PAGE)
    rows, last = found[:PAGE], found[PAGE - 1].tag if len(found) > PAGE else None
    return render_template(
        "tags/tags.html",
        rows=[(one.tag, _count(one.count)) for one in rows],
        typed=typed,
        next=url_for("tags.tags", q=typed or None, after=f"{last.key}_{last.id}") if last else "",
        first=url_for("tags.tags", q=typed or None) if after else "",
        spoken=language(),
    )


@door.get("/tags/<int:tag_id>")
@staff_only(*ADMINISTRATORS)
def tag(tag_id: int) -> ResponseReturnValue:
    """One of them."""
    return _page(tag_id, {}, {})


@door.post("/tags/<int:tag_id>")
@staff_only(*ADMINISTRATORS)
def rename(tag_id: int) -> ResponseReturnValue:
    """Another name."""
    try:
        with transaction():
            name = verbs.rename(current(), tag_id, request.form.get("name", "")[:200]).name
    except Refused as refused:
        errors = {refused.field or "": gettext(refused.message, **refused.values)}
        return _page(tag_id, errors, request.form.to_dict()), 422
    flash(gettext("Saved: %(name)s", name=name), "calm")
    return redirect(url_for("tags.tag", tag_id=tag_id), 303)


@door.post("/tags/<int:tag_id>/merge")
@staff_only(*ADMINISTRATORS)
def merge(tag_id: int) -> ResponseReturnValue:
    """Into another one."""
    chosen = request.form.get("into", "")
    try:
        with transaction():
            if not chosen.isdigit() or len(chosen) > 18:
                raise Refused(verbs.CHOOSE, field="into_text")
            into = verbs.merge(current(), tag_id, int(chosen))
            into_id, name = into.id, into.name
    except Refused as refused:
        errors = {refused.field or "": gettext(refused.message, **refused.values)}
        return _page(tag_id, errors, request.form.to_dict()), 422
    flash(gettext("Merged, the tag is now: %(name)s", name=name), "calm")
    return redirect(url_for("tags.tag", tag_id=into_id), 303)


@door.get("/tags/suggestions")
@staff_only(*ADMINISTRATORS)
def suggest_own() -> ResponseReturnValue:
    """Tags of my part of the tree by the beginning of their names: [{value, text, hint}]."""
    found = verbs.tags(current(), request.args.get("q", "")[:80], limit=11)
    return jsonify(
        [
            {"value": str(one.tag.id), "text": one.tag.name, "hint": one.tag.organization.short(language())}
            for one in found
        ]
    )


def _page(tag_id: int, errors: dict[str, str], typed: dict[str, str]) -> str:
    return render_template(
        "tags/tag.html", tag=verbs.tag_for(current(), tag_id), errors=errors, typed=typed, spoken=language()
    )


def _count(number: int) -> str:
    return f"{number_text(verbs.COUNTED)}+" if number > verbs.COUNTED else number_text(number)
