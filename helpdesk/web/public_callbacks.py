"""A parent asks to be called back about a request, from its page."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import requester
from helpdesk.callbacks import actions
from helpdesk.callbacks.queries import dialling_hours
from helpdesk.callbacks.windows import Window, windows
from helpdesk.contacts.models import Contact
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_, gettext, moment_text, time_text
from helpdesk.organizations.queries import desk
from helpdesk.tickets.lineage import survivor
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_by_token
from helpdesk.tickets.rules import UNFINISHED
from helpdesk.web import limits
from helpdesk.web.callbacks import read_number
from helpdesk.web.public import PREFIX

door = Blueprint("public_callbacks", __name__)


@door.get(PREFIX + "/t/<token>/callback")
@limits.limiter.limit(limits.STEPS)
def ask(language: str, token: str) -> ResponseReturnValue:
    """On which number?"""
    found = ticket_by_token(token)
    return _form(found, token, _known_number(found))


@door.post(PREFIX + "/t/<token>/callback")
@limits.limiter.limit(limits.FORM)
def promise(language: str, token: str) -> ResponseReturnValue:
    """The promise, with its moment. Asking twice gives the same promise."""
    typed = request.form.get("number", "")[:60]
    try:
        with transaction():
            found = ticket_by_token(token)
            if survivor(found).state not in UNFINISHED:
                raise Refused(N_("This request is settled. Tell us first that it is not."))
            number = read_number(typed, desk(found.desk_id).area_code)
            wish = actions.wish_about(found, number, "web")
            chosen = _chosen(found)
            if chosen is not None:
                wish = replace(wish, not_before=chosen.begins, not_after=chosen.ends)
            made = actions.request(wish, by=requester(found.contact_id))
    except Refused as refused:
        errors = {refused.field or "number": gettext(refused.message, **refused.values)}
        return _form(ticket_by_token(token), token, typed, errors), 422
    flash(gettext("We call you back, at the latest: %(moment)s", moment=moment_text(made.promised_at)), "calm")
    return redirect(url_for("public_status.show", language=language, token=token), 303)


def _windows(found: Ticket) -> list[Window]:
    return windows(dialling_hours(desk(found.desk_id)), clock.now())


def _chosen(found: Ticket) -> Window | None:
    """The stretch of the day that was asked for; None is as soon as possible. Raises Refused when it has passed."""
    when = request.form.get("when", "")[:40]
    if not when:
        return None
    chosen = next((one for one in _windows(found) if one.begins.isoformat() == when), None)
    if chosen is None:
        raise Refused(N_("This time has passed. Please choose another one."), field="when")
    return chosen


def _known_number(found: Ticket) -> str:
    contact = session().get(Contact, found.contact_id) if found.contact_id else None
    return contact.phones[0].number if contact is not None and contact.phones else ""


def _form(found: Ticket, token: str, number: str, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "public/callback.html",
        ticket=found,
        token=token,
        number=number,
        errors=errors or {},
        when=request.form.get("when", ""),
        when_options=[
            ("", gettext("as soon as possible")),
            *(
                (one.begins.isoformat(), f"{moment_text(one.begins)} – {time_text(one.ends)}")
                for one in _windows(found)
            ),
        ],
        latest=actions.promise_of(desk(found.desk_id)).latest,
    )
