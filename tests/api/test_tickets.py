"""Tickets, messages, people, the tree, callbacks and figures, as programs see them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.audit.models import JournalEntry
from helpdesk.identity.token_models import TokenAnswer
from helpdesk.intake.models import Receipt
from helpdesk.kernel.db import session
from helpdesk.notifications.models import Letter
from helpdesk.tickets.models import Message, Ticket
from tests.api.programs import Program, program
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import ELENA_PHONE, GULNAR_PHONE, Town


@pytest.fixture
def portal(app: Flask, town: Town, set_clock: SetClock) -> Program:
    """A program with the rights of the district's supervisor."""
    del set_clock
    return program(app, town, town.erlan)


def new(town: Town, **changes: object) -> dict[str, object]:
    about = {"text": "Kundelik ашылмайды", "organization_id": town.school905.id}
    return about | {"requester": {"name": "Гүлнар Ахметова", "phone": GULNAR_PHONE}} | changes


def test_a_ticket_is_opened_routed_and_told_of_like_any_other(
    portal: Program, town: Town, run_jobs: Callable[[], None]
) -> None:
    answer = portal.post("/tickets", new(town, category="T03", language="kk"))
    assert answer.status_code == 201
    made = answer.json
    assert answer.headers["Location"] == f"/api/v1/tickets/{made['number']}"
    assert (made["state"], made["category"], made["contact_id"]) == ("new", "T03", town.gulnar.id)
    assert made["desk_id"] == town.school905.id
    assert made["first_response_due_at"] is not None
    assert portal.get(f"/tickets/{made['number']}").json == made
    run_jobs()
    assert {one.ticket_id for one in session().scalars(select(Letter))} == {made["id"]}
    opened = session().scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.opened")).one()
    assert (opened.actor_id, opened.details["token_id"]) == (town.erlan.id, portal.token_id)


def test_the_same_key_makes_one_ticket_and_gives_one_answer(portal: Program, town: Town) -> None:
    first = portal.post("/tickets", new(town), key="form-1")
    again = portal.post("/tickets", new(town), key="form-1")
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert (again.headers["Location"], again.headers["Idempotent-Replayed"]) == (first.headers["Location"], "true")
    assert session().scalar(select(func.count()).select_from(Ticket)) == 1
    other = portal.post("/tickets", new(town, text="Басқа"), key="form-1")
    assert (other.status_code, other.json["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert session().scalar(select(func.count()).select_from(Receipt)) == 1


def test_a_key_is_good_for_a_day_and_belongs_to_its_token(
    app: Flask, portal: Program, town: Town, set_clock: SetClock
) -> None:
    numbers = [portal.post("/tickets", new(town), key="k").json["number"]]
    numbers.append(program(app, town, town.erlan).post("/tickets", new(town), key="k").json["number"])
    set_clock.forward(hours=24)
    numbers.append(portal.post("/tickets", new(town), key="k").json["number"])
    assert len(set(numbers)) == 3


def test_two_at_once_with_one_key_make_one_ticket(portal: Program, town: Town) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: portal.post("/tickets", new(town), key="k"), range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["number"] for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotent-Replayed", "") for answer in answers) == ["", "true", "true", "true"]


def test_answers_are_forgotten_after_a_day(
    portal: Program, town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
) -> None:
    portal.post("/tickets", new(town), key="k")
    run_jobs()
    assert session().scalar(select(func.count()).select_from(TokenAnswer)) == 1
    set_clock.forward(hours=25)
    run_jobs()
    assert session().scalar(select(func.count()).select_from(TokenAnswer)) == 0


def test_a_refused_request_may_be_sent_again_with_its_key(portal: Program, town: Town) -> None:
    assert portal.post("/tickets", new(town, category="NONE"), key="k").status_code == 422
    assert portal.post("/tickets", new(town, category="T03"), key="k").status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": " \n"}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"category": "NONE"}, "category"),
        ({"colour": "red"}, "colour"),
        ({"organization_id": 2**40}, "organization_id"),
        ({"organization_id": 2**31 - 1}, "organization_id"),
        ({"requester": {"phone": "12"}}, "requester.phone"),
        ({"requester": {"email": "nobody"}}, "requester.email"),
        ({"requester": {"role": "king"}}, "requester.role"),
        ({"language": "de"}, "language"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(
    portal: Program, town: Town, change: dict[str, object], field: str
) -> None:
    answer = portal.post("/tickets", new(town, **change))
    assert (answer.status_code, [one["field"] for one in answer.json["errors"]]) == (422, [field])
    assert session().scalar(select(func.count()).select_from(Ticket)) == 0


def test_no_ticket_is_opened_at_a_desk_of_another_part(portal: Program, town: Town) -> None:
    answer = portal.post("/tickets", new(town, organization_id=town.school911.id))
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "organization_id")


@pytest.mark.parametrize(("sent", "status"), [("{", 400), ("[]", 422), ("", 400), ('"x"', 422)])
def test_a_body_that_is_no_object_is_refused(portal: Program, sent: str, status: int) -> None:
    assert portal.post("/tickets", data=sent, content_type="application/json").status_code == status
    assert portal.post("/tickets", data=sent, content_type="text/plain").status_code == 415


def test_a_body_that_is_too_large_is_not_read(portal: Program) -> None:
    answer = portal.post("/tickets", data=b" " * (1024 * 1024 + 1), content_type="application/json")
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")


def test_a_list_is_walked_to_its_end_by_cursor_and_narrowed(portal: Program, town: Town, set_clock: SetClock) -> None:
    numbers = []
    for _ in range(5):
        numbers.append(filed(organization_id=town.school905.id).ticket.number)
        set_clock.forward(minutes=1)
    seen, cursor = [], ""
    while True:
        page = portal.get("/tickets?limit=2" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [one["number"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == numbers
    portal.patch(f"/tickets/{numbers[0]}", {"assignee_id": town.aigul.id})

    def found(query: str) -> list[str]:
        return [one["number"] for one in portal.get(f"/tickets?{query}").json["items"]]

    assert found(f"assignee_id={town.aigul.id}") == numbers[:1]
    assert found("state=open&state=resolved") == numbers[:1]
    assert found("state=resolved") == []
    assert found(f"organization_id={town.school905.id}") == [*numbers[1:], numbers[0]]
    assert found("updated_since=2026-11-23T05:04:00Z") == [numbers[4], numbers[0]]
    assert found("queue=methodological") == []


@pytest.mark.parametrize("query", ["cursor=x", "cursor=MA", "limit=0", "limit=many", "color=red", "limit=1&limit=2"])
@pytest.mark.parametrize("path", ["/tickets", "/callbacks", "/organizations"])
def test_a_strange_query_is_named(portal: Program, path: str, query: str) -> None:
    answer = portal.get(f"{path}?{query}")
    if (path, query) == ("/organizations", "cursor=MA"):
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, query.partition("=")[0])


def test_a_list_asks_few_statements_however_long_it_is(portal: Program, town: Town) -> None:
    for _ in range(3):
        filed(organization_id=town.school905.id)
    portal.get("/tickets")
    with counted_statements() as few:
        portal.get("/tickets")
    for _ in range(5):
        filed(organization_id=town.school905.id)
    with counted_statements() as many:
        assert len(portal.get("/tickets").json["items"]) == 8
    assert len(many) == len(few) <= 4


def test_a_ticket_goes_its_way_by_changes(portal: Program, town: Town) -> None:
    number = filed(organization_id=town.school905.id).ticket.number
    address = f"/tickets/{number}"
    assert portal.patch(address, {"assignee_id": town.aigul.id}).json["state"] == "open"
    assert portal.patch(address, {"state": "waiting_requester", "reason": "no class"}).json["due_at"] is None
    assert portal.patch(address, {"state": "open"}).json["state"] == "open"
    refused = portal.patch(address, {"state": "resolved"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "resolution")
    done = portal.patch(address, {"state": "resolved", "resolution": "solved", "message": "Дайын."}).json
    assert (done["state"], done["resolution"]) == ("resolved", "solved")
    assert portal.get(f"{address}/messages").json["items"][-1]["body"] == "Дайын."
    assert portal.patch(address, {"state": "open"}).json["resolved_at"] is None
    assert portal.patch(address, {"assignee_id": None}).json["assignee_id"] is None
    assert portal.patch(address, {"assignee_id": town.bekzat.id}).json["errors"][0]["field"] == "assignee_id"


def test_a_change_is_whole_or_not_at_all_and_sees_that_somebody_was_faster(portal: Program, town: Town) -> None:
    ticket = filed(organization_id=town.school905.id).ticket
    address = f"/tickets/{ticket.number}"
    assert portal.patch(address, {"queue": "methodological", "state": "closed"}).status_code == 422
    assert portal.get(address).json["queue"] == "technical"
    version = portal.patch(address, {"queue": "methodological", "version": ticket.version}).json["version"]
    assert portal.patch(address, {"queue": "technical", "version": version - 1}).status_code == 409


def test_answers_are_sent_and_notes_stay_inside(portal: Program, town: Town, run_jobs: Callable[[], None]) -> None:
    number = portal.post("/tickets", new(town)).json["number"]
    address = f"/tickets/{number}/messages"
    note = portal.post(address, {"kind": "note", "body": "ескертпе"}, key="n")
    assert (note.status_code, note.json["kind"], note.json["staff_id"]) == (201, "note", town.erlan.id)
    portal.post(address, {"kind": "public", "body": "Жауап"}, key="p")
    portal.post(address, {"kind": "public", "body": "Жауап"}, key="p")
    run_jobs()
    assert [one["body"] for one in portal.get(address).json["items"]] == ["Kundelik ашылмайды", "ескертпе", "Жауап"]
    page = portal.get(f"{address}?limit=2").json
    assert [one["body"] for one in portal.get(f"{address}?cursor={page['next']}").json["items"]] == ["Жауап"]
    assert session().scalar(select(func.count()).select_from(Message).where(Message.body == "Жауап")) == 1


def test_people_are_found_by_a_number_only_where_they_asked(portal: Program, town: Town) -> None:
    portal.post("/tickets", new(town))
    found = portal.get("/contacts?phone=8 709 000 00 01").json["items"]
    assert [one["name"] for one in found] == ["Гүлнар Ахметова"]
    assert portal.get(f"/contacts/{town.gulnar.id}").json == found[0]
    assert portal.get("/contacts", query_string={"phone": ELENA_PHONE}).json["items"] == []
    assert portal.get(f"/contacts/{town.elena.id}").status_code == 404
    assert portal.get("/contacts?phone=abc").json["errors"][0]["field"] == "phone"


def test_the_tree_ends_where_the_token_does(portal: Program, town: Town) -> None:
    items = portal.get("/organizations").json["items"]
    assert [(one["id"], one["has_desk"]) for one in items] == [(town.district.id, True), (town.school905.id, True)]
    assert [one["id"] for one in portal.get("/organizations?kind=school&limit=1").json["items"]] == [town.school905.id]
    assert portal.get(f"/organizations/{town.school911.id}").status_code == 404
    assert portal.get(f"/organizations/{town.school905.id}").json["name_kk"] == "№ 905 мектеп"


def test_a_callback_is_promised_read_and_cancelled(portal: Program, town: Town) -> None:
    number = filed(organization_id=town.school905.id).ticket.number
    asked = {"ticket": number, "phone": "8 709 000 00 01", "not_before": "2026-11-24T10:00:00+05:00"}
    made = portal.post("/callbacks", asked, key="c")
    assert (made.status_code, made.json["phone"], made.json["state"]) == (201, GULNAR_PHONE, "requested")
    assert made.json["not_before"] == "2026-11-24T05:00:00Z"
    assert portal.get("/callbacks").json["items"] == [made.json]
    address = f"/callbacks/{made.json['id']}"
    assert portal.post(f"{address}/cancel").json["state"] == "cancelled"
    assert portal.get(address).json["ended_at"] is not None
    assert portal.get("/callbacks?state=ended").json["items"][0]["id"] == made.json["id"]
    assert portal.post(f"{address}/cancel").status_code == 422
    past = portal.post("/callbacks", asked | {"not_before": "2020-01-01T00:00:00Z"})
    assert past.json["errors"][0]["field"] == "not_before"


def test_a_promise_of_another_desk_is_not_shown(app: Flask, portal: Program, town: Town) -> None:
    here, there = filed(organization_id=town.school905.id).ticket, filed(organization_id=town.school911.id).ticket
    first = program(app, town, town.bekzat).post("/callbacks", {"ticket": there.number, "phone": GULNAR_PHONE})
    assert first.status_code == 201
    second = portal.post("/callbacks", {"ticket": here.number, "phone": GULNAR_PHONE})
    assert (second.status_code, set(second.json)) == (409, {"type", "title", "status", "detail"})
    assert portal.get("/callbacks").json["items"] == []


def test_figures_are_those_of_the_page(portal: Program, app: Flask, town: Town) -> None:
    filed(organization_id=town.school905.id)
    filed(organization_id=town.school911.id)
    found = portal.get("/reports/sla?from=2026-11-23&to=2026-11-29&by=desk").json
    assert found["total"]["figures"]["tickets"] == 1
    assert [one["value"] for one in found["rows"]] == [str(town.school905.id)]
    assert portal.get(f"/reports/sla?from=2026-11-23&to=2026-11-29&place={town.school911.id}").status_code == 404
    assert portal.get("/reports/sla?from=2026-11-29&to=2026-11-23").json["errors"][0]["field"] == "to"
    operator = program(app, town, town.aigul)
    assert operator.get("/reports/sla?from=2026-11-23&to=2026-11-29").status_code == 403
