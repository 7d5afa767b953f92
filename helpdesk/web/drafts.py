"""What is typed on a ticket, sent while it is typed: it survives the browser, and colleagues see who writes."""

from collections.abc import Sequence

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.tickets import drafts
from helpdesk.tickets.queries import ticket_by_number
from helpdesk.tickets.rules import DraftKind
from helpdesk.web.access import current, staff_only

door = Blueprint("drafts", __name__)

WRITING = {
    DraftKind.REPLY: N_("%(name)s is writing an answer"),
    DraftKind.NOTE: N_("%(name)s is writing a note"),
}


@door.get("/tickets/<number>/draft")
@staff_only()
def show(number: str) -> ResponseReturnValue:
    """What I left unsent, by kind, and who else is writing. Drafts come from a script, and so are they asked for."""
    found = drafts.drafts_on(ticket_by_number(current(), number), current().id)
    return jsonify(mine=found.mine, writing=_writing(found.others))


@door.post("/tickets/<number>/draft")
@staff_only()
def keep(number: str) -> ResponseReturnValue:
    """Keep it, and say who else is writing."""
    kind = request.form.get("kind", "")
    if kind not in set(DraftKind):
        raise NotFound
    with transaction():
        found = ticket_by_number(current(), number)
        drafts.keep(found, current().id, DraftKind(kind), request.form.get("body", ""))
        others = drafts.drafts_on(found, current().id).others
    return jsonify(writing=_writing(others))


def _writing(others: Sequence[tuple[str, DraftKind]]) -> list[str]:
    return [gettext(WRITING[kind], name=name) for name, kind in others]
