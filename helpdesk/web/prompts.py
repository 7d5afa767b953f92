"""The recorded pieces that the carrier plays. Names carry the hash of their content: they may be kept for ever."""

from flask import Blueprint, send_from_directory
from flask.typing import ResponseReturnValue

from helpdesk.telephony.prompts.manifest import AUDIO

door = Blueprint("prompts", __name__)
YEAR_SECONDS = 365 * 24 * 3600


@door.get("/prompts/<path:file>")
def prompt(file: str) -> ResponseReturnValue:
    """One µ-law wav file."""
    response = send_from_directory(AUDIO, file, mimetype="audio/wav", max_age=YEAR_SECONDS)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response
