"""What a parents' form carries from page to page: read out of the request, files kept, nothing trusted unsigned."""

from dataclasses import asdict

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from helpdesk.intake import uploads
from helpdesk.intake.form_family import MORE
from helpdesk.intake.incoming import IncomingFile
from helpdesk.intake.webform import WebForm, clean, form_id
from helpdesk.kernel.errors import Refused

# One line each; only `words` may have several.
_LINES = (
    *("choice", "school", "school_text", "role", "pupil", "answer_by", "phone", "email", "name", "consent"),
    *(f"{name}_{n}" for n in MORE for name in ("pupil", "school")),
)


def read_form() -> tuple[WebForm, Refused | None]:
    """The form as it was sent, and why one of its photos was refused, if one was."""
    files, refusal = read_files()
    lines = {name: " ".join(clean(request.form.get(name, "")).split())[:300] for name in _LINES}
    form = WebForm(form_id=form_id(request.form.get("form_id", "")), words=read_text("words"), files=files, **lines)
    return form, refusal


def read_text(name: str) -> str:
    """A field of many lines."""
    return clean(request.form.get(name, ""))


def read_files() -> tuple[tuple[IncomingFile, ...], Refused | None]:
    """Files that earlier pages kept and the person did not drop, then the new ones."""
    dropped = set(request.form.getlist("drop"))
    carried = [file for file in map(_unsealed, request.form.getlist("file")) if file and file.digest not in dropped]
    fresh = [(upload.filename or "", upload.read()) for upload in request.files.getlist("photos") if upload.filename]
    kept, refusal = uploads.keep(fresh, len(carried))
    known = {file.digest for file in carried}
    return (*carried, *(file for file in kept if file.digest not in known)), refusal


def sealed(file: IncomingFile) -> str:
    """The kept file as the next page carries it: signed, so that nobody names a file that is not theirs."""
    return str(_seal().dumps(asdict(file)))


def _unsealed(raw: str) -> IncomingFile | None:
    try:
        return IncomingFile(**_seal().loads(raw))
    except (BadSignature, TypeError):
        return None


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="kept file of a form")
