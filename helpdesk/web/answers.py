"""Canned answers: pages where they are written, and the step between choosing one and sending it."""

from collections.abc import Mapping
from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Conflict, NotFound, Refused
from helpdesk.kernel.i18n import LANGUAGES, N_, gettext, language
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desks
from helpdesk.tickets import actions, answer_actions, answer_queries
from helpdesk.tickets.answer_actions import Draft
from helpdesk.tickets.answer_models import CannedAnswer
from helpdesk.tickets.answer_queries import WRITERS, Answer
from helpdesk.tickets.answer_rules import PLACEHOLDERS, AnswerMove, AssignTo
from helpdesk.tickets.labels import RESOLUTIONS
from helpdesk.tickets.lineage import merged_ticket
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_by_number
from helpdesk.tickets.rules import Resolution
from helpdesk.web.access import current, staff_only
from helpdesk.web.board import category_name
from helpdesk.web.pages import form_values
from helpdesk.web.tickets import chosen_category

door = Blueprint("answers", __name__)

MOVES = {AnswerMove.WAIT: N_("Wait for the requester"), AnswerMove.RESOLVE: N_("Resolve")}
ASSIGNS = {AssignTo.ME: N_("Assign to whoever answers"), AssignTo.NOBODY: N_("Assign to nobody")}
# A choice of more places than these names the highest.
PLACES = 200


@door.get("/answers")
@staff_only(*WRITERS)
def answers() -> ResponseReturnValue:
    """The answers of the part of the tree that I supervise or administer."""
    return render_template("answers/answers.html", answers=answer_queries.written(current()))


@door.get("/answers/new")
@staff_only(*WRITERS)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _form({"active": "1"}, {})


@door.post("/answers/new")
@staff_only(*WRITERS)
def create() -> ResponseReturnValue:
    """Write a new answer."""
    return _saved(None)


@door.get("/answers/<int:answer_id>")
@staff_only(*WRITERS)
def edit(answer_id: int) -> ResponseReturnValue:
    """An answer as it stands."""
    return _form(_values(answer_queries.answer_for(current(), answer_id)), {})


@door.post("/answers/<int:answer_id>")
@staff_only(*WRITERS)
def change(answer_id: int) -> ResponseReturnValue:
    """Change it; whoever has it open already sends what they see."""
    return _saved(answer_id)


@door.post("/tickets/<number>/answers")
@staff_only()
def choose(number: str) -> ResponseReturnValue:
    """What the chosen answer would say and do, with what was typed already. Changes nothing."""
    ticket = ticket_by_number(current(), number)
    given = request.form.get("answer", "")
    if not given.isdigit() or len(given) > 18:
        flash(gettext("Choose an answer from the list"), "amber")
        return redirect(url_for("tickets.ticket", number=number), 303)
    return _preview(ticket, answer_queries.offered_one(ticket, int(given)), {})


@door.post("/tickets/<number>/answers/<int:answer_id>")
@staff_only()
def send(number: str, answer_id: int) -> ResponseReturnValue:
    """Say it and do it, in one step."""
    to, version = request.form.get("to", ""), request.form.get("version", "")
    try:
        with transaction():
            found = ticket_by_number(current(), number, lock=True)
            actions.check_version(found, int(version) if version.isdigit() else None)
            shown = ticket_by_number(current(), number)
            answer = answer_queries.offered_one(found, answer_id)
            receiver = merged_ticket(found, to) if to else None
            # an official position goes out as it was approved, whatever a browser sends
            words = request.form.get("body", "")
            text = answer_queries.text_for(answer, receiver or shown, current().name) if answer.locked else words
            answer_actions.use(found, answer, text, staff(current().id), receiver)
    except (Conflict, Refused) as refused:
        ticket = ticket_by_number(current(), number)
        told = (
            gettext(refused.message, **refused.values)
            if isinstance(refused, Refused)
            else gettext("Somebody changed this ticket meanwhile: look at it again.")
        )
        answer = answer_queries.offered_one(ticket, answer_id)
        return _preview(ticket, answer, {"": told}), 409 if isinstance(refused, Conflict) else 422
    return redirect(url_for("tickets.ticket", number=number), 303)


def _preview(ticket: Ticket, answer: Answer, errors: Mapping[str, str]) -> str:
    to = request.form.get("to", "")
    receiver = merged_ticket(ticket, to) if to else ticket
    text = answer_queries.text_for(answer, receiver, current().name)
    typed = request.form.get("body", "").strip()
    again = request.endpoint == "answers.send"
    return render_template(
        "answers/preview.html",
        ticket=ticket,
        answer=answer,
        title=answer.titles[language()],
        text=text,
        typed=typed,
        body=typed if again else "\n\n".join(part for part in (typed, text) if part),
        does=_does(answer),
        to=to,
        errors=errors,
    )


def _does(answer: Answer) -> list[str]:
    """What happens besides the words, one line each."""
    does = []
    if answer.category_code:
        does.append(gettext("Category: %(category)s", category=category_name(answer.category_code)))
    if answer.assign_to:
        does.append(gettext(ASSIGNS[answer.assign_to]))
    if answer.move is AnswerMove.RESOLVE:
        does.append(gettext("Resolved: %(resolution)s", resolution=_resolution(answer)))
    elif answer.move:
        does.append(gettext(MOVES[answer.move]))
    return does


def _resolution(answer: Answer) -> str:
    return gettext(RESOLUTIONS[answer.resolution]) if answer.resolution else ""


def _saved(answer_id: int | None) -> ResponseReturnValue:
    version = request.form.get("version", "")
    try:
        place = request.form.get("organization", "")
        draft = _draft(request.form)
        with transaction():
            known = answer_queries.answer_for(current(), answer_id, lock=True) if answer_id is not None else None
            at = _place(place)
            answer_actions.save(known, at, draft, staff(current().id), int(version) if version.isdigit() else None)
    except Conflict:
        words = gettext("Somebody changed this answer meanwhile. Your text is kept: compare, then save it again.")
        newest = str(answer_queries.answer_for(current(), answer_id or 0).version)
        return _form(form_values(request.form) | {"version": newest}, {"": words}), 409
    except Refused as refused:
        words = gettext(refused.message, **refused.values)
        return _form(form_values(request.form), {refused.field or "": words}), 422
    answer_actions.edited()
    flash(gettext("The answer is saved."), "calm")
    return redirect(url_for("answers.answers"), 303)


def _place(given: str) -> Organization:
    if not given.isdigit() or len(given) > 9:
        raise Refused(N_("Choose for whom the answer is"), field="organization")
    return answer_queries.place_for(current(), int(given))


def _draft(given: Mapping[str, str]) -> Draft:
    move, why, assigns = given.get("move", ""), given.get("resolution", ""), given.get("assign_to", "")
    return Draft(
        {code: given.get(f"title_{code}", "") for code in LANGUAGES},
        {code: given.get(f"body_{code}", "").replace("\r\n", "\n") for code in LANGUAGES},
        locked="locked" in given,
        active="active" in given,
        move=AnswerMove(move) if move in set(AnswerMove) else None,
        resolution=Resolution(why) if why in set(Resolution) else None,
        category_code=chosen_category(given)
        if given.get("category") or given.get("category_text", "").strip()
        else None,
        assign_to=AssignTo(assigns) if assigns in set(AssignTo) else None,
    )


def _values(row: CannedAnswer) -> dict[str, str]:
    values = {f"{part}_{code}": getattr(row, f"{part}_{code}") for part in ("title", "body") for code in LANGUAGES}
    values |= {"organization": str(row.organization_id), "version": str(row.version)}
    values |= {"move": row.move or "", "resolution": row.resolution or "", "assign_to": row.assign_to or ""}
    if row.category_code:
        values |= {
            "category": row.category_code,
            "category_text": f"{row.category_code} {category_name(row.category_code)}",
        }
    return values | {name: "1" for name in ("locked", "active") if getattr(row, name)}


def _form(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    roots = current().roots(*WRITERS)
    mine = [one.organization for one in desks().values() if one.organization.path.startswith(roots)]
    highest = sorted(mine, key=lambda one: (one.path.count("/"), one.sort_key))[:PLACES]
    places = [(str(one.id), one.name(language())) for one in highest]
    chosen = values.get("organization", "")
    if chosen.isdigit() and chosen not in {id_ for id_, _ in places}:
        with suppress(NotFound):
            places.append((chosen, answer_queries.place_for(current(), int(chosen)).name(language())))
    return render_template(
        "answers/form.html",
        values=values,
        errors=errors,
        scopes=places,
        placeholders={"{{" + name + "}}": words for name, words in PLACEHOLDERS.items()},
        moves=[("", gettext("nothing")), *((one.value, gettext(words)) for one, words in MOVES.items())],
        resolutions=[("", "–"), *((one.value, gettext(words)) for one, words in RESOLUTIONS.items())],
        assigns=[("", gettext("nothing")), *((one.value, gettext(words)) for one, words in ASSIGNS.items())],
    )
