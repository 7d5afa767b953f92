"""The help centre, and articles offered before the form is sent."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from helpdesk.identity.queries import asker
from helpdesk.kernel.db import session
from helpdesk.knowledge import figures
from helpdesk.knowledge.models import Article, ArticleView, ArticleVote
from helpdesk.knowledge.rules import Audience, ShownAt
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock, counted_statements
from tests.knowledge.writing import BODIES, TITLES, wrote
from tests.people import Town
from tests.web.forms import press
from tests.web.test_public_weight import LIMIT, weight

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def article(town: Town) -> Article:
    return wrote(bodies=BODIES | {"kk": "## Қадам\n\n- бір\n- екі"})


def test_a_parent_finds_an_article_by_topic_and_by_words_in_three_languages(
    client: FlaskClient, article: Article
) -> None:
    for language, title in TITLES.items():
        assert title in client.get(f"/{language}/help").text
        assert title in client.get(f"/{language}/help/topic/1").text
        assert title in client.get(f"/{language}/help?q=parol").text
        page = client.get(f"/{language}/help/{article.id}")
        assert page.status_code == 200
        assert f'<h1 lang="{language}">{title}</h1>' in page.text
    assert "<ul><li>бір</li><li>екі</li></ul>" in client.get(f"/kk/help/{article.id}").text.replace("\n", "")


def test_nothing_found_and_nothing_there_say_what_to_do_next(client: FlaskClient, town: Town) -> None:
    for page in ("/kk/help", "/kk/help?q=верблюд", "/kk/help/topic/5"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert 'class="empty"' in answer.text
        assert 'href="/kk/"' in answer.text


def test_an_article_without_my_language_is_shown_in_another_and_says_so(client: FlaskClient, town: Town) -> None:
    made = wrote(titles=TITLES | {"en": ""}, bodies=BODIES | {"en": ""})
    page = client.get(f"/en/help/{made.id}").text
    assert "not there in your language yet" in page
    assert '<article class="article stack" lang="kk">' in page


def test_what_is_not_for_the_public_does_not_exist_and_what_is_over_says_so(client: FlaskClient, town: Town) -> None:
    for made in (wrote(published=False), wrote(audience=Audience.STAFF), wrote(valid_from=date(2027, 1, 1))):
        assert client.get(f"/kk/help/{made.id}").status_code == 404
    over = client.get(f"/ru/help/{wrote(valid_until=date(2026, 11, 1)).id}")
    assert over.status_code == 410
    assert BODIES["ru"] not in over.text


def test_pages_are_the_same_for_everybody_and_are_kept_by_caches(client: FlaskClient, article: Article) -> None:
    for page in ("/kk/help", "/kk/help/topic/1", f"/kk/help/{article.id}"):
        answer = client.get(page)
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert "Set-Cookie" not in answer.headers
        assert "csrf" not in answer.text
        assert client.get(page, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get("/kk/help?q=пароль").headers["Cache-Control"] == "no-store"


def test_did_it_help_counts_a_visitor_once_and_sets_no_cookie(client: FlaskClient, article: Article) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = True
    page = client.get(f"/kk/help/{article.id}")
    for said in ("yes", "yes", "no"):
        answer = press(client, page, ("helped", said))
        assert answer.status_code == 303
        assert "Set-Cookie" not in answer.headers
    assert [(one.helped, one.shown_at) for one in session().scalars(select(ArticleVote))] == [(False, ShownAt.HELP)]
    assert 'href="/kk/"' in client.get(answer.location).text
    assert client.post(f"/kk/help/{article.id}/helped", data={"helped": "maybe"}).status_code == 303
    assert client.post("/kk/help/999/helped", data={"helped": "yes"}).status_code == 404


def test_a_hundred_articles_are_light_and_cost_few_statements(client: FlaskClient, town: Town) -> None:
    for number in range(40):
        wrote(titles={code: f"{text} {number}" for code, text in TITLES.items()})
    for page in ("/kk/help", "/kk/help/topic/1", "/kk/help?q=пароль"):
        client.get(page)
        with counted_statements() as seen:
            answer = client.get(page)
        assert len(seen) <= 10, seen
        assert weight(client, answer.text) <= LIMIT
        assert "<script" not in answer.text


# ── before sending ────────────────────────────────────────────────────────────────────────────────────────────────


def at_the_last_step(client: FlaskClient) -> TestResponse:
    page = press(client, client.get("/kk/"), ("choice", "1"))
    page = press(client, press(client, page, ("go", "skip")), ("go", "next"))
    return press(client, page, ("go", "next"), words="Құпиясөзді ұмытып қалдық")


def test_an_article_that_answers_is_a_contact_avoided_and_files_nothing(
    client: FlaskClient, town: Town, article: Article
) -> None:
    page = at_the_last_step(client)
    assert TITLES["kk"] in page.text
    for _ in range(2):
        answered = press(client, page, ("go", f"answered:{article.id}"))
        assert answered.status_code == 200
    assert session().query(Ticket).count() == 0
    day = date(2026, 11, 23)
    supervisor = asker(town.erlan.id)
    assert supervisor is not None
    [row] = figures.figures(supervisor, day, day)
    assert (row.avoided, row.shown) == (1, 1)
    # who changes their mind has lost nothing
    again = press(client, answered, ("go", "stay"))
    assert "Құпиясөзді ұмытып қалдық" in again.text
    sent = press(client, again, ("go", "next"), answer_by="web")
    assert sent.status_code == 303
    assert session().query(Ticket).count() == 1


def test_where_nothing_fits_nothing_is_offered(client: FlaskClient, town: Town) -> None:
    wrote(titles=dict.fromkeys(TITLES, "Модем"), category_codes=("T14",))
    page = at_the_last_step(client)
    assert "answered:" not in page.text
    assert session().query(ArticleView).count() == 0


def test_views_are_counted_by_the_day(set_clock: SetClock, client: FlaskClient, article: Article) -> None:
    client.get(f"/kk/help/{article.id}")
    set_clock.forward(days=1)
    client.get(f"/kk/help/{article.id}")
    assert [one.day for one in session().scalars(select(ArticleView).order_by(ArticleView.day))] == [
        date(2026, 11, 23),
        date(2026, 11, 24),
    ]
