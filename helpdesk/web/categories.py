"""Categories: the list, and one to be edited."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.administration import categories as verbs
from helpdesk.administration.queries import governs_all
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import gettext
from helpdesk.routing.queries import CHOICES, forget
from helpdesk.routing.rules import Priority
from helpdesk.tickets.labels import QUEUES
from helpdesk.web.access import current, staff_only
from helpdesk.web.administration import ADMINISTRATORS

door = Blueprint("categories", __name__, url_prefix="/categories")


@door.get("")
@staff_only(*ADMINISTRATORS)
def categories() -> ResponseReturnValue:
    """Every category."""
    return render_template(
        "categories/categories.html",
        rows=verbs.all_categories(),
        queues=QUEUES,
        choices=CHOICES,
        whole=governs_all(current()),
    )


@door.get("/<code>")
@staff_only(*ADMINISTRATORS)
def category(code: str) -> ResponseReturnValue:
    """One category."""
    return _page(code, {}, None)


@door.post("/<code>")
@staff_only(*ADMINISTRATORS)
def save(code: str) -> ResponseReturnValue:
    """Change it."""
    try:
        with transaction():
            verbs.save(current(), code, request.form)
    except Refused as refused:
        return _page(code, {refused.field or "": gettext(refused.message, **refused.values)}, request.form), 422
    forget()
    flash(gettext("Saved."), "calm")
    return redirect(url_for("categories.categories"), 303)


def _page(code: str, errors: dict[str, str], form: Mapping[str, str] | None) -> str:
    one = verbs.category_for(current(), code)
    shown: Mapping[str, str] = form or {
        **{name: getattr(one, name) for name in ("name_kk", "name_ru", "name_en", "fields")},
        "base_priority": one.base_priority.value,
        "choice": str(one.choice or ""),
        "synonyms": verbs.synonyms(one),
        "on": "" if one.extra.get("off") else "1",
    }
    return render_template(
        "categories/category.html",
        one=one,
        typed=shown,
        errors=errors,
        queue=gettext(QUEUES[one.queue]),
        priority_options=[(each.value, each.value) for each in Priority],
        choice_options=[("", "—"), *((str(number), gettext(words)) for number, words in CHOICES.items())],
    )
