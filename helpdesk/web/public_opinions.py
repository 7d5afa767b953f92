"""Are you satisfied? Asked by the link of the letter or on the page of the request: no account, no script."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import requester
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import gettext
from helpdesk.tickets import opinion_actions
from helpdesk.tickets.opinion_queries import open_opinion
from helpdesk.tickets.opinion_rules import GRADES
from helpdesk.tickets.queries import ticket_by_token
from helpdesk.web import limits
from helpdesk.web.public import PREFIX
from helpdesk.web.public_again import keep_what_was_typed
from helpdesk.web.public_fields import read_text

door = Blueprint("public_opinions", __name__)
keep_what_was_typed(door)


@door.get(PREFIX + "/t/<token>/opinion")
@limits.limiter.limit(limits.STEPS)
def ask(language: str, token: str) -> ResponseReturnValue:
    """The question, with what was answered already; where it is over, the page of the request."""
    ticket = ticket_by_token(token)
    try:
        opinion = open_opinion(ticket)
    except NotFound:
        return redirect(url_for("public_status.show", language=language, token=token))
    return _page(token, str(opinion.grade or ""), opinion.words, {})


@door.post(PREFIX + "/t/<token>/opinion")
@limits.limiter.limit(limits.FORM)
def answer(language: str, token: str) -> ResponseReturnValue:
    """A grade and perhaps a word; another one within seven days instead."""
    given, words = request.form.get("grade", ""), read_text("words")
    try:
        with transaction():
            ticket = ticket_by_token(token)
            grade = int(given) if given.isdecimal() and len(given) < 3 else None
            opinion_actions.answer(open_opinion(ticket, lock=True), grade, words, requester(ticket.contact_id))
    except NotFound:
        ticket_by_token(token)
        flash(gettext("The time for this answer is over. Thank you all the same!"), "amber")
        return redirect(url_for("public_status.show", language=language, token=token), 303)
    except Refused as refused:
        return _page(token, given, words, {refused.field or "": gettext(refused.message, **refused.values)}), 422
    flash(gettext("Thank you for telling us."), "calm")
    return redirect(url_for("public_status.show", language=language, token=token), 303)


def _page(token: str, grade: str, words: str, errors: dict[str, str]) -> str:
    grades = [(str(number), gettext(said)) for number, said in GRADES.items()]
    return render_template("public/opinion.html", token=token, grade=grade, words=words, grades=grades, errors=errors)
