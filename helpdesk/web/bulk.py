"""Many tickets at once: choose what is done with them, watch it, stop it, take it back."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from helpdesk.audit.actor import Actor, staff
from helpdesk.identity.queries import colleague, staff_under
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext, ngettext, number_text
from helpdesk.tickets import bulk
from helpdesk.tickets.board import count_of
from helpdesk.tickets.bulk_models import BulkAction
from helpdesk.tickets.bulk_rules import MOST, UNDOABLE, BulkState, BulkVerb, ItemState
from helpdesk.tickets.labels import QUEUES, RESOLUTIONS
from helpdesk.web.access import current, staff_only
from helpdesk.web.board import ONLY, query_of, read_filter

door = Blueprint("bulk", __name__, url_prefix="/bulk")

VERB_WORDS = {
    BulkVerb.ASSIGN: N_("Assign"),
    BulkVerb.QUEUE: N_("Move to the queue"),
    BulkVerb.RESOLVE: N_("Resolve"),
    BulkVerb.NOTE: N_("Internal note"),
}
STATE_WORDS = {
    BulkState.RUNNING: N_("is being done"),
    BulkState.STOPPED: N_("stopped"),
    BulkState.DONE: N_("done"),
}


@door.get("/new")
@staff_only()
def choose() -> ResponseReturnValue:
    """What shall be done with the chosen tickets, or with all of a view."""
    return _form(request.args)


@door.post("")
@staff_only()
def begin() -> ResponseReturnValue:
    """Begin it; the next page shows how far it is."""
    given = request.form
    try:
        verb = BulkVerb(given.get("verb", ""))
    except ValueError:
        return _form(given, {"verb": gettext("Choose what shall be done")}), 422
    try:
        with transaction():
            whole = read_filter(given) if given.get("which") == "view" else None
            made = bulk.begin(current(), verb, _arguments(verb, given), given.getlist("number")[:ONLY], whole)
    except Refused as refused:
        return _form(given, {refused.field or "which": gettext(refused.message)}), 422
    return redirect(url_for("bulk.show", bulk_id=made.id), 303)


@door.get("")
@staff_only()
def mine() -> ResponseReturnValue:
    """What I began lately."""
    rows = bulk.latest(current())
    return render_template(
        "bulk/mine.html",
        rows=rows,
        progress=bulk.progress([one.id for one in rows]),
        verb_words=VERB_WORDS,
        state_words=STATE_WORDS,
        Item=ItemState,
    )


@door.get("/<int:bulk_id>")
@staff_only()
def show(bulk_id: int) -> ResponseReturnValue:
    """How far it is, what was left as it was and why."""
    found = bulk.bulk_for(current(), bulk_id)
    counts = bulk.progress([found.id])[found.id]
    undone_by = bulk.undone_by(found)
    settled = found.state is not BulkState.RUNNING and counts[ItemState.DONE] > 0
    return render_template(
        "bulk/bulk.html",
        found=found,
        total=sum(counts.values()),
        done=counts[ItemState.DONE],
        waiting=counts[ItemState.WAITING],
        left=counts[ItemState.LEFT],
        rows=bulk.left(current(), found) if counts[ItemState.LEFT] else (),
        undone_by=undone_by,
        can_undo=settled and undone_by is None and found.undoes_id is None and found.verb in UNDOABLE,
        letters_left=found.verb is BulkVerb.RESOLVE,
        words=gettext(VERB_WORDS[found.verb]),
        state_words=STATE_WORDS,
        State=BulkState,
    )


@door.post("/<int:bulk_id>/<any(stop,go_on,undo):what>")
@staff_only()
def act(bulk_id: int, what: str) -> ResponseReturnValue:
    """Stop it, let it go on, or take it back."""
    shown = bulk_id
    try:
        with transaction():
            shown = ACTS[what](bulk.bulk_for(current(), bulk_id, lock=True), staff(current().id))
    except Refused as refused:
        flash(gettext(refused.message), "amber")
    return redirect(url_for("bulk.show", bulk_id=shown), 303)


def _stop(found: BulkAction, _by: Actor) -> int:
    bulk.stop(found)
    return found.id


def _go_on(found: BulkAction, by: Actor) -> int:
    bulk.go_on(found, by)
    return found.id


def _undo(found: BulkAction, by: Actor) -> int:
    return bulk.undo(found, by).id


# What each does, and which piece of work is looked at afterwards.
ACTS: dict[str, Callable[[BulkAction, Actor], int]] = {"stop": _stop, "go_on": _go_on, "undo": _undo}


def _arguments(verb: BulkVerb, given: Mapping[str, str]) -> dict[str, Any]:
    if verb is BulkVerb.ASSIGN:
        return {"staff_id": _colleague(given.get("staff_id", ""))}
    names = {BulkVerb.QUEUE: ("queue_to",), BulkVerb.RESOLVE: ("resolution", "told"), BulkVerb.NOTE: ("note",)}[verb]
    as_known = {"queue_to": "queue", "told": "body", "note": "body"}
    return {as_known.get(name, name): given.get(name, "").strip() for name in names}


def _colleague(typed: str) -> int | None:
    if not typed:
        return None
    if not typed.isdigit():
        raise NotFound
    return colleague(current(), int(typed)).id


def _form(given: MultiDict[str, str], errors: Mapping[str, str] | None = None) -> str:
    numbers = given.getlist("number")[:ONLY]
    wanted = read_filter(given)
    held = count_of(current(), wanted, MOST + 1)
    whole = ngettext("All of this view: %(n)s ticket", "All of this view: %(n)s tickets", min(held, MOST))
    if held > MOST:
        whole = gettext("The first of this view: %(most)s", most=number_text(MOST))
    people = session().scalars(staff_under(current().roots())).unique()
    return render_template(
        "bulk/new.html",
        numbers=numbers,
        query=query_of(wanted),
        which=[
            ("chosen", ngettext("Chosen: %(n)s ticket", "Chosen: %(n)s tickets", len(numbers))),
            ("view", whole),
        ],
        verbs=[(verb.value, gettext(words)) for verb, words in VERB_WORDS.items()],
        colleagues=[("", gettext("nobody")), *((str(one.id), one.name) for one in people)],
        queues=[(queue.value, gettext(words)) for queue, words in QUEUES.items()],
        resolutions=[(one.value, gettext(told)) for one, told in RESOLUTIONS.items()],
        typed=given,
        errors=errors or {},
    )
