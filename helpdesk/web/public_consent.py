"""What a parent agrees to by sending a form, the present text and every earlier one."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from helpdesk.intake import consent
from helpdesk.kernel.errors import NotFound
from helpdesk.web.public import PREFIX

door = Blueprint("public_consent", __name__)


@door.get(PREFIX + "/consent")
@door.get(PREFIX + "/consent/<version>")
def text(language: str, version: str = "") -> ResponseReturnValue:
    """The whole text of one version."""
    found = consent.versions().get(version) if version else consent.current()
    if found is None:
        raise NotFound
    return render_template("public/consent.html", consent=found, paragraphs=found.paragraphs[language])
