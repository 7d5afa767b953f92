"""What a member of staff was told, how they want to be told, and whom a note can name."""

from datetime import datetime

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.identity.readers import readers_at
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import fold, gettext
from helpdesk.notifications import notice_actions, notice_queries
from helpdesk.notifications.notice_labels import KINDS, WAYS, WHY
from helpdesk.notifications.notice_rules import NoticeKind, NoticeWay
from helpdesk.organizations.queries import desk
from helpdesk.tickets.queries import ticket_by_number
from helpdesk.web.access import current, staff_only
from helpdesk.web.pages import unread_text

door = Blueprint("notifications", __name__)

PAGE = 50
SUGGESTED = 8


@door.get("/notifications")
@staff_only()
def told() -> str:
    """What is new for me, or all of it."""
    unread, before = "all" not in request.args, _cursor(request.args.get("before", ""))
    found = notice_queries.told(current(), unread, before, PAGE)
    rows, more = found[:PAGE], len(found) > PAGE
    last = rows[-1].notice if rows else None
    cursor = f"{last.at.isoformat()}_{last.id}" if last and more else ""
    return render_template(
        "notifications/told.html",
        rows=rows,
        unread=unread,
        paged=before is not None,
        next=url_for("notifications.told", before=cursor, all=None if unread else 1) if cursor else "",
        kind_words=KINDS,
        why_words=WHY,
    )


@door.get("/notifications/unread")
@staff_only()
def unread() -> ResponseReturnValue:
    """How many I have not read, for the bell of an open page."""
    words = unread_text(current().unread)
    return jsonify(count=words, label=gettext("Notifications, unread: %(count)s", count=words))


@door.get("/notifications/<int:notice_id>")
@staff_only()
def open_one(notice_id: int) -> ResponseReturnValue:
    """Read, and on to its ticket. Nothing is lost by following the link twice."""
    found, number = notice_queries.own(current(), notice_id)
    with transaction():
        notice_actions.read(staff(current().id), notice_id=found.id)
    return redirect(url_for("tickets.ticket", number=number), 303)


@door.post("/notifications/<int:notice_id>/read")
@staff_only()
def read(notice_id: int) -> ResponseReturnValue:
    """Read without opening it."""
    found, _ = notice_queries.own(current(), notice_id)
    with transaction():
        notice_actions.read(staff(current().id), notice_id=found.id)
    return redirect(url_for("notifications.told"), 303)


@door.post("/notifications/read")
@staff_only()
def read_all() -> ResponseReturnValue:
    """All that the page showed; what came while I looked at it stays unread."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
    except ValueError:
        raise NotFound from None
    if until.tzinfo is None:
        raise NotFound
    with transaction():
        notice_actions.read(staff(current().id), until=until)
    return redirect(url_for("notifications.told"), 303)


@door.get("/notifications/preferences")
@staff_only()
def preferences() -> str:
    """How I am told of what."""
    return render_template(
        "notifications/preferences.html",
        kind_words=KINDS,
        ways=[(one.value, gettext(words)) for one, words in WAYS.items()],
        wishes=notice_queries.wishes(current()),
    )


@door.post("/notifications/preferences")
@staff_only()
def wish() -> ResponseReturnValue:
    """Choose anew; what the form does not know stays as it was."""
    chosen = {kind: request.form.get(kind.value, "") for kind in NoticeKind}
    ways = {kind: NoticeWay(way) for kind, way in chosen.items() if way in set(NoticeWay)}
    with transaction():
        notice_actions.wish(staff(current().id), ways)
    flash(gettext("Saved"), "calm")
    return redirect(url_for("notifications.preferences"), 303)


@door.get("/tickets/<number>/colleagues")
@staff_only()
def colleagues(number: str) -> ResponseReturnValue:
    """Whom a note on this ticket can name: those who may read it and whose names have a word that begins so."""
    ticket = ticket_by_number(current(), number)
    typed = fold(request.args.get("q", "")[:60]).strip()
    people = readers_at(desk(ticket.desk_id).organization.path, ticket.category_code)
    found = [one for one in people if one.id != current().id and f" {typed}" in f" {fold(one.name)}"]
    return jsonify([{"value": str(one.id), "text": one.name, "hint": ""} for one in found[:SUGGESTED]])


def _cursor(given: str) -> tuple[datetime, int] | None:
    at, _, id_ = given.rpartition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, int(id_)) if id_.isdigit() and len(id_) < 19 and moment.tzinfo else None
