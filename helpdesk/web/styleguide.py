"""Every component in every state and three languages, for those who build and test the pages; not in production."""

from datetime import timedelta
from typing import cast

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from helpdesk.kernel import clock, i18n
from helpdesk.kernel.settings import Settings

door = Blueprint("styleguide", __name__)


@door.get("/styleguide")
def styleguide() -> ResponseReturnValue:
    """All components of templates/parts, once in each language."""
    if cast(Settings, current_app.extensions["settings"]).environment == "production":
        abort(404)
    specimens = []
    for code in i18n.LANGUAGES:
        with i18n.spoken(code):
            specimens.append((code, render_template("styleguide/components.html", **_moments())))
    return render_template("styleguide/styleguide.html", specimens=specimens)


@door.get("/styleguide/workspace")
def workspace() -> ResponseReturnValue:
    """The columns of the operators' workspace, filled with long words."""
    if cast(Settings, current_app.extensions["settings"]).environment == "production":
        abort(404)
    return render_template("styleguide/workspace.html", **_moments())


def _moments() -> dict[str, object]:
    present = clock.now()
    return {
        "earlier": present - timedelta(hours=3),
        "soon": present + timedelta(minutes=12),
        "later": present + timedelta(hours=5),
        "late": present - timedelta(minutes=40),
    }
