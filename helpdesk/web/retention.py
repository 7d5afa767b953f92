"""How long each kind of data is kept, for administrators at the top of the tree."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.administration.queries import governs_all
from helpdesk.identity.rules import Permission, Role
from helpdesk.kernel import settings
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import gettext
from helpdesk.privacy import retention
from helpdesk.privacy.rules import TERMS
from helpdesk.tickets.drafts import FORGOTTEN
from helpdesk.web.access import current, staff_only
from helpdesk.web.administration import ADMINISTRATORS

door = Blueprint("retention", __name__, url_prefix="/retention")


@door.get("")
@staff_only(Role.ADMINISTRATOR, Permission.DATA_OFFICER)
def rules() -> ResponseReturnValue:
    """The terms that hold, and what the last rounds forgot."""
    return _page()


@door.post("")
@staff_only(*ADMINISTRATORS)
def change() -> ResponseReturnValue:
    """Other terms."""
    typed = {kind.value: request.form.get(kind.value, "")[:20] for kind in TERMS}
    try:
        with transaction():
            for kind in TERMS:
                retention.change(current(), kind, typed[kind.value])
    except Refused as refused:
        return _page({refused.field or "": gettext(refused.message, **refused.values)}, typed), 422
    flash(gettext("Saved."), "calm")
    return redirect(url_for("retention.rules"), 303)


def _page(errors: dict[str, str] | None = None, typed: dict[str, str] | None = None) -> str:
    return render_template(
        "privacy/retention.html",
        rules=retention.rules(),
        terms=TERMS,
        may_change=governs_all(current()),
        recordings=settings.current().recordings_kept_days,
        drafts=FORGOTTEN.days,
        errors=errors or {},
        typed=typed or {},
    )
