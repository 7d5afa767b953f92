"""Articles as staff write, read and use them."""

import html
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpdesk.kernel.db import session
from helpdesk.knowledge.models import Article
from helpdesk.knowledge.rules import Audience
from helpdesk.tickets.models import Message
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.knowledge.writing import BODIES, TITLES, wrote
from tests.people import GULNAR_PHONE, SignIn, Town
from tests.web.forms import forms, press

pytestmark = pytest.mark.usefixtures("set_clock")

FORM = {"audience": "public", "published": "1", "categories": "t03; T04"}
FORM |= {f"title_{code}": text for code, text in TITLES.items()}
FORM |= {f"body_{code}": text for code, text in BODIES.items()}
FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def erlan(town: Town, sign_in: SignIn) -> FlaskClient:
    return sign_in(town.erlan)


@pytest.fixture
def aigul(town: Town, sign_in: SignIn) -> FlaskClient:
    return sign_in(town.aigul)


def nth(page: TestResponse, part: str) -> int:
    """Which form of a page goes to an address with this in it, or has it as the value of a button."""
    found = (
        at
        for at, form in enumerate(forms(page))
        if part in form.action or any(part == value for _, value in form.buttons)
    )
    return next(found)


def write(browser: FlaskClient, town: Town, **changes: str) -> Article:
    answer = browser.post("/articles/new", data=FORM | {"organization": str(town.district.id)} | changes)
    assert answer.status_code == 303, answer.text
    return session().query(Article).order_by(Article.id.desc()).first()  # type: ignore[return-value]


def test_a_supervisor_writes_for_the_own_part_and_an_operator_not_at_all(
    erlan: FlaskClient, aigul: FlaskClient, town: Town
) -> None:
    made = write(erlan, town)
    assert made.category_codes == ["T03", "T04"]
    assert "Құпиясөз ұмытылды" in aigul.get("/articles").text
    assert aigul.get("/articles/new").status_code == 403
    assert aigul.get(f"/articles/{made.id}/edit").status_code == 404
    for other in (town.city.id, town.school911.id):
        assert erlan.post("/articles/new", data=FORM | {"organization": str(other)}).status_code == 404
    assert erlan.post("/articles/new", data=FORM | {"organization": "0"}).status_code == 422


def test_the_country_is_written_for_from_above_all(town: Town, sign_in: SignIn) -> None:
    assert write(sign_in(town.asel), town, organization="0").organization_id is None


def test_what_is_refused_keeps_what_was_typed(erlan: FlaskClient, town: Town) -> None:
    typed = FORM | {"organization": str(town.district.id), "body_ru": "", "valid_until": "завтра"}
    answer = erlan.post("/articles/new", data=typed)
    assert answer.status_code == 422
    assert 'href="#valid_until"' in answer.text
    assert 'value="Құпиясөз ұмытылды"' in answer.text
    assert session().query(Article).count() == 0


def test_an_old_version_is_looked_at_and_brought_back(erlan: FlaskClient, town: Town) -> None:
    made = write(erlan, town)
    chosen = {"organization": str(town.district.id), "audience": "public"}
    page = erlan.get(f"/articles/{made.id}/edit")
    assert press(erlan, page, nth=nth(page, "/edit"), title_kk="Жаңа", **chosen).status_code == 303
    old = erlan.get(f"/articles/{made.id}/versions/1")
    assert 'value="Құпиясөз ұмытылды"' in old.text
    assert press(erlan, old, nth=nth(old, "/edit"), **chosen).status_code == 303
    session().expire_all()
    assert (made.title_kk, made.version) == ("Құпиясөз ұмытылды", 3)
    # whoever still has the first form open overwrites nothing
    late = press(erlan, page, nth=nth(page, "/edit"), title_kk="Кеш", **chosen)
    assert late.status_code == 409
    assert 'value="Кеш"' in late.text


def test_an_article_that_has_ended_waits_for_its_author(erlan: FlaskClient, town: Town, set_clock: SetClock) -> None:
    write(erlan, town, valid_until="2026-12-01")
    assert "Құпиясөз" not in erlan.get("/articles?view=review").text.replace("Құпиясөзді", "")
    set_clock.forward(days=20)
    page = erlan.get("/articles?view=review").text
    assert TITLES["ru"] in page
    assert "ваша" in page


def test_an_article_goes_into_the_reply_in_the_tickets_language_with_its_link(aigul: FlaskClient, town: Town) -> None:
    made = wrote(town.district, bodies=BODIES | {"ru": "## Что делать\n- **Напишите** учителю"})
    ticket = filed(organization_id=town.school905.id, phones=(GULNAR_PHONE,), language="ru", text="забыт пароль").ticket
    piece = aigul.get(f"/tickets/{ticket.number}/articles", headers=FETCH).text
    [text] = [html.unescape(one) for one in re.findall(r'data-insert="([^"]*)"', piece)]
    assert text == f"Что делать\n- Напишите учителю\n\nЗабыт пароль: http://1450.test/ru/help/{made.id}"
    # and without script
    page = aigul.get(f"/tickets/{ticket.number}/articles")
    page = press(aigul, page, ("article", str(made.id)), nth=nth(page, str(made.id)))
    assert press(aigul, page, nth=nth(page, "/reply")).status_code == 303
    assert session().query(Message).order_by(Message.id.desc()).first().body == text  # type: ignore[union-attr]


def test_what_only_staff_may_read_never_goes_into_a_reply(aigul: FlaskClient, town: Town) -> None:
    made = wrote(audience=Audience.STAFF)
    ticket = filed(organization_id=town.school905.id, text="құпиясөз").ticket
    piece = aigul.get(f"/tickets/{ticket.number}/articles", headers=FETCH).text
    assert TITLES["kk"] in piece
    assert "data-insert" not in piece
    assert aigul.post(f"/tickets/{ticket.number}/articles", data={"article": made.id}).status_code == 404


def test_the_form_of_a_call_is_shown_what_fits_its_category_and_words(aigul: FlaskClient, town: Town) -> None:
    wrote()
    for asked in ("category=T03&category_text=T03", "text=куписоз+купиясоз", "category_text=T03"):
        assert TITLES["kk"] in aigul.get(f"/articles/suggested?{asked}").text
    assert aigul.get("/articles/suggested?text=модем").text.strip() == ""


def test_each_figure_opens_its_list(erlan: FlaskClient, client: FlaskClient, town: Town) -> None:
    made = wrote()
    client.get(f"/kk/help/{made.id}")
    report = erlan.get("/articles/figures").text
    links = [html.unescape(one) for one in re.findall(r'href="(/articles/behind[^"]*)"', report)]
    assert len(links) == 5
    for link in links:
        assert erlan.get(link).status_code == 200
    assert erlan.get("/articles/figures?from=2026-12-01&to=2026-11-01").status_code == 422
    assert erlan.get(f"/articles/behind?article={made.id}&figure=nothing").status_code == 404


def test_the_pages_cost_few_statements(erlan: FlaskClient, aigul: FlaskClient, town: Town) -> None:
    for _ in range(12):
        made = wrote(town.district)
    ticket = filed(organization_id=town.school905.id, category_code="T03").ticket
    pages = ["/articles", "/articles/figures", f"/articles/{made.id}", f"/articles/{made.id}/edit"]
    for page in (*pages, f"/tickets/{ticket.number}/articles"):
        erlan.get(page)
        with counted_statements() as seen:
            assert erlan.get(page).status_code == 200
        assert len(seen) <= 10, (page, seen)
