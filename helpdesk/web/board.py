"""The operators' board: my desks' queues, due first."""

from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    get_template_attribute,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from werkzeug.datastructures import MultiDict

from helpdesk.audit.actor import staff
from helpdesk.callbacks.queries import open_promises
from helpdesk.identity.rules import Permission, Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import DEFAULT_ZONE, LANGUAGES, N_, gettext, language, ngettext, number_text
from helpdesk.organizations.queries import desks
from helpdesk.routing.queries import categories, category
from helpdesk.routing.rules import Queue
from helpdesk.search import view_queries
from helpdesk.search.view_queries import View as SavedView
from helpdesk.tickets import actions
from helpdesk.tickets import board as lists
from helpdesk.tickets.board import VIEWS, BoardFilter, BoardPage
from helpdesk.tickets.board_counts import COUNT_LIMIT, Counts, counts
from helpdesk.tickets.board_rules import Order
from helpdesk.tickets.labels import QUEUES, STATES
from helpdesk.tickets.queries import ticket_by_number
from helpdesk.web.access import current, staff_only, visitor
from helpdesk.web.events import desks_of

door = Blueprint("board", __name__)


@door.before_request
def begin_elsewhere() -> ResponseReturnValue | None:
    """The board is where everybody begins; who keeps personal data and no tickets begins at what they keep."""
    person = visitor()
    if person is None or request.endpoint != "board.board" or any(person.has(role) for role in Role):
        return None
    return redirect(url_for("administration.start")) if person.has(Permission.DATA_OFFICER) else None


VIEW_WORDS: dict[str, str] = {
    "mine": N_("Mine"),
    "all": N_("All"),
    "unassigned": N_("Unassigned"),
    "waiting": N_("Waiting"),
    "breached": N_("Overdue"),
    "arrived": N_("To acknowledge"),
    "snoozed": N_("Put aside"),
}
# How links call a saved view: this and its id.
SAVED = "saved-"
# Ids that a page may ask about at once: more than a page shows.
ONLY = 100
# A list of desks to choose from that is longer than this is no choice: the highest desks are named.
DESKS = 100


@dataclass(frozen=True)
class View:
    """One line of the column of views."""

    href: str
    words: str
    name: str
    count: str
    here: bool
    saved: bool = False


@door.get("/board")
@staff_only()
def board() -> ResponseReturnValue:
    """One page of a view."""
    wanted = read_filter(request.args)
    if request.args.get("view", "").startswith(SAVED) and not wanted.view.startswith(SAVED):
        raise NotFound
    page = lists.board(current(), wanted, request.args.get("after"))
    return render_template(
        "board/board.html",
        desks=_desk_choices(),
        queues=[(one.value, gettext(words)) for one, words in QUEUES.items()],
        after=request.args.get("after"),
        **listed(wanted, page),
    )


@door.get("/board/rows")
@staff_only()
def rows() -> ResponseReturnValue:
    """The same lines and counters for a page that is open: all of them, or only the tickets named."""
    wanted = read_filter(request.args)
    only = [int(one) for one in request.args.get("only", "").split(",") if one.isdigit()][:ONLY] or None
    limit = min(max(request.args.get("limit", 50, type=int), 1), 50)
    page = lists.board(current(), wanted, request.args.get("after"), limit=len(only) if only else limit, only=only)
    line, values = get_template_attribute("board/line.html", "line"), line_values(wanted)
    lines = {str(row.id): line(row, **values) for row in page.rows}
    return jsonify(order=[row.id for row in page.rows], lines=lines, counts=_count_words(_found_counts()))


@door.post("/board/take")
@staff_only()
def take() -> ResponseReturnValue:
    """Assign the chosen tickets to me; those that somebody settled meanwhile are left as they are."""
    numbers = request.form.getlist("number")[:ONLY]
    taken = 0
    for number in numbers:
        try:
            with transaction():
                actions.assign(ticket_by_number(current(), number, lock=True), current().id, staff(current().id))
            taken += 1
        except (NotFound, Refused):
            continue
    flash(ngettext("Assigned to me: %(n)s ticket", "Assigned to me: %(n)s tickets", taken), "calm")
    return redirect(url_for("board.board", **query_of(read_filter(request.form))), 303)


def read_filter(given: MultiDict[str, str]) -> BoardFilter:
    """The filter that a link or a form names; what it does not know narrows nothing."""
    view, queue, desk, spoken = (given.get(name, "") for name in ("view", "queue", "desk", "language"))
    saved = _saved_view(view) if view.startswith(SAVED) else None
    return BoardFilter(
        view=view if view in VIEWS or saved else "all",
        order=saved.order if saved else Order.DUE,
        narrowing=_narrowing(saved) if saved else (),
        queue=Queue(queue) if queue in set(Queue) else None,
        desk_id=int(desk) if desk.isdigit() and len(desk) < 10 else None,
        language=spoken if spoken in LANGUAGES else None,
    )


def query_of(wanted: BoardFilter) -> dict[str, Any]:
    """The filter as the query of a link."""
    given = {
        "view": wanted.view,
        "queue": wanted.queue.value if wanted.queue else "",
        "desk": str(wanted.desk_id or ""),
        "language": wanted.language or "",
    }
    return {key: value for key, value in given.items() if value}


def listed(wanted: BoardFilter, page: BoardPage, limit: int = 50) -> dict[str, object]:
    """What the templates of the columns of views and lines need. One statement, for the counters."""
    found = _found_counts()
    query = query_of(wanted)
    return {
        "wanted": wanted,
        "query": query,
        "page": page,
        "limit": limit,
        "views": _views(wanted, found),
        "total": _count(found.numbers.get(wanted.view, 0), found.cut) if len(query) == 1 else None,
        "next": url_for("board.board", after=page.next, **query) if page.next else "",
        "state_words": STATES,
        **line_values(wanted),
    }


def line_values(wanted: BoardFilter) -> dict[str, object]:
    """What a single line needs."""
    # the address is built once and the number put in: building it for each line would cost more than the line
    before, _, after = url_for("tickets.ticket", number="NUMBER", **query_of(wanted)).partition("NUMBER")
    return {
        "states": {state: gettext(words) for state, words in STATES.items()},
        "category_name": category_name,
        "me": current().id,
        "link": lambda number: f"{before}{number}{after}",
        "choose": lambda number: gettext("Choose: %(number)s", number=number),
    }


def category_name(code: str | None) -> str:
    """What a ticket is about, in the language spoken now."""
    return category(code).name(language()) if code else gettext("No category yet")


def my_views() -> list[SavedView]:
    """The saved views of my column, the hidden ones too. Usually no statement."""
    return view_queries.remembered_column(current())


def _saved_view(name: str) -> SavedView | None:
    """One of them by its name in a link; asked for again when it is not known, somebody may just have made it."""
    found = next((one for one in my_views() if saved_name(one) == name), None)
    if found is None and name.startswith(SAVED):
        view_queries.forget()
        found = next((one for one in my_views() if saved_name(one) == name), None)
    return found


def saved_name(view: SavedView) -> str:
    """How links and counters call it."""
    return f"{SAVED}{view.id}"


def _narrowing(view: SavedView) -> tuple[ColumnElement[bool], ...]:
    today = clock.now().astimezone(DEFAULT_ZONE).date()
    return view_queries.conditions(current(), view.filter, today, {one.code for one in categories()}, DEFAULT_ZONE)


def _found_counts() -> Counts:
    saved = {saved_name(one): _narrowing(one) for one in my_views() if not one.hidden}
    return counts(current(), {"callbacks": open_promises(current())}, saved)


def _views(wanted: BoardFilter, found: Counts) -> list[View]:
    told = _count_words(found)
    views = [
        View(
            url_for("board.board", view=name),
            gettext(words),
            name,
            told[name],
            wanted.view == name and wanted.queue is None,
        )
        for name, words in VIEW_WORDS.items()
    ]
    views += [
        View(
            url_for("board.board", view="all", queue=queue.value),
            gettext(words).capitalize(),
            queue.value,
            told[queue.value],
            wanted.queue is queue,
        )
        for queue, words in QUEUES.items()
    ]
    if "callbacks.board" in current_app.view_functions:
        href = url_for("callbacks.board")
        views.append(View(href, gettext("Callbacks"), "callbacks", told["callbacks"], False))
    shown = ((saved_name(one), one.name) for one in my_views() if not one.hidden)
    views += [
        View(url_for("board.board", view=name), words, name, told[name], wanted.view == name, saved=True)
        for name, words in shown
        # one that a colleague made since they were counted comes with the next page
        if name in told
    ]
    return views


def _count(number: int, cut: bool = False) -> str:
    if number > COUNT_LIMIT:
        return f"{number_text(COUNT_LIMIT)}+"
    return f"{number_text(number)}+" if cut else number_text(number)


def _count_words(found: Counts) -> dict[str, str]:
    return {name: _count(number, found.cut and name != "callbacks") for name, number in found.numbers.items()}


def _desk_choices() -> list[tuple[str, str]]:
    mine = desks_of(current())
    known = sorted(
        (one.organization for one in desks().values() if one.id in mine), key=lambda one: one.path.count("/")
    )
    highest = sorted(known[:DESKS], key=lambda one: one.sort_key)
    return [(str(one.id), one.short(language())) for one in highest]
