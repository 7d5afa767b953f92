"""One ticket: what was said and done, and everything that staff do with it. Works with forms alone."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import Actor, staff
from helpdesk.kernel import clock, store
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Conflict, NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.notifications import notice_actions
from helpdesk.organizations.queries import desk
from helpdesk.routing.queries import category, matching
from helpdesk.routing.rules import Circumstances
from helpdesk.tickets import actions, drafts, linking, shifts, snoozing, tags, watching
from helpdesk.tickets.lineage import merged_ticket
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import attachment_of, ticket_by_number
from helpdesk.tickets.rules import DraftKind, Resolution, TicketState
from helpdesk.web import enclosed
from helpdesk.web.access import current, staff_only
from helpdesk.web.board import query_of, read_filter
from helpdesk.web.handovers import to_what_we_sent
from helpdesk.web.looks import note_look
from helpdesk.web.ticket_page import NOBODY, other_queue, render, snooze_moments

door = Blueprint("tickets", __name__)

# What a verb gives back is the ticket that goes on instead of this one.
Verb = Callable[[Ticket, Actor, Mapping[str, str]], Ticket | None]


@door.get("/tickets/<number>")
@staff_only()
def ticket(number: str) -> ResponseReturnValue:
    """The page of a ticket, beside the list that it was opened from."""
    try:
        found = ticket_by_number(current(), number)
    except NotFound:
        return to_what_we_sent(number)
    note_look(found)
    return render(found, read_filter(request.args))


@door.get("/tickets/<number>/files/<int:attachment_id>")
@staff_only()
def attachment(number: str, attachment_id: int) -> ResponseReturnValue:
    """A file of the ticket, to be kept, never to be shown inside our pages."""
    of = ticket_by_number(current(), number)
    found = attachment_of(of, attachment_id)
    path = store.path(current_app.extensions["settings"].var_dir, found.digest)
    if not path.is_file():
        raise NotFound
    note_look(of, attachment_id=found.id)
    answer: Response = send_file(path, mimetype=found.content_type, as_attachment=True, download_name=found.name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@door.post("/tickets/<number>/<verb>")
@staff_only()
def act(number: str, verb: str) -> ResponseReturnValue:
    """Do something with the ticket. What was typed survives a refusal, and a colleague who was faster."""
    do = VERBS.get(verb)
    if do is None:
        raise NotFound
    by = staff(current().id)
    version = request.form.get("version", "")
    if verb == "reply":
        enclosed.take()
    try:
        with transaction():
            found = ticket_by_number(current(), number, lock=True)
            actions.check_version(found, int(version) if version.isdigit() else None)
            instead = do(found, by, request.form)
            # whoever works on a ticket has seen what is new on it
            notice_actions.read(by, ticket_id=found.id)
    except Conflict:
        words = N_(
            "Somebody changed this ticket meanwhile. Your text is kept: look at what is new, then send it again."
        )
        return _again(number, verb, words, None), 409
    except Refused as refused:
        return _again(number, verb, gettext(refused.message, **refused.values), refused.field), 422
    return redirect(_after(instead.number if instead is not None else number), 303)


def _after(number: str) -> str:
    wanted = query_of(read_filter(request.form))
    try:
        ticket_by_number(current(), number)
    except NotFound:
        flash(gettext("This ticket is now shown only to those who may read its subject."), "amber")
        return url_for("board.board", **wanted)
    return url_for("tickets.ticket", number=number, **wanted)


def _again(number: str, verb: str, words: str, field: str | None) -> str:
    found = ticket_by_number(current(), number)
    note_look(found)
    return render(found, read_filter(request.form), verb, {field or "": gettext(words)}, request.form)


# ── the verbs of the page: what each reads out of its form ────────────────────────────────────────────────────────


def _reply(ticket: Ticket, by: Actor, form: Mapping[str, str]) -> None:
    to = form.get("to", "")
    files = enclosed.attachments()
    actions.reply(ticket, form.get("body", ""), by, files, to=merged_ticket(ticket, to) if to else None)
    drafts.drop(ticket.id, by.id, DraftKind.REPLY)


def _note(ticket: Ticket, by: Actor, form: Mapping[str, str]) -> None:
    if not form.get("note", "").strip():
        raise Refused(N_("Write the note first"), field="note")
    actions.note(ticket, form["note"], by)
    drafts.drop(ticket.id, by.id, DraftKind.NOTE)


def _take(ticket: Ticket, by: Actor, _form: Mapping[str, str]) -> None:
    actions.assign(ticket, by.id, by)


def _assign(ticket: Ticket, by: Actor, form: Mapping[str, str]) -> None:
    chosen = form.get("staff_id", "")
    if not chosen:
        raise Refused(N_("Say to whom"), field="staff_id")
    if chosen == NOBODY:
        actions.assign(ticket, None, by)
        return
    if not chosen.isdigit():
        raise NotFound
    shifts.pass_on(ticket, int(chosen), by, form.get("told_colleague", "")[:5000])


def _wait(ticket: Ticket, by: Actor, form: Mapping[str, str]) -> None:
    others = form.get("waits_for") == TicketState.WAITING.value
    state = TicketState.WAITING if others else TicketState.WAITING_REQUESTER
    actions.wait(ticket, by, form.get("reason", "").strip(), state)


def _resume(ticket: Ticket, by: Actor, _form: Mapping[str, str]) -> None:
    actions.resume(ticket, by)


def _resolve(ticket: Ticket, by: Actor, form: Mapping[str, str]) -> None:
    chosen = form.get("resolution", "")
    if chosen not in set(Resolution):
        raise Refused(N_("Choose why the ticket counts as resolved"), field="resolution")
    told = actions.resolve(ticket, Resolution(chosen), by, form.get("body", ""))
    if "children" in form:
        linking.settle_children(ticket, Resolution(chosen), told, by)


def _reopen(ticket: Ticket, by: Actor, _form: Mapping[str, str]) -> Ticket | None:
    if actions.settled_long_ago(ticket):
        return linking.follow_up(ticket, by, clock.now())
    actions.reopen(ticket, by)
    return None


def _category(ticket: Ticket, by: Actor, form: Mapping[str, str]) -> None:
    known = Circumstances(
        lesson_now="lesson_now" in form,
        within_24h="within_24h" in form,
        whole_class="whole_class" in form,
        whole_school="whole_school" in form,
        vulnerable_household="vulnerable_household" in form,
    )
    actions.recategorise(ticket, chosen_category(form), by, known, form.get("lowered_because", "")[:2000])


def chosen_category(form: Mapping[str, str]) -> str:
    """The code that was chosen, or without JavaScript typed in words that fit one category. Raises Refused."""
    chosen = form.get("category", "")
    if not chosen:
        found = matching(form.get("category_text", ""))
        typed = form.get("category_text", "").strip().upper()
        exact = [one for one in found if one.code == typed.split(" ")[0]]
        if not typed or (len(found) != 1 and not exact):
            raise Refused(N_("Choose one category from the list"), field="category_text")
        return (exact or found)[0].code
    try:
        return category(chosen).code
    except NotFound:
        raise Refused(N_("Choose one category from the list"), field="category_text") from None


def _queue(ticket: Ticket, by: Actor, _form: Mapping[str, str]) -> None:
    actions.reroute(ticket, other_queue(ticket).value, by)


def _snooze(ticket: Ticket, by: Actor, form: Mapping[str, str]) -> None:
    zone = ZoneInfo(desk(ticket.desk_id).organization.zone)
    chosen, typed = form.get("when", ""), form.get("until", "").strip()
    if chosen in snooze_moments(zone):
        snoozing.snooze(ticket, snooze_moments(zone)[chosen], by)
        return
    try:
        until = datetime.fromisoformat(typed).replace(tzinfo=zone)
    except ValueError:
        raise Refused(N_("Say until when: day and time"), field="until") from None
    snoozing.snooze(ticket, until, by)


def _wake(ticket: Ticket, by: Actor, _form: Mapping[str, str]) -> None:
    snoozing.wake(ticket, by)


def _tag(ticket: Ticket, by: Actor, form: Mapping[str, str]) -> None:
    tags.put_on(ticket, form.get("tag_text", "")[:500] or form.get("tag", ""), by)


def _watch(ticket: Ticket, by: Actor, _form: Mapping[str, str]) -> None:
    watching.watch(ticket, by)


def _unwatch(ticket: Ticket, by: Actor, _form: Mapping[str, str]) -> None:
    watching.unwatch(ticket, by)


VERBS: dict[str, Verb] = {
    "tag": _tag,
    "watch": _watch,
    "unwatch": _unwatch,
    "snooze": _snooze,
    "wake": _wake,
    "reply": _reply,
    "note": _note,
    "take": _take,
    "assign": _assign,
    "wait": _wait,
    "resume": _resume,
    "resolve": _resolve,
    "reopen": _reopen,
    "category": _category,
    "queue": _queue,
}
