"""The places that the staff navigation offers, in their order."""

from dataclasses import dataclass

from flask import current_app, request, url_for

from helpdesk.kernel.i18n import N_, gettext
from helpdesk.web.access import visitor


@dataclass(frozen=True)
class Place:
    """One link of the navigation."""

    href: str
    words: str
    here: bool


# Endpoint and words; a place appears for those who may open it.
PLACES = (
    ("board.board", N_("Board")),
    ("callbacks.board", N_("Callbacks")),
    ("by_hand.form", N_("Register")),
    ("supervisor.board", N_("Overview")),
    ("wallboard.wallboard", N_("Wallboard")),
    ("reports.report", N_("Report")),
    ("phone_report.report", N_("Telephone")),
    ("numbers.numbers", N_("Numbers")),
    ("mail.mail", N_("Letters")),
    ("answers.answers", N_("Answers")),
    ("articles.articles", N_("Articles")),
    ("administration.start", N_("Administration")),
)
# What the pages of a place are called that have places of their own.
PARTS = {
    "reports": frozenset({"reports", "opinions"}),
    "articles": frozenset({"articles", "article_writing", "article_figures"}),
    "administration": frozenset(
        {
            "administration",
            "staff",
            "organizations",
            "imports",
            "exports",
            "voices",
            "desks",
            "mailboxes",
            "categories",
            "tags",
            "failed_jobs",
            "tokens",
            "hooks",
            "journal",
            "privacy",
            "retention",
            "breaches",
        }
    ),
}


def places() -> list[Place]:
    """The links of the person who is signed in; none for a visitor."""
    person = visitor()
    if person is None:
        return []
    found = []
    for endpoint, words in PLACES:
        view = current_app.view_functions.get(endpoint)
        wanted = getattr(view, "staff_only", ())
        if view is not None and (not wanted or any(person.has(role) for role in wanted)):
            blueprint = endpoint.split(".")[0]
            here = request.blueprint in PARTS.get(blueprint, {blueprint})
            found.append(Place(url_for(endpoint), gettext(words), here))
    return found
