import csv
import html
import io
import json
import re

import pytest
from flask.testing import FlaskClient

from helpdesk.kernel.db import transaction
from helpdesk.reports.columns import EXPORTED
from tests.conftest import SetClock, counted_statements
from tests.people import SignIn, Town
from tests.reports.weeks import almaty, example_week, ticket

WEEK = "from=2026-11-16&to=2026-11-22"
PAGES = ("/reports/sla", "/reports/sla.csv", "/reports/sla/list?figure=tickets", "/supervisor")


@pytest.fixture
def erlan(town: Town, set_clock: SetClock, sign_in: SignIn) -> FlaskClient:
    """The district supervisor's browser after the example week."""
    with transaction():
        example_week(town)
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


def test_the_report_shows_period_place_figures_and_what_they_were_counted_from(erlan: FlaskClient) -> None:
    page = erlan.get(f"/reports/sla?{WEEK}", headers={"Accept-Language": "ru"})
    seen = text_of(page.text)
    assert "16 ноября 2026 г. – 22 ноября 2026 г." in seen
    assert "77,8 % 7 / 9" in seen
    assert "62,5 % 5 / 8" in seen
    assert page.text.count("<details") == 15


def test_every_number_of_the_report_opens_a_list_of_that_length(erlan: FlaskClient) -> None:
    page = erlan.get(f"/reports/sla?{WEEK}&by=channel").text
    links = re.findall(r'<a class="figure" href="([^"]+)">([^<]+)</a>', page)
    assert len(links) > 60
    for href, shown in links:
        listed = erlan.get(html.unescape(href)).text
        count = int(re.search(r"<strong>[^<]*: (\d+)</strong>", listed)[1])  # type: ignore[index]
        if re.search("median|p90", href):
            assert count > 0
        else:
            assert count == int(shown), href
        assert listed.count('scope="row"') == count


def test_the_chart_draws_what_the_table_says(erlan: FlaskClient) -> None:
    page = erlan.get(f"/reports/sla?{WEEK}").text
    data = json.loads(html.unescape(re.search(r'data-chart="([^"]+)"', page)[1]))  # type: ignore[index]
    assert data["labels"] == ["Техническая", "Методическая"]
    assert [one["data"] for one in data["series"]] == [[83.3, 66.7], [83.3, 0.0]]


def test_a_list_says_of_each_ticket_what_the_report_counted_it_as(erlan: FlaskClient) -> None:
    broken = erlan.get(f"/reports/sla/list?{WEEK}&figure=resolution_breached").text
    rows = broken.split("<tbody>")[1].split("</tr>")[:-1]
    assert [bool(re.search("badge--breach", row.rsplit("<td>", 1)[1])) for row in rows] == [True, True, True]
    kept = erlan.get(f"/reports/sla/list?{WEEK}&figure=resolution_kept").text
    assert "badge--breach" not in kept.split("<tbody>")[1]


def test_a_week_without_tickets_says_so_and_draws_nothing(erlan: FlaskClient) -> None:
    page = erlan.get("/reports/sla?from=2026-01-05&to=2026-01-11")
    assert page.status_code == 200
    assert "data-chart" not in page.text
    assert 'class="empty"' in page.text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("from=yesterday&to=2026-11-22", "from"),
        ("from=2026-11-22&to=2026-11-16", "to"),
        ("from=2020-01-01&to=2026-01-01", "to"),
    ],
)
def test_a_period_that_cannot_be_is_explained_at_its_field(erlan: FlaskClient, typed: str, field: str) -> None:
    page = erlan.get(f"/reports/sla?{typed}")
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text


@pytest.mark.parametrize("query", ["by=weather", "place=x", "place=999999"])
def test_an_address_that_names_nothing_is_not_found(erlan: FlaskClient, query: str) -> None:
    assert erlan.get(f"/reports/sla?{WEEK}&{query}").status_code == 404


def test_another_district_is_not_found(erlan: FlaskClient, town: Town) -> None:
    assert erlan.get(f"/reports/sla?{WEEK}&place={town.other_district.id}").status_code == 404
    assert erlan.get(f"/reports/sla/list?{WEEK}&figure=tickets&place={town.other_district.id}").status_code == 404


def test_the_export_parses_and_its_rows_add_up_to_the_total(erlan: FlaskClient) -> None:
    sent = erlan.get(f"/reports/sla.csv?{WEEK}&by=desk")
    assert sent.mimetype == "text/csv"
    assert sent.data.startswith(b"\xef\xbb\xbf")
    heading, *rows, total = csv.reader(io.StringIO(sent.data.decode("utf-8-sig")), delimiter=";")
    assert heading[:2] == ["Служба", "Обращения"]
    assert [row[0] for row in rows] == ["Алатауский район", "Школа № 905"]
    for place, code in enumerate(EXPORTED, start=1):
        if not re.search("share|median|p90", code):
            assert sum(int(row[place] or 0) for row in rows) == int(total[place]), code
    shares = {code: total[place] for place, code in enumerate(EXPORTED, start=1)}
    assert (shares["response_share"], shares["resolution_share"]) == ("77,8", "62,5")
    assert shares["resolution_p90"] == "1664,0"


def test_an_empty_cell_of_the_export_is_no_data_rather_than_zero(erlan: FlaskClient) -> None:
    sent = erlan.get("/reports/sla.csv?from=2026-01-05&to=2026-01-11").data.decode("utf-8-sig")
    _, total = csv.reader(io.StringIO(sent), delimiter=";")
    cells = dict(zip(EXPORTED, total[1:], strict=True))
    assert cells["tickets"] == "0"
    assert cells["response_share"] == cells["response_median"] == cells["callbacks_kept"] == ""


@pytest.mark.parametrize("address", [f"/reports/sla?{WEEK}&by=desk", f"/reports/sla/list?{WEEK}&figure=tickets"])
def test_a_page_takes_at_most_ten_statements(erlan: FlaskClient, address: str) -> None:
    with counted_statements() as sent:
        assert erlan.get(address).status_code == 200
    assert len(sent) <= 10


def test_a_long_list_goes_on_at_its_cursor(town: Town, set_clock: SetClock, sign_in: SignIn) -> None:
    with transaction():
        for minute in range(60):
            ticket(town.district, almaty(17, 10, minute))
    browser = sign_in(town.erlan)
    address = f"/reports/sla/list?{WEEK}&figure=tickets"
    seen: set[str] = set()
    while address:
        page = browser.get(address).text
        seen |= set(re.findall(r"/tickets/(26-\d{6}-\d)", page))
        more = re.search(r'href="([^"]+)" rel="next"', page)
        address = html.unescape(more[1]) if more else ""
    assert len(seen) == 60
