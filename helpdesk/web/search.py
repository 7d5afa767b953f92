"""The search box of every staff page, and what it finds."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.kernel import clock, phones
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import DEFAULT_ZONE, N_, gettext, number_text
from helpdesk.routing.queries import categories
from helpdesk.search import excerpts, queries, rules
from helpdesk.search.excerpts import Excerpt, Parts
from helpdesk.search.view_rules import unusable
from helpdesk.tickets.board import BoardRow
from helpdesk.tickets.labels import MESSAGES, STATES
from helpdesk.tickets.queries import ticket_by_number
from helpdesk.web.access import current, staff_only
from helpdesk.web.board import category_name

door = Blueprint("search", __name__)

# What the box understands beside words, each with what it finds.
FILTERS = (
    ("queue:technical", N_("tickets of one queue")),
    ("status:open", N_("not finished; also new, waiting, resolved, closed, finished")),
    ("due<2h", N_("due within two hours; also due>1d and due:overdue")),
    ("school:905", N_("a school by its number")),
    ("lang:kk", N_("the language of the ticket")),
    ("assignee:me", N_("mine; nobody's by assignee:none")),
    ("category:T03", N_("a category by its code")),
    ("from:2026-11-01", N_("filed on this day or later; also from:yesterday")),
    ("before:2026-11-15", N_("filed before this day")),
    ("channel:phone", N_("how it reached us: phone, web, email and the like")),
    ("priority:P1", N_("a priority")),
    ("tag:біргеміз", N_("a tag, in any spelling")),
    ("-word", N_("tickets without this word")),
    ("кунд*", N_("words that begin so")),
)


@dataclass(frozen=True)
class Hit:
    """One line of the results."""

    row: BoardRow
    subject: Parts
    excerpt: Excerpt | None


@door.get("/search")
@staff_only()
def search() -> ResponseReturnValue:
    """Tickets and people; a whole ticket number leads straight to its ticket."""
    typed = request.args.get("q", "").strip()[: rules.LONGEST]
    if rules.is_number(typed):
        try:
            return redirect(url_for("tickets.ticket", number=ticket_by_number(current(), typed).number))
        except NotFound:
            pass
    today = clock.now().astimezone(DEFAULT_ZONE).date()
    asked = rules.read(typed, today, {one.code for one in categories()})
    if asked.problems:
        return _page(typed, asked), 422
    after = request.args.get("after")
    page = queries.tickets(current(), asked, DEFAULT_ZONE, after)
    if not page.count and asked.school and not queries.schools_of(asked.school):
        asked = rules.blamed(asked, f"school:{asked.school}", N_("No school has this number: %(number)s"), asked.school)
        return _page(typed, asked), 422
    people = queries.people(current(), asked.words) if asked.words and not after and not asked.filtered else []
    return _page(typed, asked, page, people, first=url_for("search.search", q=typed) if after else "")


def _page(
    typed: str,
    asked: rules.Asked,
    page: queries.Page | None = None,
    people: list[queries.Person] | None = None,
    first: str = "",
) -> str:
    number = phones.written(asked.words) if page else None
    said = queries.said_on(current(), page.rows) if page and (asked.terms or number) else {}
    hits = [
        Hit(
            row,
            excerpts.marked(row.subject, asked.terms, number),
            excerpts.best(said.get(row.id, ()), asked.terms, number),
        )
        for row in (page.rows if page else ())
    ]
    return render_template(
        "search/search.html",
        searched=typed,
        errors={"q": problem_words(asked.problems)} if asked.problems else {},
        search_refused=bool(asked.problems),
        hits=hits,
        people=people or [],
        count=_count(page.count) if page else "",
        many=page is not None and page.count > queries.NEWEST,
        nothing_asked=not asked.problems and not asked.terms and not asked.filtered and not number,
        next=url_for("search.search", q=typed, after=page.next) if page and page.next else "",
        first=first,
        as_view=asked.filtered and unusable(asked) is None,
        filters=FILTERS,
        states={state: gettext(words) for state, words in STATES.items()},
        kinds={kind: gettext(words) for kind, words in MESSAGES.items()},
        category_name=category_name,
    )


def problem_words(problems: tuple[rules.Problem, ...]) -> str:
    """Why filters cannot be used, in the language spoken now."""
    return "; ".join(f"{one.filter} — {gettext(one.message, **one.values)}" for one in problems)


def _count(number: int) -> str:
    if number > queries.NEWEST:
        return gettext("More than %(count)s", count=number_text(queries.NEWEST))
    return number_text(number)
