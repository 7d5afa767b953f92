"""Saved views: who sees and changes which, what they hold, and what their counters cost."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import ColumnElement, text

from helpdesk.audit.actor import staff
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import db, session, transaction
from helpdesk.kernel.errors import Conflict, NotFound, Refused
from helpdesk.kernel.i18n import DEFAULT_ZONE
from helpdesk.organizations.models import Organization
from helpdesk.routing.queries import categories
from helpdesk.search import view_actions, view_queries
from helpdesk.search.rules import read
from helpdesk.search.view_actions import Draft
from helpdesk.search.view_models import SavedView
from helpdesk.search.view_rules import MOST, Scope, moved, unusable
from helpdesk.tickets import board_counts
from helpdesk.tickets.board import BoardFilter, board
from helpdesk.tickets.board_rules import Order
from helpdesk.tickets.models import Ticket
from tests.conftest import counted_statements
from tests.factories import filed
from tests.people import Town

pytestmark = pytest.mark.usefixtures("set_clock")


def who(person: Staff) -> Asker:
    found = asker(person.id)
    assert found is not None
    return found


def codes() -> set[str]:
    return {one.code for one in categories()}


def saved(
    person: Staff, typed: str, name: str = "Көрініс", at: Organization | None = None, scope: Scope = Scope.OWN
) -> int:
    today = clock.now().date()
    with transaction():
        draft = Draft(name, typed, Order.DUE, scope, today, codes())
        return view_actions.save(None, at, draft, staff(person.id), None).id


def columns(*people: Staff) -> list[list[int]]:
    return [[one.id for one in view_queries.column(who(person))] for person in people]


def held(person: Staff, typed: str, order: Order = Order.DUE) -> list[int]:
    me = who(person)
    asked = view_queries.conditions(me, typed, clock.now().date(), codes(), DEFAULT_ZONE)
    return [row.id for row in board(me, BoardFilter(narrowing=asked, order=order)).rows]


def at_905(town: Town, **changes: object) -> Ticket:
    return filed(organization_id=town.school905.id, **changes).ticket


def test_ones_own_view_is_seen_by_nobody_else(town: Town) -> None:
    mine = saved(town.aigul, "assignee:me")
    assert columns(town.aigul, town.svetlana, town.erlan, town.admin) == [[mine], [], [], []]


def test_a_view_of_a_desk_is_seen_by_whoever_works_there_and_not_above_or_below(town: Town) -> None:
    view = saved(town.erlan, "queue:technical", at=town.district, scope=Scope.DESK)
    assert columns(town.aigul, town.erlan) == [[view], [view]]
    assert columns(town.asel, town.bekzat) == [[], []]


def test_a_view_shared_below_is_seen_by_every_desk_below_and_by_no_other(town: Town) -> None:
    city = saved(town.asel, "priority:P1", at=town.city, scope=Scope.BELOW)
    district = saved(town.erlan, "lang:ru", at=town.district, scope=Scope.BELOW)
    assert set(columns(town.aigul)[0]) == {city, district}
    assert columns(town.bekzat, town.asel) == [[city], [city]]


def test_only_who_answers_for_a_place_shares_there_and_changes_what_is_shared(town: Town) -> None:
    shared = saved(town.erlan, "lang:kk", at=town.district, scope=Scope.BELOW)
    for stranger in (town.aigul, town.bekzat):
        with pytest.raises(NotFound):
            view_queries.view_for(who(stranger), shared)
        with pytest.raises(NotFound):
            view_queries.shareable(who(stranger), town.district.id)
    with pytest.raises(NotFound):
        view_queries.shareable(who(town.erlan), town.city.id)
    assert view_queries.view_for(who(town.asel), shared).id == shared


def test_a_view_is_always_narrowed_by_the_rights_of_who_looks(town: Town) -> None:
    here, there = at_905(town), filed(organization_id=town.school911.id).ticket
    restricted = at_905(town, category_code="C07")
    assert held(town.aigul, "queue:technical") == [here.id]
    assert held(town.bekzat, "queue:technical") == [there.id]
    assert restricted.id not in held(town.aigul, "") + held(town.bekzat, "")


def test_a_view_holds_what_its_filters_say(town: Town) -> None:
    kazakh, russian = at_905(town, language="kk"), at_905(town, language="ru")
    district = filed(organization_id=town.district.id, language="ru").ticket
    assert held(town.aigul, "lang:ru") == [russian.id, district.id]
    assert held(town.aigul, "school:905 тіл:ru") == [russian.id]
    assert held(town.aigul, "school:911") == []
    assert held(town.aigul, "assignee:none", Order.NEWEST) == [district.id, russian.id, kazakh.id]
    assert held(town.aigul, "", Order.OLDEST) == [kazakh.id, russian.id, district.id]


def test_the_most_important_stands_first_when_a_view_says_so(town: Town) -> None:
    ordinary, urgent = at_905(town, category_code="T21"), at_905(town, category_code="T15")
    assert urgent.priority < ordinary.priority
    assert held(town.aigul, "", Order.PRIORITY) == [urgent.id, ordinary.id]


@pytest.mark.parametrize("order", list(Order))
def test_the_pages_of_every_order_hold_each_ticket_once(town: Town, order: Order) -> None:
    made = {at_905(town, category_code=code).id for code in ("T21", "T15", "T03", "T03", "T21")}
    found: list[int] = []
    after: str | None = ""
    while after is not None:
        page = board(who(town.aigul), BoardFilter(order=order), after, limit=2)
        found += [row.id for row in page.rows]
        after = page.next
    assert (len(found), set(found)) == (5, made)
    with pytest.raises(NotFound):
        board(who(town.aigul), BoardFilter(order=order), "made_up_by_hand")


def test_a_filter_that_can_no_longer_be_used_makes_a_view_smaller_and_never_larger(town: Town) -> None:
    at_905(town)
    assert held(town.aigul, "category:GONE") == []


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("құпиясөз", "words are looked for"),
        ("status:closed", "finished ones"),
        ("queue:technical status:finished", "finished ones"),
        ("", None),
        ("status:open due<2h", None),
    ],
)
def test_words_and_finished_tickets_make_no_view(typed: str, why: str | None) -> None:
    found = unusable(read(typed, clock.now().date(), set()))
    assert (why in found if found and why else found is why) is True


def test_a_view_needs_a_name_and_filters_that_exist(town: Town) -> None:
    with pytest.raises(Refused, match="name"):
        saved(town.aigul, "lang:kk", name="   ")
    with pytest.raises(Refused) as refused:
        saved(town.aigul, "queue:nonsense")
    assert refused.value.field == "filter"


def test_there_are_never_more_views_than_a_column_can_show(town: Town) -> None:
    for number in range(MOST):
        saved(town.aigul, "lang:kk", name=str(number))
    with pytest.raises(Refused):
        saved(town.aigul, "lang:kk", name="one too many")
    saved(town.svetlana, "lang:kk")


def test_two_who_change_a_view_at_once_do_not_overwrite_each_other(town: Town) -> None:
    view = saved(town.erlan, "lang:kk", at=town.district, scope=Scope.BELOW)
    draft = Draft("Басқа", "lang:ru", Order.DUE, Scope.BELOW, clock.now().date(), codes())

    def change(version: int) -> None:
        with transaction():
            known = view_queries.view_for(who(town.asel), view, lock=True)
            view_actions.save(known, town.district, draft, staff(town.asel.id), version)

    change(1)
    with pytest.raises(Conflict):
        change(1)


def test_a_deleted_view_is_gone_from_every_column_and_comes_back(town: Town) -> None:
    view = saved(town.erlan, "lang:kk", at=town.district, scope=Scope.BELOW)
    with transaction():
        view_actions.delete(session().get_one(SavedView, view), staff(town.erlan.id))
    assert columns(town.aigul, town.erlan) == [[], []]
    assert [one.id for one in view_queries.deleted(who(town.erlan))] == [view]
    assert list(view_queries.deleted(who(town.aigul))) == []
    with transaction():
        known = view_queries.view_for(who(town.erlan), view, lock=True, deleted=True)
        view_actions.restore(known, staff(town.erlan.id))
    assert columns(town.aigul) == [[view]]


def test_everybody_orders_and_hides_in_their_own_column(town: Town) -> None:
    one, two = (saved(town.erlan, "lang:kk", str(n), town.district, Scope.BELOW) for n in range(2))
    with transaction():
        view_actions.arrange(staff(town.aigul.id), [two, one], {one})
    assert [(view.id, view.hidden) for view in view_queries.column(who(town.aigul))] == [(two, False), (one, True)]
    assert columns(town.svetlana) == [[one, two]]
    assert (moved("abc", "c", -1), moved("abc", "a", -1), moved("abc", "a", 5)) == (
        list("acb"),
        list("abc"),
        list("bca"),
    )


# ── what counters cost ────────────────────────────────────────────────────────────────────────────────────────────

Conditions = dict[str, tuple[ColumnElement[bool], ...]]


@pytest.fixture
def thirty(town: Town) -> Callable[[], Conditions]:
    """The conditions of thirty views, as a column has them."""

    def make() -> Conditions:
        me = who(town.aigul)
        filters = ("lang:kk", "lang:ru queue:technical", "due<2h", "school:905", "assignee:none", "priority:P1")
        today = clock.now().date()
        return {
            f"saved-{n}": view_queries.conditions(me, filters[n % 6], today, codes(), DEFAULT_ZONE) for n in range(30)
        }

    return make


def test_thirty_views_are_counted_in_one_statement_that_reads_the_tickets_once(
    town: Town, thirty: Callable[[], Conditions]
) -> None:
    for language in ("kk", "kk", "ru"):
        at_905(town, language=language)
    conditions, me = thirty(), who(town.aigul)
    board_counts.counts(me)
    with counted_statements() as seen:
        found = board_counts.counts(me, saved=conditions)
    assert len(seen) == 1
    assert seen[0].count("FROM tickets") == 1
    assert (found.numbers["saved-0"], found.numbers["saved-1"], found.numbers["saved-3"]) == (2, 1, 3)
    assert not found.cut


def test_counters_count_nothing_that_the_asker_may_not_see(town: Town) -> None:
    at_905(town), at_905(town, category_code="C07"), filed(organization_id=town.school911.id)
    assert [board_counts.counts(who(one)).numbers["all"] for one in (town.aigul, town.erlan, town.bekzat)] == [1, 2, 1]


def test_counters_look_at_so_many_tickets_and_no_more_and_say_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    late = [at_905(town, category_code="T21", language="ru") for _ in range(4)]
    soon = [at_905(town, category_code="T15", language="kk") for _ in range(3)]
    monkeypatch.setattr(board_counts, "LOOKED_AT", 3)
    found = board_counts.counts(who(town.aigul))
    assert found.cut
    # the most urgent are looked at; one more only tells that there are more
    assert found.numbers["all"] == len(soon) + 1 < len(soon) + len(late)


def test_counters_read_so_many_rows_from_the_index_and_stop(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many tickets are unfinished, and also when a view holds none of them."""
    for _ in range(12):
        at_905(town)
    monkeypatch.setattr(board_counts, "LOOKED_AT", 5)
    me = who(town.asel)
    nothing = view_queries.conditions(me, "priority:P0", clock.now().date(), codes(), DEFAULT_ZONE)
    asked = board_counts.counting(me, {}, {"saved-1": nothing})
    sql = asked.compile(db.engine, compile_kwargs={"literal_binds": True})
    # at so few rows the planner would rather sort them all than walk the index that a million need
    session().execute(text("SET LOCAL enable_seqscan = off"))
    session().execute(text("SET LOCAL enable_sort = off"))
    session().execute(text("SET LOCAL enable_bitmapscan = off"))
    explained = session().connection().exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}").scalar_one()
    reads = [node for node in nodes(explained[0]["Plan"]) if node.get("Relation Name") == "tickets"]
    assert [(node["Index Name"], node["Actual Rows"]) for node in reads] == [("ix_tickets_due", 6)]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's nodes, from the top."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
