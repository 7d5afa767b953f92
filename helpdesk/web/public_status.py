"""A request followed by the person who made it: by number and secret, or by the link that was sent."""

import io

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import requester
from helpdesk.intake.accept import accept
from helpdesk.intake.incoming import Incoming, IncomingFile
from helpdesk.intake.webform import form_id, text_problem
from helpdesk.kernel import clock, settings, store
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import public_messages, ticket_by_secret, ticket_by_token, token_of
from helpdesk.tickets.rules import UNFINISHED, Channel, Resolution, TicketState
from helpdesk.web import limits
from helpdesk.web.public import PREFIX
from helpdesk.web.public_again import keep_what_was_typed
from helpdesk.web.public_fields import read_files, read_text, sealed

door = Blueprint("public_status", __name__)
keep_what_was_typed(door)

# The page of one request offers "call me" when this door exists; it is given language and token.
CALLBACK_DOOR = "public_callbacks.ask"

# What happens now, in one sentence.
SITUATIONS = {
    TicketState.NEW: N_("Your request has been registered. An operator will read it and answer you."),
    TicketState.OPEN: N_("An operator is working on your request."),
    TicketState.WAITING_REQUESTER: N_("We have asked you a question and are waiting for your answer."),
    TicketState.WAITING: N_("We have asked another organization and are waiting for its answer."),
    TicketState.RESOLVED: N_("Your request has been resolved. If it has not, tell us within 7 days."),
    TicketState.CLOSED: N_("Your request is closed."),
}


@door.get(PREFIX + "/status")
def find(language: str) -> ResponseReturnValue:
    """Number and secret, please."""
    return render_template("public/find.html", errors={}, number="")


@door.post(PREFIX + "/status")
@limits.limiter.limit(limits.STATUS)
def found(language: str) -> ResponseReturnValue:
    """The request of this number and secret; a wrong number and a wrong secret are answered alike."""
    number = request.form.get("number", "")[:40]
    try:
        ticket = ticket_by_secret(number, request.form.get("secret", "")[:40])
    except NotFound:
        wrong = gettext("There is no request with this number and this secret code. Please check the digits.")
        return render_template("public/find.html", errors={"number": wrong}, number=number), 422
    return redirect(url_for("public_status.show", language=language, token=token_of(ticket)), 303)


@door.get(PREFIX + "/t/<token>")
@limits.limiter.limit(limits.STEPS)
def show(language: str, token: str) -> ResponseReturnValue:
    """What happens now, what we wait for, what was said; and everything that the person can do about it."""
    return _page(ticket_by_token(token), token)


@door.post(PREFIX + "/t/<token>/answer")
@limits.limiter.limit(limits.FORM)
def answer(language: str, token: str) -> ResponseReturnValue:
    """The person says something more."""
    text = read_text("text")
    files, photo_problem = read_files()
    problem = text_problem(text, "text", bool(files))
    problems = {refusal.field or "": refusal for refusal in (problem, photo_problem) if refusal}
    if problems:
        return _page(ticket_by_token(token), token, problems, text, files), 422
    with transaction():
        ticket = ticket_by_token(token, lock=True)
        accepted = accept(
            Incoming(
                key=f"web:{form_id(request.form.get('form_id', ''))}",
                channel=Channel.WEB,
                received_at=clock.now(),
                language=ticket.language,
                text=text,
                contact_id=ticket.contact_id,
                desk_id=ticket.desk_id,
                organization_id=ticket.organization_id,
                pupil_note=ticket.pupil_note,
                answer_by=ticket.answer_by,
                joins=ticket.id,
                files=files,
            ),
            requester(ticket.contact_id),
        )
    if accepted.opened:
        return redirect(url_for("public.done", language=language, token=token_of(accepted.ticket)), 303)
    flash(gettext("Your message has been added."), "calm")
    return redirect(url_for("public_status.show", language=language, token=token_of(accepted.ticket)), 303)


@door.post(PREFIX + "/t/<token>/solved")
@limits.limiter.limit(limits.FORM)
def solved(language: str, token: str) -> ResponseReturnValue:
    """The person says that the matter is settled. Saying it twice is saying it once."""
    with transaction():
        ticket = ticket_by_token(token, lock=True)
        if ticket.state in UNFINISHED:
            actions.resolve(ticket, Resolution.SOLVED, requester(ticket.contact_id))
    flash(gettext("Thank you for telling us."), "calm")
    return redirect(url_for("public_status.show", language=language, token=token), 303)


@door.post(PREFIX + "/t/<token>/not-solved")
@limits.limiter.limit(limits.FORM)
def not_solved(language: str, token: str) -> ResponseReturnValue:
    """The person says that it is not settled after all."""
    try:
        with transaction():
            ticket = ticket_by_token(token, lock=True)
            actions.reopen(ticket, requester(ticket.contact_id))
    except Refused as refusal:
        flash(gettext(refusal.message, **refusal.values), "breach")
    else:
        flash(gettext("We are working on it again. Write below what is still wrong."), "calm")
    return redirect(url_for("public_status.show", language=language, token=token), 303)


@door.get(PREFIX + "/t/<token>/file/<int:file_id>")
@limits.limiter.limit(limits.STEPS)
def file(language: str, token: str, file_id: int) -> ResponseReturnValue:
    """A file of a message that the person may read."""
    messages = public_messages(ticket_by_token(token))
    wanted = next((one for message in messages for one in message.attachments if one.id == file_id), None)
    if wanted is None:
        raise NotFound
    try:
        content = store.get(settings.current().var_dir, wanted.digest)
    except FileNotFoundError:
        raise NotFound from None
    return send_file(
        io.BytesIO(content), mimetype=wanted.content_type, as_attachment=True, download_name=wanted.name, max_age=0
    )


def _page(
    ticket: Ticket,
    token: str,
    problems: dict[str, Refused] | None = None,
    text: str = "",
    files: tuple[IncomingFile, ...] = (),
) -> str:
    errors = {field: gettext(refusal.message, **refusal.values) for field, refusal in (problems or {}).items()}
    answered = ticket.first_responded_at is not None
    return render_template(
        "public/ticket.html",
        ticket=ticket,
        token=token,
        situation=gettext(SITUATIONS[ticket.state]),
        due=ticket.due_at,
        answered=answered,
        late=ticket.due_at is not None and ticket.due_at < clock.now(),
        messages=public_messages(ticket),
        unfinished=ticket.state in UNFINISHED,
        may_reopen=ticket.state not in UNFINISHED and actions.can_reopen(ticket, clock.now()),
        callback_door=CALLBACK_DOOR if CALLBACK_DOOR in current_app.view_functions else "",
        form_id=form_id(""),
        errors=errors,
        text=text,
        kept_files=[(one, sealed(one)) for one in files],
    )
