"""The help centre: articles for everybody, by topic or by words. No account, no script, no cookie.

Topics and articles may be kept by browsers and caches for a few minutes; what somebody searched for may not.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.kernel import i18n, settings
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import LANGUAGES, gettext
from helpdesk.knowledge import actions, markup, queries
from helpdesk.knowledge.models import Article
from helpdesk.knowledge.rules import ShownAt
from helpdesk.routing.queries import choices
from helpdesk.web import limits
from helpdesk.web.pages import COOKIE
from helpdesk.web.public import PREFIX
from helpdesk.web.security import csrf

door = Blueprint("help", __name__)

KEPT_SECONDS = 300
# So many titles stand under each topic of the first page; the topic's own page has all.
TITLES = 4
LONGEST_QUESTION = 200


@door.get("/help")
def any_language() -> ResponseReturnValue:
    """The help centre in the language of the browser."""
    remembered = request.cookies.get(COOKIE)
    best = remembered if remembered in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "kk"
    return redirect(url_for("help.centre", language=best))


@door.get(PREFIX + "/help")
@limits.limiter.limit(limits.STEPS)
def centre(language: str) -> ResponseReturnValue:
    """Topics with their articles; with `q` what the words find."""
    asked = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    path = _path()
    found, whole = queries.public_found(asked, path) if asked else ([], True)
    by_choice = {} if asked else queries.public_by_choice(path)
    page = render_template(
        "help/centre.html",
        searched=asked,
        found=[(one, markup.beginning(one.body(language))) for one in found],
        whole=whole,
        topics=[
            (number, gettext(words), by_choice[number]) for number, words in choices().items() if number in by_choice
        ],
        titles=TITLES,
        place=request.args.get("place", ""),
        regions=[("", gettext("The whole country")), *((str(one.id), one.name(language)) for one in queries.places())],
    )
    return make_response(page) if asked else kept(page)


@door.get(PREFIX + "/help/topic/<int:choice>")
@limits.limiter.limit(limits.STEPS)
def topic(language: str, choice: int) -> ResponseReturnValue:
    """Every article of a topic."""
    words = choices().get(choice)
    if words is None:
        raise NotFound
    articles = [
        (one, markup.beginning(one.body(language))) for one in queries.public_by_choice(_path()).get(choice, [])
    ]
    return kept(render_template("help/topic.html", title=gettext(words), articles=articles))


@door.get(PREFIX + "/help/<int:article_id>")
@limits.limiter.limit(limits.STEPS)
def article(language: str, article_id: int) -> ResponseReturnValue:
    """One article, in another language where it does not speak this one; one whose time is over says so."""
    found = queries.public_article(article_id)
    if not found.valid(actions.today()):
        return make_response(render_template("help/over.html", article=found, title=found.title(language)), 410)
    if request.method == "GET":
        with transaction():
            actions.shown([found.id], ShownAt.HELP, found.spoken(language))
    return kept(_page(found, language))


@door.post(PREFIX + "/help/<int:article_id>/helped")
@limits.limiter.limit(limits.FORM)
def helped(language: str, article_id: int) -> ResponseReturnValue:
    """Yes or no, once a day for each visitor; nothing is kept that could find the visitor again."""
    found = queries.public_article(article_id)
    said = request.form.get("helped", "")
    if said not in ("yes", "no"):
        return redirect(url_for("help.article", language=language, article_id=article_id), 303)
    who = f"{request.remote_addr}|{request.user_agent.string[:300]}"
    with transaction():
        actions.vote(found.id, who, said == "yes", ShownAt.HELP, found.spoken(language))
    return redirect(url_for("help.thanks", language=language, said=said), 303)


# No token: the page is the same for everybody and is kept by caches, and a vote is nobody's property.
csrf.exempt(f"{__name__}.{helped.__name__}")


@door.get(PREFIX + "/help/thanks")
def thanks(language: str) -> ResponseReturnValue:
    """What to do next: nothing, or write to us."""
    return kept(render_template("help/thanks.html", helped=request.args.get("said") != "no"))


def _path() -> str:
    given = request.args.get("place", "")
    return queries.path_of(int(given)) if given.isdecimal() and len(given) < 10 else ""


def _page(found: Article, language: str) -> str:
    spoken = found.spoken(language)
    return render_template(
        "help/article.html",
        article=found,
        title=found.title(language),
        body=markup.html(found.body(language)),
        spoken=spoken,
        foreign=spoken != language,
        others=[code for code in found.languages if code != language],
        address=settings.current().public_base_url
        + url_for("help.article", language=i18n.language(), article_id=found.id),
    )


def kept(page: str) -> Response:
    """A page that is the same for everybody, and may be kept by browsers and caches for a few minutes."""
    answer = make_response(page)
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
