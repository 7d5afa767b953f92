"""Lists from a file: check, read, look how far it is, take back."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.administration import exports
from helpdesk.administration import imports as lists
from helpdesk.administration.places import chosen_place
from helpdesk.administration.rules import ImportState, ListKind
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.web.access import current, staff_only
from helpdesk.web.administration import ADMINISTRATORS

door = Blueprint("imports", __name__, url_prefix="/imports")

STATES = {
    ImportState.CHECKED: N_("checked, nothing is changed yet"),
    ImportState.RUNNING: N_("being read"),
    ImportState.DONE: N_("read"),
    ImportState.UNDOING: N_("being taken back"),
    ImportState.UNDONE: N_("list taken back"),
}
KINDS = {
    ListKind.ORGANIZATIONS: N_("Organizations"),
    ListKind.STAFF: N_("Staff"),
    ListKind.CONTACTS: N_("People who ask"),
    ListKind.TICKETS: N_("Old tickets"),
}
# By what a line is known again, and what is good to know before.
ABOUT = {
    ListKind.ORGANIZATIONS: N_(
        "A line is known again by its code: read twice, it changes nothing the second time. The parent is named by its "
        "code, or by # and the number in the address of its page."
    ),
    ListKind.STAFF: N_(
        "A person is known again by the e-mail address; an empty cell changes nothing. Lists of users of Zammad are "
        "read too. Invitations are sent only when you say so before the list is read."
    ),
    ListKind.CONTACTS: N_(
        "A person is known again by a number or an address together with the name. What we know already stays. Lists "
        "of users of Zammad and osTicket are read too."
    ),
    ListKind.TICKETS: N_(
        "Reports of Zammad and exported queues of osTicket are read as they are. Dates stay; no clock starts and "
        "nobody is written to. A ticket is known again by its old number. Columns that we do not have become a note."
    ),
}


@door.get("")
@staff_only(*ADMINISTRATORS)
def imports() -> ResponseReturnValue:
    """My imports, and the form for a file."""
    return _page(_kind(request.args.get("kind", "")), {})


@door.post("")
@staff_only(*ADMINISTRATORS)
def check() -> ResponseReturnValue:
    """A dry run."""
    file, form = request.files.get("file"), request.form
    kind = _kind(form.get("kind", ""))
    try:
        if file is None or not file.filename:
            raise Refused(N_("Choose a file"), "file")
        content = file.read(lists.LARGEST_FILE + 1)
        with transaction():
            chosen, typed = form.get("at", ""), form.get("at_text", "")
            at = chosen_place(current(), chosen, typed, "at_text") if typed.strip() else None
            run = lists.check(current(), file.filename, content, kind, at)
    except Refused as refused:
        return _page(kind, {refused.field or "file": gettext(refused.message, **refused.values)}), 422
    return redirect(url_for("imports.run", run_id=run.id), 303)


@door.get("/template")
@staff_only(*ADMINISTRATORS)
def template() -> ResponseReturnValue:
    """An example that a spreadsheet program opens."""
    kind = _kind(request.args.get("kind", ""))
    body = "\ufeff" + "\r\n".join(lists.template(kind)) + "\r\n"
    headers = {"Content-Disposition": f'attachment; filename="{kind.value}.csv"'}
    return Response(body, mimetype="text/csv", headers=headers)


@door.get("/<int:run_id>")
@staff_only(*ADMINISTRATORS)
def run(run_id: int) -> ResponseReturnValue:
    """What would become of each line, how far it is, or what became of them."""
    found = lists.run_for(current(), run_id)
    return render_template(
        "imports/run.html",
        run=found,
        kinds=KINDS,
        states=STATES,
        State=ImportState,
        busy=found.state in (ImportState.RUNNING, ImportState.UNDOING),
        asks_about_letters=found.kind is ListKind.STAFF and found.added > 0,
        can_undo=found.state is ImportState.DONE and lists.can_undo(found),
    )


@door.post("/<int:run_id>/start")
@staff_only(*ADMINISTRATORS)
def start(run_id: int) -> ResponseReturnValue:
    """Let a worker read it."""
    with transaction():
        lists.start(current(), run_id, request.form.get("letters") == "1")
    flash(gettext("The list is being read."), "calm")
    return redirect(url_for("imports.run", run_id=run_id), 303)


@door.post("/<int:run_id>/undo")
@staff_only(*ADMINISTRATORS)
def undo(run_id: int) -> ResponseReturnValue:
    """Let a worker take back what it added."""
    try:
        with transaction():
            lists.undo(current(), run_id)
        flash(gettext("The list is being taken back."), "calm")
    except Refused as refused:
        flash(gettext(refused.message), "breach")
    return redirect(url_for("imports.run", run_id=run_id), 303)


def _kind(asked: str) -> ListKind:
    return ListKind(asked) if asked in ListKind.__members__.values() else ListKind.ORGANIZATIONS


def _page(kind: ListKind, errors: dict[str, str]) -> str:
    columns = lists.LISTS[kind].columns
    return render_template(
        "imports/imports.html",
        errors=errors,
        kind=kind,
        kinds=KINDS,
        kind_tabs=[
            (url_for("imports.imports", kind=one.value), gettext(words), None, one is kind)
            for one, words in KINDS.items()
        ],
        about=ABOUT[kind],
        asks_where=kind is not ListKind.ORGANIZATIONS,
        typed=request.form,
        exported=[(one.value, gettext(KINDS[one])) for one in exports.KINDS],
        runs=lists.runs_of(current()),
        states=STATES,
        needed=columns.needed,
        columns=lists.heading(kind),
    )
