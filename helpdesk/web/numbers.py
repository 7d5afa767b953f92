"""Numbers that are turned away and numbers that are never rung: the supervisors' list."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.telephony import number_rules
from helpdesk.telephony.conversation_rules import NumberRule
from helpdesk.web.access import current, staff_only

door = Blueprint("numbers", __name__, url_prefix="/numbers")

RULES = {
    NumberRule.BLOCKED: N_("Calls from it are turned away"),
    NumberRule.DO_NOT_CALL: N_("It is never rung"),
}
# How long a rule holds, in days; "" for good.
TERMS = {"1": N_("one day"), "7": N_("one week"), "30": N_("30 days"), "": N_("until it is lifted")}


@door.get("")
@staff_only(Role.SUPERVISOR)
def numbers() -> ResponseReturnValue:
    """The rules that hold now, and the form for one more."""
    return _page()


@door.post("")
@staff_only(Role.SUPERVISOR)
def add() -> ResponseReturnValue:
    """One more rule, with its reason."""
    days, rule = request.form.get("days", ""), request.form.get("rule", "")
    try:
        if rule not in NumberRule.__members__.values():
            raise Refused(N_("Choose what shall happen with the number"), field="rule")
        until = clock.now() + timedelta(days=int(days)) if days in TERMS and days else None
        with transaction():
            number_rules.add(
                current(), request.form.get("number", ""), NumberRule(rule), request.form.get("reason", ""), until
            )
    except Refused as refused:
        return _page({refused.field or "number": gettext(refused.message, **refused.values)}), 422
    flash(gettext("The rule holds from now on."), "calm")
    return redirect(url_for("numbers.numbers"), 303)


@door.post("/<int:entry_id>/lift")
@staff_only(Role.SUPERVISOR)
def lift(entry_id: int) -> ResponseReturnValue:
    """The rule holds no more."""
    with transaction():
        number_rules.lift(current(), entry_id)
    flash(gettext("The rule is lifted."), "calm")
    return redirect(url_for("numbers.numbers"), 303)


def _page(errors: dict[str, str] | None = None) -> str:
    return render_template(
        "numbers/numbers.html",
        rules=number_rules.rules_for(current()),
        place=number_rules.desk_of(current()).organization,
        rule_words=RULES,
        rule_options=[(rule.value, gettext(words)) for rule, words in RULES.items()],
        term_options=[(days, gettext(words)) for days, words in TERMS.items()],
        errors=errors or {},
        typed=request.form,
    )
