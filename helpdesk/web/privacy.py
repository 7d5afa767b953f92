"""Data officers' pages: find a person, take everything out as a file, erase, and the acts of it."""

import json
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity.rules import Permission
from helpdesk.kernel import settings
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import gettext
from helpdesk.privacy import actions, dossier, queries
from helpdesk.privacy.rules import BASES, COUNTED, ErasureState
from helpdesk.tickets.labels import STATES
from helpdesk.web.access import current, staff_only

door = Blueprint("privacy", __name__, url_prefix="/privacy")

OFFICERS = (Permission.DATA_OFFICER,)
# An archive above this is written to the disk, not kept in memory.
IN_MEMORY = 8 * 1024 * 1024
ACTS = 30


@door.route("", methods=["GET", "POST"])
@staff_only(*OFFICERS)
def people() -> ResponseReturnValue:
    """Whose data? By telephone, address, IIN or name. Posted: what is typed here stands in no address and no log."""
    searched = request.values.get("q", "").strip()[:200]
    found = queries.people(current(), searched) if searched else []
    return render_template("privacy/people.html", searched=searched, people=found, most=queries.PEOPLE)


@door.get("/people/<int:contact_id>")
@staff_only(*OFFICERS)
def person(contact_id: int) -> ResponseReturnValue:
    """What we have of a person, and what can be done with it."""
    return _page(contact_id)


@door.post("/people/<int:contact_id>/export")
@staff_only(*OFFICERS)
def export(contact_id: int) -> ResponseReturnValue:
    """Everything as an archive: data for programs, a page for people, files, letters, sounds. Noted in the journal."""
    with transaction():
        found = dossier.collect(current(), contact_id)
        actions.exported(current(), contact_id, len(found.data["tickets"]))
    pages = {
        "data.json": json.dumps(found.data, ensure_ascii=False, indent=1),
        "index.html": render_template("privacy/dossier.html", data=found.data, states=STATES),
    }
    archive = cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - the answer reads and closes it
    dossier.pack(archive, found, pages, settings.current().var_dir)
    archive.seek(0)
    answer = send_file(archive, "application/zip", as_attachment=True, download_name=f"person-{contact_id}.zip")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@door.post("/people/<int:contact_id>/erase")
@staff_only(*OFFICERS)
def erase(contact_id: int) -> ResponseReturnValue:
    """Begin to erase a person; workers do it."""
    typed = {name: request.form.get(name, "")[:80] for name in ("basis", "reference", "sure")}
    try:
        with transaction():
            made = actions.begin(current(), contact_id, typed["basis"], typed["reference"], bool(typed["sure"]))
    except Refused as refused:
        return _page(contact_id, {refused.field or "basis": gettext(refused.message, **refused.values)}, typed), 422
    flash(gettext("The person is being erased."), "calm")
    return redirect(url_for("privacy.act", erasure_id=made.id), 303)


@door.get("/acts")
@staff_only(*OFFICERS)
def acts() -> ResponseReturnValue:
    """Erasures, newest first."""
    before = request.args.get("before", "")
    rows = queries.erasures(current(), int(before) if before.isdigit() and len(before) < 19 else None, ACTS)
    return render_template(
        "privacy/acts.html",
        rows=rows[:ACTS],
        bases=BASES,
        State=ErasureState,
        next=url_for("privacy.acts", before=rows[ACTS - 1][0].id) if len(rows) > ACTS else "",
        first=url_for("privacy.acts") if before else "",
    )


@door.get("/acts/<int:erasure_id>")
@staff_only(*OFFICERS)
def act(erasure_id: int) -> ResponseReturnValue:
    """One act, to be printed: who, when, why, and what was counted; not a word of whom."""
    row, place, officer = queries.erasure_for(current(), erasure_id)
    counts = [(words, row.counts[name]) for name, words in COUNTED.items() if row.counts.get(name)]
    return render_template(
        "privacy/act.html", act=row, place=place, officer=officer, counts=counts, bases=BASES, State=ErasureState
    )


def _page(contact_id: int, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None) -> str:
    return render_template(
        "privacy/person.html",
        card=queries.card(current(), contact_id),
        bases=[("", gettext("choose")), *((basis.value, gettext(words)) for basis, words in BASES.items())],
        states=STATES,
        errors=errors or {},
        typed=typed or {},
        running=ErasureState.RUNNING,
    )
