"""A request followed by the person who made it: by number and secret, or by the link that was sent."""

import io

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import requester
from helpdesk.callbacks.calling_off import call_off
from helpdesk.intake.accept import accept
from helpdesk.intake.incoming import Incoming, IncomingFile
from helpdesk.intake.webform import form_id, text_problem
from helpdesk.kernel import clock, settings, store
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.organizations.queries import desk
from helpdesk.sla.rules import APPEAL_DAYS
from helpdesk.tickets import actions, linking
from helpdesk.tickets.handover_queries import term_here
from helpdesk.tickets.lineage import locked_survivor, survivor
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.opinion_queries import open_opinion
from helpdesk.tickets.queries import public_messages, ticket_by_secret, ticket_by_token, token_of
from helpdesk.tickets.rules import UNFINISHED, Channel, Resolution, TicketState
from helpdesk.web import limits
from helpdesk.web.public import PREFIX
from helpdesk.web.public_again import keep_what_was_typed
from helpdesk.web.public_fields import read_files, read_text, sealed
from helpdesk.web.public_path import way_up

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

TAKEN_BACK = N_("You have taken this request back. If you need help after all, tell us within 7 days.")


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
        ticket = ticket_by_token(token)
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
        asked = ticket_by_token(token)
        ticket = locked_survivor(asked.id)
        if ticket.state in UNFINISHED and decides_on(asked, ticket):
            actions.resolve(ticket, Resolution.SOLVED, requester(ticket.contact_id))
    flash(gettext("Thank you for telling us."), "calm")
    return redirect(url_for("public_status.show", language=language, token=token), 303)


@door.post(PREFIX + "/t/<token>/withdraw")
@limits.limiter.limit(limits.FORM)
def withdraw(language: str, token: str) -> ResponseReturnValue:
    """The person needs no help any more: nobody works on it and nobody calls back. Undone by "not solved"."""
    with transaction():
        asked = ticket_by_token(token)
        ticket = locked_survivor(asked.id)
        if ticket.state in UNFINISHED and decides_on(asked, ticket):
            by = requester(ticket.contact_id)
            actions.resolve(ticket, Resolution.WITHDRAWN, by)
            call_off(ticket.id, by)
    flash(gettext("You have taken your request back."), "calm")
    return redirect(url_for("public_status.show", language=language, token=token), 303)


@door.post(PREFIX + "/t/<token>/not-solved")
@limits.limiter.limit(limits.FORM)
def not_solved(language: str, token: str) -> ResponseReturnValue:
    """The person says that it is not settled after all."""
    try:
        with transaction():
            asked = ticket_by_token(token)
            ticket = locked_survivor(asked.id)
            by, new = requester(ticket.contact_id), None
            if decides_on(asked, ticket) and actions.settled_long_ago(ticket):
                new = linking.follow_up(ticket, by, clock.now())
            elif decides_on(asked, ticket):
                actions.reopen(ticket, by)
    except Refused as refusal:
        flash(gettext(refusal.message, **refusal.values), "breach")
    else:
        if new is not None:
            return redirect(url_for("public.done", language=language, token=token_of(new)), 303)
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


def decides_on(asked: Ticket, now: Ticket) -> bool:
    """Whether who asked on the one may settle and reopen the other: it is the same ticket, or the same person's."""
    return asked.id == now.id or (asked.contact_id is not None and asked.contact_id == now.contact_id)


def _asks(ticket: Ticket) -> bool:
    """Whether the person is asked now how satisfied they are; never where the matter goes on elsewhere."""
    try:
        return ticket.merged_into_id is None and open_opinion(ticket) is not None
    except NotFound:
        return False


def _page(
    ticket: Ticket,
    token: str,
    problems: dict[str, Refused] | None = None,
    text: str = "",
    files: tuple[IncomingFile, ...] = (),
) -> str:
    errors = {field: gettext(refusal.message, **refusal.values) for field, refusal in (problems or {}).items()}
    now = survivor(ticket)
    decides = decides_on(ticket, now)
    return render_template(
        "public/ticket.html",
        ticket=ticket,
        token=token,
        situation=gettext(TAKEN_BACK if now.resolution is Resolution.WITHDRAWN else SITUATIONS[now.state]),
        way_up=way_up(now) if decides else (),
        law_days=APPEAL_DAYS,
        due=now.due_at,
        answered=now.first_responded_at is not None,
        late=now.due_at is not None and now.due_at < clock.now(),
        holder=desk(now.desk_id).organization,
        holder_due=term_here(now),
        together=now.number if decides and now is not ticket else "",
        messages=public_messages(ticket),
        unfinished=decides and now.state in UNFINISHED,
        may_reopen=decides and now.state not in UNFINISHED,
        asks=_asks(ticket),
        callback_door=CALLBACK_DOOR if CALLBACK_DOOR in current_app.view_functions else "",
        form_id=form_id(""),
        errors=errors,
        text=text,
        kept_files=[(one, sealed(one)) for one in files],
    )
