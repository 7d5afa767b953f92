"""Numbers that are turned away, and numbers that are never rung."""

from datetime import timedelta

import pytest

from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.telephony import number_rules
from helpdesk.telephony.conversation_rules import NumberRule
from tests.conftest import SetClock
from tests.people import Town

RUDE = "+77090000666"


def as_asker(person: Staff) -> Asker:
    found = asker(person.id)
    assert found is not None
    return found


def block(person: Staff, hours: int | None = None, rule: NumberRule = NumberRule.BLOCKED) -> int:
    until = clock.now() + timedelta(hours=hours) if hours else None
    with transaction():
        return number_rules.add(as_asker(person), RUDE, rule, "оскорбляет операторов", until).id


def test_a_blocked_number_is_turned_away_at_the_desk_and_below_and_nowhere_else(town: Town) -> None:
    block(town.erlan)
    assert number_rules.is_blocked(RUDE, town.district.id)
    assert number_rules.is_blocked(RUDE, town.school905.id)
    assert not number_rules.is_blocked(RUDE, town.city.id)
    assert not number_rules.is_blocked(RUDE, town.school911.id)
    assert not number_rules.is_blocked("+77090000667", town.district.id)


def test_a_block_ends_by_itself(town: Town, set_clock: SetClock) -> None:
    block(town.asel, hours=2)
    assert number_rules.is_blocked(RUDE, town.school911.id)
    set_clock.at += timedelta(hours=2)
    assert not number_rules.is_blocked(RUDE, town.school911.id)
    assert number_rules.rules_for(as_asker(town.asel)) == []


def test_who_does_not_want_to_be_called_is_called_by_nobody(town: Town) -> None:
    assert not number_rules.must_not_be_called(RUDE)
    block(town.erlan, rule=NumberRule.DO_NOT_CALL)
    assert number_rules.must_not_be_called(RUDE)
    assert not number_rules.is_blocked(RUDE, town.district.id)


def test_a_lifted_rule_holds_no_more_and_the_journal_knows_both(town: Town) -> None:
    entry_id = block(town.erlan)
    with transaction():
        number_rules.lift(as_asker(town.erlan), entry_id)
    assert not number_rules.is_blocked(RUDE, town.district.id)
    kinds = [entry.kind for entry in session().query(JournalEntry).order_by(JournalEntry.id)]
    assert kinds[-2:] == ["number.ruled", "number.lifted"]


def test_a_second_block_renews_the_first(town: Town) -> None:
    first = block(town.erlan, hours=1)
    assert block(town.erlan, hours=48) == first
    [ruled] = number_rules.rules_for(as_asker(town.erlan))
    assert (ruled.entry.number, ruled.by) == (RUDE, town.erlan.name)


def test_a_neighbours_rule_is_not_ours_to_lift(town: Town) -> None:
    entry_id = block(town.asel)
    with pytest.raises(NotFound), transaction():
        number_rules.lift(as_asker(town.erlan), entry_id)
    assert [ruled.entry.id for ruled in number_rules.rules_for(as_asker(town.asel))] == [entry_id]
    assert number_rules.rules_for(as_asker(town.erlan)) == []


@pytest.mark.parametrize(("typed", "reason", "field"), [("1450", "why", "number"), (RUDE, "  ", "reason")])
def test_a_rule_needs_a_number_and_a_reason(town: Town, typed: str, reason: str, field: str) -> None:
    with pytest.raises(Refused) as refused, transaction():
        number_rules.add(as_asker(town.erlan), typed, NumberRule.BLOCKED, reason)
    assert refused.value.field == field


def test_a_rule_does_not_end_before_it_begins(town: Town) -> None:
    with pytest.raises(Refused) as refused, transaction():
        number_rules.add(as_asker(town.erlan), RUDE, NumberRule.BLOCKED, "why", clock.now() - timedelta(minutes=1))
    assert refused.value.field == "until"
