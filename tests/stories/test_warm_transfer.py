"""An operator asks a colleague while the caller hears music; then one of them, or all three, talk on."""

import pytest
from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.telephony import actions, holding, offers, presence, queries, transfers
from helpdesk.telephony.conversation_models import Transfer
from helpdesk.telephony.conversation_rules import TransferState
from helpdesk.telephony.models import Call, Presence
from helpdesk.telephony.rules import CallState, Outcome, PresenceState
from helpdesk.tickets.models import Ticket
from phonesim import CallHandle
from tests.hotline import Hotline, Operator
from tests.people import GULNAR_PHONE, Town

OF_905 = "+77272000905"


class Asked:
    """Айгүл talks with Гүлнар and has asked Светлана, who answers unless `answers` is None."""

    def __init__(self, hotline: Hotline, town: Town, answers: float | None = 2.0) -> None:
        self.hotline, self.town = hotline, town
        self.caller: CallHandle = hotline.dial(GULNAR_PHONE, "1", "1", "1", to=OF_905, talk=None)
        self.aigul: Operator
        self.svetlana: Operator
        [self.aigul] = hotline.staffed(town.aigul)
        hotline.until(lambda: self.caller.in_conversation)
        [self.svetlana] = hotline.staffed(town.svetlana, answers=answers)
        hotline.run(3)
        with transaction():
            transfers.consult(queries.locked(self.call.id), town.aigul.id, town.svetlana.id)

    @property
    def call(self) -> Call:
        Hotline.look_again()
        return session().scalars(select(Call)).one()

    @property
    def transfer(self) -> TransferState:
        Hotline.look_again()
        return session().scalars(select(Transfer.state)).one()

    def where(self, operator: Operator) -> PresenceState:
        Hotline.look_again()
        return session().get_one(Presence, operator.staff.id).state

    def talks(self) -> "Asked":
        """The colleague has answered."""
        self.hotline.until(lambda: self.transfer is TransferState.TALKING)
        self.hotline.run(3)
        return self

    def do(self, verb: object) -> None:
        with transaction():
            verb(queries.locked(self.call.id), self.town.aigul.id)  # type: ignore[operator]  # a verb of transfers
        self.hotline.run(3)

    def circle(self) -> dict[str, set[str]]:
        """Who is heard by whom at this moment."""
        names = {
            "caller": GULNAR_PHONE,
            "aigul": f"client:op_{self.town.aigul.id}",
            "svetlana": f"client:op_{self.town.svetlana.id}",
        }
        who = {address: name for name, address in names.items()}
        ledger, now = self.hotline.network.ledger, self.hotline.clock.now()
        return {name: {who[one] for one in ledger.heard_by(address, now)} for name, address in names.items()}


def test_the_caller_hears_music_while_the_operators_talk(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town).talks()
    assert asked.circle() == {"caller": set(), "aigul": {"svetlana"}, "svetlana": {"aigul"}}
    assert asked.caller.prompts[-1].startswith("music")


def test_the_colleague_takes_the_caller_and_the_ticket(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town).talks()
    asked.do(transfers.complete)
    assert asked.circle() == {"caller": {"svetlana"}, "aigul": set(), "svetlana": {"caller"}}
    assert asked.aigul.legs[0].over
    assert asked.call.operator_id == town.svetlana.id
    assert (asked.where(asked.aigul), asked.where(asked.svetlana)) == (PresenceState.WRAPUP, PresenceState.TALKING)
    hotline.run(40)
    assert session().get_one(Ticket, asked.call.ticket_id).assignee_id == town.svetlana.id
    asked.caller.hang_up()
    hotline.run(3)
    assert asked.call.outcome is Outcome.HANDLED
    assert asked.where(asked.svetlana) is PresenceState.WRAPUP
    assert asked.svetlana.legs[0].over


def test_all_three_may_talk_and_then_either_operator_leaves(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town).talks()
    asked.do(lambda call, staff_id: holding.unhold(call, staff(staff_id)))
    assert asked.circle() == {
        "caller": {"aigul", "svetlana"},
        "aigul": {"caller", "svetlana"},
        "svetlana": {"caller", "aigul"},
    }
    asked.svetlana.legs[0].hang_up()
    hotline.run(3)
    assert asked.circle() == {"caller": {"aigul"}, "aigul": {"caller"}, "svetlana": set()}
    assert asked.call.operator_id == town.aigul.id


def test_the_operator_keeps_the_caller_after_asking(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town).talks()
    asked.do(transfers.cancel)
    assert asked.circle() == {"caller": {"aigul"}, "aigul": {"caller"}, "svetlana": set()}
    assert asked.transfer is TransferState.CANCELLED
    assert asked.svetlana.legs[0].over
    assert asked.where(asked.svetlana) is PresenceState.READY


def test_a_colleague_who_is_not_needed_any_more_is_not_asked_on(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town, answers=None)
    hotline.run(3)
    asked.do(transfers.cancel)
    assert asked.transfer is TransferState.CANCELLED
    assert queries.open_offer(town.svetlana.id) is None
    assert asked.where(asked.svetlana) is PresenceState.READY
    assert asked.circle()["aigul"] == {"caller"}


def test_a_colleague_who_does_not_answer_gives_the_caller_back(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town, answers=None)
    hotline.run(10)
    assert asked.circle()["aigul"] == set()
    hotline.run(10)
    assert asked.transfer is TransferState.FAILED
    assert asked.circle()["aigul"] == {"caller"}
    assert asked.call.operator_id == town.aigul.id


def test_a_colleague_who_says_no_stays_ready(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town, answers=None)
    with transaction():
        offer = queries.open_offer(town.svetlana.id)
        assert offer is not None
        offers.decline(offer)
    hotline.run(3)
    assert asked.transfer is TransferState.FAILED
    assert asked.where(asked.svetlana) is PresenceState.READY
    assert asked.circle()["aigul"] == {"caller"}


def test_a_colleague_whose_browser_dies_gives_the_caller_back(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town).talks()
    asked.svetlana.alive = False
    asked.svetlana.legs[0].hang_up()
    hotline.run(3)
    assert asked.transfer is TransferState.FAILED
    assert asked.circle() == {"caller": {"aigul"}, "aigul": {"caller"}, "svetlana": set()}


def test_when_the_operator_is_lost_the_colleague_has_the_caller(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town).talks()
    asked.aigul.alive = False
    asked.aigul.legs[0].hang_up()
    hotline.run(3)
    assert asked.transfer is TransferState.DONE
    assert asked.circle() == {"caller": {"svetlana"}, "aigul": set(), "svetlana": {"caller"}}
    assert asked.call.operator_id == town.svetlana.id


def test_when_the_operator_is_lost_before_the_colleague_answers_the_caller_is_first_in_line(
    hotline: Hotline, town: Town
) -> None:
    asked = Asked(hotline, town, answers=None)
    asked.aigul.alive = False
    asked.aigul.legs[0].hang_up()
    hotline.run(3)
    assert asked.transfer is TransferState.CANCELLED
    assert asked.call.state in (CallState.QUEUED, CallState.OFFERED)
    assert any(name.startswith("P27") for name in asked.caller.prompts)
    asked.svetlana.answers = 2.0
    hotline.until(lambda: asked.caller.in_conversation, limit=60)
    assert asked.call.operator_id == town.svetlana.id


@pytest.mark.parametrize("answers", [None, 2.0])
def test_a_caller_who_hangs_up_meanwhile_frees_both(hotline: Hotline, town: Town, answers: float | None) -> None:
    asked = Asked(hotline, town, answers)
    if answers is not None:
        asked.talks()
    asked.caller.hang_up()
    hotline.run(4)
    assert asked.call.outcome is Outcome.HANDLED
    assert asked.where(asked.aigul) is PresenceState.WRAPUP
    assert asked.where(asked.svetlana) is PresenceState.READY
    assert all(leg.over for leg in asked.aigul.legs + asked.svetlana.legs)
    assert queries.open_offer(town.svetlana.id) is None


def test_only_a_colleague_who_is_free_is_asked_and_one_at_a_time(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town, answers=None)
    with pytest.raises(Refused), transaction():
        transfers.consult(queries.locked(asked.call.id), town.aigul.id, town.asel.id)
    asked.do(transfers.cancel)
    with transaction():
        presence.choose(town.svetlana.id, PresenceState.BREAK, "rest")
    with pytest.raises(Refused), transaction():
        transfers.consult(queries.locked(asked.call.id), town.aigul.id, town.svetlana.id)
    assert asked.call.held_at is None


def test_ending_the_call_ends_it_for_all(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town).talks()
    asked.do(actions.close)
    hotline.until(lambda: asked.caller.over)
    hotline.run(3)
    assert asked.call.outcome is Outcome.HANDLED
    assert (asked.where(asked.aigul), asked.where(asked.svetlana)) == (PresenceState.WRAPUP, PresenceState.READY)
    assert all(leg.over for leg in asked.aigul.legs + asked.svetlana.legs)


def test_doing_it_twice_is_doing_it_once(hotline: Hotline, town: Town) -> None:
    asked = Asked(hotline, town).talks()
    asked.do(transfers.complete)
    with transaction():
        assert not transfers.complete(queries.locked(asked.call.id), town.aigul.id)
        assert not transfers.cancel(queries.locked(asked.call.id), town.aigul.id)
    hotline.run(3)
    assert asked.circle()["svetlana"] == {"caller"}


@pytest.mark.parametrize("seed", range(3))
def test_doubled_and_disordered_webhooks_change_nothing(hotline: Hotline, town: Town, seed: int) -> None:
    hotline.network.faults.duplicate, hotline.network.faults.reorder = 0.5, 0.5
    asked = Asked(hotline, town).talks()
    asked.do(transfers.complete)
    hotline.run(10)
    assert asked.circle()["svetlana"] == {"caller"}
    asked.caller.hang_up()
    hotline.run(10)
    assert asked.call.outcome is Outcome.HANDLED
    assert hotline.network.ledger.overlapping_conversations(GULNAR_PHONE) == []
