"""Articles are written and counted."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Conflict, Refused
from helpdesk.knowledge import actions as articles
from helpdesk.knowledge import figures
from helpdesk.knowledge.models import Article, ArticleVersion, ArticleVote
from helpdesk.knowledge.rules import Audience, ShownAt
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock
from tests.factories import filed
from tests.knowledge.writing import BODIES, TITLES, only, wrote
from tests.people import Town

pytestmark = pytest.mark.usefixtures("app", "set_clock")
DAY = date(2026, 11, 23)


@pytest.fixture
def erlan(town: Town) -> Asker:
    found = asker(town.erlan.id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bodies": BODIES | {"ru": ""}}, "body_ru"),
        ({"titles": only("ru", "Заголовок"), "bodies": only("ru", "Текст")}, "body_kk"),
        ({"titles": dict.fromkeys(TITLES, ""), "bodies": dict.fromkeys(TITLES, "")}, "title_kk"),
        ({"titles": TITLES | {"en": ""}}, "title_en"),
        ({"category_codes": ("T03", "X99")}, "categories"),
        ({"valid_from": date(2026, 12, 2), "valid_until": date(2026, 12, 1)}, "valid_until"),
    ],
)
def test_what_cannot_be_published_names_its_field(town: Town, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        wrote(**changes)
    assert refused.value.field == field


def test_a_draft_may_be_half_done_and_staff_may_read_one_language(town: Town) -> None:
    assert wrote(titles=only("kk", "Жоба"), bodies=only("kk", ""), published=False).languages == ()
    assert wrote(titles=only("ru", "Памятка"), bodies=only("ru", "Текст"), audience=Audience.STAFF).languages == ("ru",)


def test_what_an_article_said_before_is_kept_and_nobody_overwrites_what_they_did_not_see(town: Town) -> None:
    made = wrote()
    wrote(known=made, titles=TITLES | {"kk": "Жаңа тақырып"})
    kept = session().scalars(select(ArticleVersion).order_by(ArticleVersion.version)).all()
    assert [one.content["title_kk"] for one in kept] == ["Құпиясөз ұмытылды", "Жаңа тақырып"]
    with pytest.raises(Conflict), transaction():
        articles.save(made, None, articles.Draft(TITLES, BODIES), SYSTEM, version=1)


def test_a_visitor_counts_once_a_day_may_change_the_mind_and_is_not_known_tomorrow(
    town: Town, set_clock: SetClock
) -> None:
    made = wrote()
    for said in (True, False):
        with transaction():
            articles.vote(made.id, "10.0.0.1|phone", said, ShownAt.HELP, "kk")
    assert [one.helped for one in session().scalars(select(ArticleVote))] == [False]
    with transaction():
        articles.vote(made.id, "10.0.0.2|phone", True, ShownAt.HELP, "kk")
    set_clock.forward(days=1)
    with transaction():
        articles.vote(made.id, "10.0.0.1|phone", True, ShownAt.HELP, "kk")
    voters = session().scalars(select(ArticleVote.voter)).all()
    assert len(set(voters)) == 3
    assert not any("10.0.0.1" in one for one in voters)


def test_an_answer_with_the_link_of_an_article_counts_as_its_use_once_a_ticket(
    town: Town, erlan: Asker, run_jobs: Any
) -> None:
    made = wrote()
    ticket = filed(organization_id=town.school905.id).ticket
    elsewhere = filed(organization_id=town.school911.id).ticket
    for one in (ticket, ticket, elsewhere):
        with transaction():
            found = session().get_one(Ticket, one.id)
            text = f"Оқыңыз: http://1450.test/kk/help/{made.id} және http://1450.test/kk/help/999999"
            actions.reply(found, text, staff(town.aigul.id))
    run_jobs()
    [row] = figures.figures(erlan, DAY, DAY)
    assert row.used == 1
    assert [one.number for one in figures.used_on(erlan, row.article, DAY, DAY)] == [ticket.number]


def test_every_figure_is_the_sum_of_what_is_behind_it(town: Town, erlan: Asker, set_clock: SetClock) -> None:
    made: Article = wrote()
    with transaction():
        for language in ("kk", "kk", "ru"):
            articles.shown([made.id], ShownAt.HELP, language)
        articles.shown([made.id], ShownAt.FORM, "kk")
        articles.vote(made.id, "a", True, ShownAt.HELP, "kk")
        articles.vote(made.id, "b", False, ShownAt.HELP, "kk")
        articles.vote(made.id, "form", True, ShownAt.FORM, "ru")
    [row] = figures.figures(erlan, DAY, DAY)
    assert (row.shown, row.used, row.helped, row.unhelped, row.avoided) == (4, 0, 1, 1, 1)
    assert sum(one.times for one in figures.shown_days(made, DAY, DAY)) == 4
    for figure in ("helped", "unhelped", "avoided"):
        assert sum(one.times for one in figures.voted_days(made, figure, DAY, DAY)) == getattr(row, figure)
    set_clock.forward(days=1)
    tomorrow = articles.today()
    assert figures.figures(erlan, tomorrow, tomorrow)[0].shown == 0


def test_words_of_an_older_edition_are_made_anew(town: Town) -> None:
    made = wrote()
    with transaction():
        made.edition, made.words = 0, ""
    with transaction():
        assert articles.find_anew() == 1
        assert articles.find_anew() == 0
