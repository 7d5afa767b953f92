import csv
import html
import io
import json
import re

import pytest
from flask.testing import FlaskClient

from helpdesk.kernel.db import transaction
from helpdesk.reports.telephony_columns import EXPORTED
from helpdesk.reports.telephony_figures import FIGURES, Unit
from helpdesk.telephony.rules import Outcome
from helpdesk.web.phone_words import REASON_WORDS, clock_text
from tests.conftest import SetClock, counted_statements
from tests.people import SignIn, Town
from tests.reports.phone_days import call, example_day
from tests.reports.weeks import almaty

FRIDAY = "from=2026-11-20&to=2026-11-20"
PAGES = ("/reports/phone", "/reports/phone.csv", "/reports/phone/list?figure=offered")
WAYS = ("half_hour", "hour", "day", "queue", "language", "desk", "operator")


@pytest.fixture
def erlan(town: Town, set_clock: SetClock, sign_in: SignIn) -> FlaskClient:
    """The district supervisor's browser after the example day."""
    with transaction():
        example_day(town)
    return sign_in(town.erlan)


def text_of(page: str) -> str:
    """What a reader sees: no tags, single spaces."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize("address", PAGES)
def test_only_supervisors_and_administrators_see_figures(town: Town, sign_in: SignIn, address: str) -> None:
    assert sign_in(town.aigul).get(address).status_code == 403
    assert sign_in(town.erlan).get(address).status_code == 200
    assert sign_in(town.admin).get(address).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_a_visitor_is_asked_to_sign_in(town: Town, client: FlaskClient, address: str) -> None:
    assert "/sign-in" in client.get(address).headers["Location"]


def test_the_page_shows_today_by_hours_until_something_else_is_asked(
    town: Town, set_clock: SetClock, sign_in: SignIn
) -> None:
    with transaction():
        call(town.school905, almaty(23, 9, 5), waited=8, talked=100, by=town.aigul)
    seen = text_of(sign_in(town.erlan).get("/reports/phone").text)
    assert "23 ноября 2026 г. – 23 ноября 2026 г." in seen
    assert "09:00–10:00" in seen


def test_a_share_stands_with_the_two_counts_that_it_is_made_of(erlan: FlaskClient) -> None:
    seen = text_of(erlan.get(f"/reports/phone?{FRIDAY}").text)
    assert "57,1 % 4 / 7" in seen  # the service level
    assert "16,7 % 2 / 12" in seen  # abandonment
    assert "35 %" in seen  # occupancy
    assert "5:00" in seen  # the average handle time


@pytest.mark.parametrize("by", WAYS)
def test_every_figure_has_its_formula_beside_it(erlan: FlaskClient, by: str) -> None:
    page = erlan.get(f"/reports/phone?{FRIDAY}&by={by}").text
    headings = re.findall(r'<th scope="col" class="number">(.*?)</th>', page, re.DOTALL)
    explained = [one for one in headings if "<details" in one]
    assert len(explained) >= 9
    assert all(re.search(r"<p>[^<]{20,}</p>", one) for one in explained)


@pytest.mark.parametrize("by", WAYS)
def test_every_number_of_the_page_opens_a_list_of_that_length(erlan: FlaskClient, by: str) -> None:
    page = erlan.get(f"/reports/phone?{FRIDAY}&by={by}").text
    links = re.findall(r'<a class="figure" href="(/reports/phone/list[^"]+)">([^<]+)</a>', page)
    assert len(links) > 20
    for href, shown in dict(links).items():
        listed = erlan.get(html.unescape(href)).text
        count = int(re.search(r"<strong>[^<]*: (\d+)</strong>", listed)[1])  # type: ignore[index]
        assert listed.count('scope="row"') == count, href
        if shown.isdigit():
            assert count == int(shown), href


def test_no_list_shows_a_callers_number(erlan: FlaskClient) -> None:
    for figure in ("offered", "offers", "promised"):
        listed = erlan.get(f"/reports/phone/list?{FRIDAY}&figure={figure}").text
        assert 'scope="row"' in listed
        assert "+7" not in listed


def test_what_is_made_of_operators_time_opens_their_rows(erlan: FlaskClient) -> None:
    page = erlan.get(f"/reports/phone?{FRIDAY}").text
    href = re.search(r'href="(/reports/phone\?[^"]*by=operator[^"]*)">35 %', page)
    assert href is not None
    seen = text_of(erlan.get(html.unescape(href[1])).text)
    assert "Айгүл Қасымова" in seen
    assert "25 %" in seen  # her occupancy: 40 minutes of 160


def test_the_chart_draws_what_the_table_beside_it_says(erlan: FlaskClient) -> None:
    page = erlan.get(f"/reports/phone?{FRIDAY}&by=queue").text
    data = json.loads(html.unescape(re.search(r'data-chart="([^"]+)"', page)[1]))  # type: ignore[index]
    assert data["labels"] == ["Техническая", "Методическая"]
    assert [one["data"] for one in data["series"]] == [[5, 1], [2, 1], [1, 0], [1, 0], [2, 0]]


def test_other_outcomes_are_listed_by_reason(erlan: FlaskClient) -> None:
    page = erlan.get(f"/reports/phone?{FRIDAY}").text
    reasons = re.findall(r'href="(/reports/phone/list[^"]*figure=other_(\w+)[^"]*)">(\d+)<', page)
    assert {(code, count) for _, code, count in reasons} == {("failed", "1"), ("open", "1")}
    assert sum(int(count) for _, _, count in reasons) == 2


def test_every_outcome_has_words() -> None:
    assert {outcome.value for outcome in Outcome} <= REASON_WORDS.keys()


def test_hours_are_staffed_by_erlang_c(erlan: FlaskClient) -> None:
    page = erlan.get(f"/reports/phone?{FRIDAY}").text
    table = page.split("<caption>Сколько операторов нужно и сколько было</caption>")[1].split("</table>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("<tr>")[2:]]
    seen = [[text_of(cell).strip() for cell in row] for row in rows]
    # calls × 300 s / 3600 s; needed for 80 % in 20 s and 85 %; ÷ 0.7; average of those who were there
    assert ["09:00–10:00", "4", "0,3", "2", "3", "1,2", "не хватало: 0,8"] in seen
    assert ["00:00–01:00", "0", "0", "0", "0", "0,5", "достаточно"] in seen


def test_other_rows_are_not_staffed(erlan: FlaskClient) -> None:
    assert "Сколько операторов нужно" not in erlan.get(f"/reports/phone?{FRIDAY}&by=day").text


def test_a_day_without_calls_says_so_and_draws_nothing(erlan: FlaskClient) -> None:
    page = erlan.get("/reports/phone?from=2026-01-05&to=2026-01-05")
    assert page.status_code == 200
    assert "data-chart" not in page.text
    assert 'class="empty"' in page.text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("from=yesterday&to=2026-11-22", "from"),
        ("from=2026-11-22&to=2026-11-16", "to"),
        ("from=2026-01-01&to=2026-11-01&by=half_hour", "to"),
    ],
)
def test_a_period_that_cannot_be_is_explained_at_its_field(erlan: FlaskClient, typed: str, field: str) -> None:
    page = erlan.get(f"/reports/phone?{typed}")
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text


@pytest.mark.parametrize(
    "query", ["by=weather", "place=x", "place=999999", "queue=kitchen", "language=de", "by=hour&figure=x"]
)
def test_an_address_that_names_nothing_is_not_found(erlan: FlaskClient, query: str) -> None:
    page = "/reports/phone/list" if "figure" in query else "/reports/phone"
    assert erlan.get(f"{page}?{FRIDAY}&{query}").status_code == 404


@pytest.mark.parametrize("row", ["by=operator&value=999999", "by=desk&value=999999", "by=queue&value=x"])
def test_a_row_that_there_is_not_is_not_found(erlan: FlaskClient, row: str) -> None:
    assert erlan.get(f"/reports/phone/list?{FRIDAY}&figure=offered&{row}").status_code == 404


def test_another_district_is_not_found(erlan: FlaskClient, town: Town) -> None:
    for page in ("/reports/phone", "/reports/phone.csv", "/reports/phone/list"):
        assert erlan.get(f"{page}?{FRIDAY}&figure=offered&place={town.other_district.id}").status_code == 404


def test_queue_and_language_narrow_page_list_and_export_alike(erlan: FlaskClient) -> None:
    query = f"{FRIDAY}&queue=methodological&language=ru"
    assert "0 % 0 / 1" in text_of(erlan.get(f"/reports/phone?{query}&by=day").text)  # one answered, after 300 s
    listed = erlan.get(f"/reports/phone/list?{query}&figure=offered").text
    assert listed.count('scope="row"') == 2
    total = list(
        csv.reader(io.StringIO(erlan.get(f"/reports/phone.csv?{query}").data.decode("utf-8-sig")), delimiter=";")
    )[-1]
    assert total[1 + EXPORTED.index("offered")] == "2"


@pytest.mark.parametrize("by", WAYS)
def test_the_export_parses_and_its_rows_add_up_to_the_total(erlan: FlaskClient, by: str) -> None:
    sent = erlan.get(f"/reports/phone.csv?{FRIDAY}&by={by}")
    assert sent.mimetype == "text/csv"
    assert sent.data.startswith(b"\xef\xbb\xbf")
    heading, *rows, total = csv.reader(io.StringIO(sent.data.decode("utf-8-sig")), delimiter=";")
    assert {len(row) for row in (heading, *rows, total)} == {len(EXPORTED) + (5 if "hour" in by else 1)}
    assert len(set(heading[1:])) == len(heading) - 1
    for place, code in enumerate(EXPORTED, start=1):
        if FIGURES[code].unit is Unit.COUNT:
            assert sum(int(row[place] or 0) for row in rows) == int(total[place] or 0), code
    assert total[1 + EXPORTED.index("service_level")] == "57,1"
    assert total[1 + EXPORTED.index("handle_time")] == "300,0"


def test_an_empty_cell_of_the_export_is_no_data_rather_than_zero(erlan: FlaskClient) -> None:
    sent = erlan.get("/reports/phone.csv?from=2026-01-05&to=2026-01-05").data.decode("utf-8-sig")
    _, total = csv.reader(io.StringIO(sent), delimiter=";")
    cells = dict(zip(EXPORTED, total[1:], strict=True))
    assert cells["offered"] == "0"
    assert cells["service_level"] == cells["handle_time"] == cells["occupancy"] == cells["callback_p50"] == ""


@pytest.mark.parametrize("by", WAYS)
def test_a_page_takes_at_most_ten_statements(erlan: FlaskClient, by: str) -> None:
    with counted_statements() as sent:
        assert erlan.get(f"/reports/phone?{FRIDAY}&by={by}").status_code == 200
    assert len(sent) <= 10
    with counted_statements() as sent:
        assert erlan.get(f"/reports/phone/list?{FRIDAY}&figure=offered&by={by}").status_code == 200
    assert len(sent) <= 10


def test_the_navigation_leads_to_the_telephone(erlan: FlaskClient) -> None:
    assert re.search(r'href="/reports/phone" aria-current="page"', erlan.get("/reports/phone").text)


@pytest.mark.parametrize(("seconds", "written"), [(0, "0:00"), (65.4, "1:05"), (3599.6, "1:00:00"), (7205, "2:00:05")])
def test_seconds_are_written_as_a_clock(seconds: float, written: str) -> None:
    assert clock_text(seconds) == written
