"""The recorded pieces that the carrier plays. Names carry the hash of their content: they may be kept for ever."""

import re

from flask import Blueprint, send_from_directory
from flask.typing import ResponseReturnValue

from helpdesk.kernel import settings, store
from helpdesk.kernel.errors import NotFound
from helpdesk.telephony.prompts.manifest import AUDIO
from helpdesk.telephony.voices import OWN, was_recorded

door = Blueprint("prompts", __name__)
_DIGEST = re.compile(r"^[0-9a-f]{64}$")
YEAR_SECONDS = 365 * 24 * 3600


@door.get("/prompts/<path:file>")
def prompt(file: str) -> ResponseReturnValue:
    """One µ-law wav file; recordings by people lie in the store."""
    folder, _, name = file.partition("/")
    digest = name.removesuffix(".wav")
    if folder == OWN:
        if not _DIGEST.match(digest) or not was_recorded(digest):
            raise NotFound
        kept = store.path(settings.current().var_dir, digest)
        response = send_from_directory(kept.parent.absolute(), kept.name, mimetype="audio/wav", max_age=YEAR_SECONDS)
    else:
        response = send_from_directory(AUDIO, file, mimetype="audio/wav", max_age=YEAR_SECONDS)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response
