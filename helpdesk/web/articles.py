"""Articles as staff read them: the list, one of them, and those that fit a ticket or a request being written down."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.kernel import settings
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, language
from helpdesk.knowledge import actions, markup, queries
from helpdesk.knowledge.models import Article
from helpdesk.knowledge.queries import WRITERS
from helpdesk.knowledge.rules import REVIEW_AHEAD, ArticleState, Audience
from helpdesk.organizations.queries import desk
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_by_number
from helpdesk.web.access import current, staff_only, wants_json
from helpdesk.web.by_hand import chosen_school, own_desk
from helpdesk.web.tickets import chosen_category

door = Blueprint("articles", __name__)

AUDIENCES = {Audience.PUBLIC: N_("everybody"), Audience.STAFF: N_("staff only")}
LONGEST_QUESTION = 200
SUGGESTED = 5
# Beside a reply there is less room.
BESIDE = 3


@door.get("/articles")
@staff_only()
def articles() -> ResponseReturnValue:
    """What I may read; what ends soon or has ended first for those who look after it."""
    asked = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    due = request.args.get("view") == "review"
    writes = any(current().has(role) for role in WRITERS)
    found = queries.listed(current(), asked, due)
    return render_template(
        "articles/articles.html",
        looked_for=asked,
        review=due,
        articles=found,
        writes=writes,
        due=queries.due_count(current()) if writes else 0,
        **_words(),
    )


@door.get("/articles/<int:article_id>")
@staff_only()
def article(article_id: int) -> ResponseReturnValue:
    """One article in every language that it speaks."""
    found = queries.article_for(current(), article_id)
    codes = sorted(queries.names_of(found.category_codes, language()).items())
    return render_template(
        "articles/article.html",
        article=found,
        bodies={code: markup.html(found.bodies[code]) for code in found.languages},
        categories=[f"{code} {name}" for code, name in codes],
        writes=queries.may_write(current(), found),
        **_words(),
    )


@door.get("/articles/suggested")
@staff_only()
def suggested() -> ResponseReturnValue:
    """What fits the form of a call or visit as far as it is filled in, as a piece of its page: to be read out."""
    try:
        code = chosen_category(request.args) if request.args.get("category_text", "").strip() else None
        school = chosen_school(request.args.get("school", ""), request.args.get("school_text", ""))
        path = queries.path_of(school) if school else desk(own_desk(current())).organization.path
    except (NotFound, Refused):
        code, path = None, ""
    found = queries.suggested([code] if code else [], request.args.get("text", ""), path, False, SUGGESTED)
    return render_template("articles/suggested.html", suggested=_texts(found, language()))


@door.get("/tickets/<number>/articles")
@staff_only()
def for_ticket(number: str) -> ResponseReturnValue:
    """What may answer a ticket, by its category, its subject and the words of the reply (`q`). For the composer a piece
    of its page; without script a page of its own."""
    ticket = ticket_by_number(current(), number)
    asked = request.args.get("q", "").strip()[:2000]
    found = _texts(_fitting(ticket, asked), ticket.language)
    template = "articles/suggested.html" if wants_json() else "articles/for_ticket.html"
    return render_template(template, ticket=ticket, suggested=found, looked_for=asked)


@door.post("/tickets/<number>/articles")
@staff_only()
def into_reply(number: str) -> ResponseReturnValue:
    """The reply with an article in it, to be read and sent. Changes nothing."""
    ticket = ticket_by_number(current(), number)
    given = request.form.get("article", "")
    if not given.isdecimal() or len(given) > 18:
        raise NotFound
    found = queries.article_for(current(), int(given))
    return render_template("articles/reply.html", ticket=ticket, body=_as_answer(found, ticket.language))


def _fitting(ticket: Ticket, asked: str) -> Sequence[Article]:
    about = ticket.organization or desk(ticket.desk_id).organization
    choice = str(ticket.choice or "")
    codes = [ticket.category_code] if ticket.category_code else queries.codes_of_choice(choice)
    # what is looked for says more than the subject
    most = BESIDE if wants_json() else SUGGESTED
    return queries.suggested(codes, f"{asked} {ticket.subject}", about.path, False, most)


def _texts(found: Sequence[Article], wanted: str) -> list[tuple[Article, str, str, str]]:
    """Each with its language, its beginning, and what goes into a reply: nothing for what only staff may read."""
    return [
        (
            one,
            one.spoken(wanted),
            markup.beginning(one.body(wanted)),
            _as_answer(one, wanted) if one.audience is Audience.PUBLIC else "",
        )
        for one in found
    ]


def _as_answer(article: Article, wanted: str) -> str:
    if article.audience is not Audience.PUBLIC or article.state is not ArticleState.PUBLISHED:
        raise NotFound
    spoken = article.spoken(wanted)
    link = settings.current().public_base_url + url_for("help.article", language=spoken, article_id=article.id)
    return f"{markup.plain(article.body(wanted))}\n\n{article.title(wanted)}: {link}"


def _words() -> dict[str, object]:
    return {"audiences": AUDIENCES, "today": actions.today(), "ahead": REVIEW_AHEAD}
