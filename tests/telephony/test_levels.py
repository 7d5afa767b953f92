"""Whose operators may take a caller, level by level."""

from helpdesk.organizations.models import Desk, Organization
from helpdesk.telephony.levels import Levels

MINISTRY, CITY, DISTRICT, SCHOOL, NEIGHBOUR = "/9/", "/9/1/", "/9/1/2/", "/9/1/2/3/", "/9/1/8/"


def desk(path: str, to: str | None = None, after: int = 30) -> Desk:
    own = int(path.strip("/").rsplit("/", 1)[-1])
    above = int(to.strip("/").rsplit("/", 1)[-1]) if to else None
    return Desk(id=own, overflow_to_id=above, overflow_after_seconds=after, organization=Organization(path=path))


def levels(*desks: Desk) -> Levels:
    return Levels.of(desks[0].id, {one.id: one for one in desks})


def test_each_level_adds_its_own_operators() -> None:
    chain = levels(desk(SCHOOL, DISTRICT), desk(DISTRICT, CITY), desk(CITY))
    assert [chain.served_by(number) for number in range(3)] == [
        {SCHOOL},
        {SCHOOL, DISTRICT},
        {SCHOOL, DISTRICT, CITY, MINISTRY},
    ]


def test_without_an_overflow_everybody_above_may_help_at_once() -> None:
    assert levels(desk(SCHOOL)).served_by(0) == {SCHOOL, DISTRICT, CITY, MINISTRY}


def test_operators_between_two_levels_belong_to_the_upper_one() -> None:
    chain = levels(desk(SCHOOL, CITY), desk(CITY))
    assert chain.served_by(0) == {SCHOOL}
    assert chain.served_by(1) == {SCHOOL, DISTRICT, CITY, MINISTRY}


def test_a_neighbour_may_help_out_too() -> None:
    chain = levels(desk(DISTRICT, NEIGHBOUR), desk(NEIGHBOUR))
    assert chain.served_by(0) == {DISTRICT}
    assert chain.served_by(1) == {DISTRICT, NEIGHBOUR, CITY, MINISTRY}


def test_waiting_times_add_up() -> None:
    chain = levels(desk(SCHOOL, DISTRICT, after=30), desk(DISTRICT, CITY, after=60), desk(CITY))
    assert [chain.seconds_until_above(number) for number in range(2)] == [30, 90]


def test_a_ring_of_desks_ends() -> None:
    chain = levels(desk(SCHOOL, DISTRICT), desk(DISTRICT, SCHOOL))
    assert [one.id for one in chain.desks] == [3, 2]
    assert chain.top == 1


def test_a_desk_that_left_the_chain_counts_as_the_desk_itself() -> None:
    chain = levels(desk(SCHOOL, CITY), desk(CITY))
    assert chain.number(2) == 0
    assert [chain.number(chain.reach_id(number)) for number in range(2)] == [0, 1]
