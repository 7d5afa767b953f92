"""Files that an operator encloses with an answer: read before the ticket is locked, kept when the answer is refused."""

from flask import g

from helpdesk.intake.incoming import IncomingFile
from helpdesk.kernel.errors import Refused
from helpdesk.tickets.models import Attachment
from helpdesk.web.public_fields import read_files, sealed


def take() -> None:
    """Read and store what came with this request; large files hold up no ticket."""
    g.enclosed = read_files()


def attachments() -> list[Attachment]:
    """What to attach to the message. Raises Refused when one of the files may not leave the house."""
    files, refusal = _taken()
    if refusal is not None:
        raise refusal
    return [
        Attachment(digest=file.digest, name=file.name, content_type=file.content_type, size=file.size) for file in files
    ]


def kept() -> list[tuple[IncomingFile, str]]:
    """The files as the page carries them on after a refusal, each with its seal."""
    return [(file, sealed(file)) for file in _taken()[0]]


def _taken() -> tuple[tuple[IncomingFile, ...], Refused | None]:
    found: tuple[tuple[IncomingFile, ...], Refused | None] = getattr(g, "enclosed", ((), None))
    return found
