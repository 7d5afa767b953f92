"""Articles offered to a parent before the form is sent: many a request is answered without being one."""

from flask import render_template
from markupsafe import Markup

from helpdesk.intake.webform import WebForm
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import language
from helpdesk.knowledge import actions, markup, queries
from helpdesk.knowledge.models import Article
from helpdesk.knowledge.rules import ShownAt

# What the button under an article says, with the article's id after it.
ANSWERED = "answered:"


def offered(form: WebForm, count: bool) -> list[tuple[Article, Markup]]:
    """What may answer the form as it is filled in so far, with its text; counted as shown once on the way."""
    school = int(form.school) if form.school.isdecimal() and len(form.school) < 10 else None
    found = queries.suggested(queries.codes_of_choice(form.choice), form.words, queries.path_of(school))
    if found and count:
        with transaction():
            actions.shown([one.id for one in found], ShownAt.FORM, language())
    return [(one, markup.html(one.body(language()))) for one in found]


def answered(form: WebForm, pressed: str) -> str:
    """The person has read the answer: a contact avoided. Nothing is filed; what was typed goes on with the page."""
    given = pressed.removeprefix(ANSWERED)
    if not given.isdecimal() or len(given) > 18:
        raise NotFound
    article = queries.public_article(int(given))
    with transaction():
        actions.vote(article.id, form.form_id, True, ShownAt.FORM, language())
    return render_template("public/answered.html", form=form, at="answer", number=0, steps=0, errors={})
