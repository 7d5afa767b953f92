"""The articles that every installation starts with."""

import pytest
from sqlalchemy import select

from helpdesk.kernel.db import session, transaction
from helpdesk.knowledge import markup, queries
from helpdesk.knowledge.models import Article
from helpdesk.routing.queries import categories
from helpdesk.seeds.articles import FOLDER, load_articles, read

pytestmark = pytest.mark.usefixtures("app")


def test_every_article_speaks_three_languages_and_names_categories_that_exist() -> None:
    known = {one.code for one in categories()}
    files = sorted(FOLDER.glob("*.txt"))
    assert len(files) >= 10
    for file in files:
        article = read(file)
        assert article.languages == ("kk", "ru", "en"), file.name
        assert set(article.category_codes) <= known, file.name
        shapes = {markup.html(body).count("<li>") for body in article.bodies.values()}
        assert len(shapes) == 1, f"{file.name}: a language has other points than the others"


def test_loading_again_changes_nothing_that_somebody_edited() -> None:
    with transaction():
        load_articles()
    article = session().scalars(select(Article).where(Article.key == "screen-time")).one()
    with transaction():
        article.title_kk = "Өзгерді"
        load_articles()
    session().expire_all()
    assert article.title_kk == "Өзгерді"
    assert session().query(Article).count() == len(list(FOLDER.glob("*.txt")))


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("балам парольді ұмытып қалды", "forgotten-password"),
        ("экран уакыты", "screen-time"),
        ("боран сабак бола ма", "remote-today"),
        ("ноутбук алу", "device-loan"),
        ("kod kelmeidi", "confirmation-code"),
        ("нет интернета", "no-internet"),
    ],
)
def test_parents_find_them_by_their_own_words(typed: str, key: str) -> None:
    with transaction():
        load_articles()
    assert key in [one.key for one in queries.public_found(typed)[0]][:3]
