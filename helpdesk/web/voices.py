"""What the telephone says: every prompt with its words, heard, recorded, given back to the synthetic voice."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.administration import voice_prompts
from helpdesk.administration.places import tops
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.telephony import voices
from helpdesk.telephony.recorder import LARGEST_FILE
from helpdesk.web.access import current, staff_only
from helpdesk.web.administration import ADMINISTRATORS

door = Blueprint("voices", __name__, url_prefix="/voices")


@door.get("")
@staff_only(*ADMINISTRATORS)
def start() -> ResponseReturnValue:
    """The prompts of the top of my part of the tree."""
    mine = tops(current())
    if not mine:
        raise NotFound
    return redirect(url_for("voices.prompts", organization_id=mine[0].id), 302)


@door.get("/<int:organization_id>")
@staff_only(*ADMINISTRATORS)
def prompts(organization_id: int) -> ResponseReturnValue:
    """Every prompt in three languages."""
    words, searched = request.args.get("words") == "1", request.args.get("q", "")[:80]
    return render_template(
        "voices/prompts.html",
        found=voice_prompts.prompts(current(), organization_id, words, searched),
        words=words,
        asked=searched,
        kind_tabs=[
            (url_for("voices.prompts", organization_id=organization_id), gettext(N_("Sentences")), None, not words),
            (
                url_for("voices.prompts", organization_id=organization_id, words=1),
                gettext(N_("Numbers, days and other words")),
                None,
                words,
            ),
        ],
    )


@door.get("/<int:organization_id>/<piece_id>/<said_in>")
@staff_only(*ADMINISTRATORS)
def piece(organization_id: int, piece_id: str, said_in: str) -> ResponseReturnValue:
    """One of them: hear it, upload a recording, go back."""
    return _piece(organization_id, piece_id, said_in, {})


@door.post("/<int:organization_id>/<piece_id>/<said_in>")
@staff_only(*ADMINISTRATORS)
def record(organization_id: int, piece_id: str, said_in: str) -> ResponseReturnValue:
    """A recording is heard from now on."""
    file = request.files.get("file")
    try:
        with transaction():
            content = file.read(LARGEST_FILE + 1) if file is not None else b""
            name = file.filename or "" if file is not None else ""
            voice_prompts.record(current(), organization_id, piece_id, said_in, name, content)
    except Refused as refused:
        errors = {refused.field or "file": gettext(refused.message, **refused.values)}
        return _piece(organization_id, piece_id, said_in, errors), 422
    return _done(organization_id, piece_id, said_in, N_("Callers hear this recording from now on."))


@door.post("/<int:organization_id>/<piece_id>/<said_in>/drop")
@staff_only(*ADMINISTRATORS)
def drop(organization_id: int, piece_id: str, said_in: str) -> ResponseReturnValue:
    """Back to what was heard before."""
    with transaction():
        voice_prompts.silence(current(), organization_id, piece_id, said_in)
    return _done(organization_id, piece_id, said_in, N_("This recording is heard no more."))


@door.post("/<int:organization_id>/again/<int:recording_id>")
@staff_only(*ADMINISTRATORS)
def again(organization_id: int, recording_id: int) -> ResponseReturnValue:
    """One that was replaced is heard again."""
    with transaction():
        row = voice_prompts.take_again(current(), organization_id, recording_id)
    return _done(organization_id, row.piece_id, row.language, N_("Callers hear this recording from now on."))


def _done(organization_id: int, piece_id: str, said_in: str, words: str) -> ResponseReturnValue:
    voices.forget()
    flash(gettext(words), "calm")
    target = url_for("voices.piece", organization_id=organization_id, piece_id=piece_id, said_in=said_in)
    return redirect(target, 303)


def _piece(organization_id: int, piece_id: str, said_in: str, errors: dict[str, str]) -> str:
    at, spoken = voice_prompts.piece(current(), organization_id, piece_id, said_in)
    return render_template(
        "voices/piece.html", at=at, spoken=spoken, former=voice_prompts.former(at, spoken), errors=errors
    )
