"""Lists of organizations from a file: check, read, look how far it is."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.administration import imports as lists
from helpdesk.administration.rules import ImportState
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
}


@door.get("")
@staff_only(*ADMINISTRATORS)
def imports() -> ResponseReturnValue:
    """My imports, and the form for a file."""
    return _page({})


@door.post("")
@staff_only(*ADMINISTRATORS)
def check() -> ResponseReturnValue:
    """A dry run."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Refused(N_("Choose a file"), "file")
        content = file.read(lists.LARGEST_FILE + 1)
        with transaction():
            run = lists.check(current(), file.filename, content)
    except Refused as refused:
        return _page({refused.field or "file": gettext(refused.message, **refused.values)}), 422
    return redirect(url_for("imports.run", run_id=run.id), 303)


@door.get("/template")
@staff_only(*ADMINISTRATORS)
def template() -> ResponseReturnValue:
    """An example that a spreadsheet program opens."""
    body = "\ufeff" + "\r\n".join(lists.template()) + "\r\n"
    headers = {"Content-Disposition": 'attachment; filename="organizations.csv"'}
    return Response(body, mimetype="text/csv", headers=headers)


@door.get("/<int:run_id>")
@staff_only(*ADMINISTRATORS)
def run(run_id: int) -> ResponseReturnValue:
    """What would become of each line, how far it is, or what became of them."""
    return render_template("imports/run.html", run=lists.run_for(current(), run_id), states=STATES, State=ImportState)


@door.post("/<int:run_id>/start")
@staff_only(*ADMINISTRATORS)
def start(run_id: int) -> ResponseReturnValue:
    """Let a worker read it."""
    with transaction():
        lists.start(current(), run_id)
    flash(gettext("The list is being read."), "calm")
    return redirect(url_for("imports.run", run_id=run_id), 303)


def _page(errors: dict[str, str]) -> str:
    return render_template(
        "imports/imports.html",
        errors=errors,
        runs=lists.runs_of(current()),
        states=STATES,
        needed=lists.NEEDED,
        columns=lists.COLUMNS,
    )
