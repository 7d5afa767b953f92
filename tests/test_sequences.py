"""docs/sequences.md is what really travels: every diagram is a story on the simulated network, drawn as it was lived.

`DRAW=1 .venv/bin/pytest tests/test_sequences.py` writes the page anew.
"""

import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.rules import Role
from helpdesk.kernel import settings
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk, DeskHours
from helpdesk.organizations.rules import CallbackMode
from helpdesk.sla import queries as calendars
from helpdesk.telephony import gateway
from helpdesk.telephony.conversation_models import Transfer
from helpdesk.telephony.conversation_rules import TransferState
from phonesim import CallHandle, Person
from tests.hotline import Hotline, Operator
from tests.people import GULNAR_PHONE, SignIn, Town
from tests.witness import Witness

PAGE = Path(__file__).resolve().parents[1] / "docs" / "sequences.md"
OF_905 = "+77272000905"
Story = Callable[["Stage"], list[str]]


class Stage:
    """The hotline, and who plays on it."""

    def __init__(self, app: Flask, hotline: Hotline, town: Town, sign_in: SignIn) -> None:
        self.app, self.hotline, self.town, self._sign_in = app, hotline, town, sign_in
        hotline.turn_every(1)  # the page shows what happens without delay

    def witness(self, operator: Staff | None = None, colleague: Staff | None = None) -> Witness:
        """Somebody who knows the telephones of these people."""
        people = {
            GULNAR_PHONE: "Caller",
            **{number: f"Service{number}" for number in self.hotline.network.people if len(number) == 3},
        }
        for person, name in ((operator, "Operator"), (colleague, "Colleague")):
            if person is not None:
                people[f"client:{gateway.identity(person.id)}"] = name
        return Witness(self.app, self.hotline.network, people)

    def presses(self, witness: Witness, person: Staff, path: str, **form: str) -> None:
        """The operator's button of this address."""
        browser = witness.browser(self._sign_in(person), "Operator")
        answer = browser.post(f"/calls/{path}", data=form, headers={"X-Requested-With": "fetch"})
        assert answer.status_code == 200, answer.text
        self.hotline.look_again()

    def signs_on(self, witness: Witness, person: Staff) -> None:
        """The operator begins to take calls."""
        self.presses(witness, person, "presence", state="ready")
        self.hotline.staffed(person)

    def talking(self) -> tuple[Operator, CallHandle]:
        """Әсел of the city talks with the caller."""
        [operator] = self.hotline.staffed(self.town.asel)
        call = self.hotline.dial(GULNAR_PHONE, "1", "2", talk=None)
        self.hotline.until(lambda: call.in_conversation)
        self.hotline.run(20)
        return operator, call

    def colleague(self) -> Staff:
        """Светлана, who helps out at the city's desk."""
        person, city = self.town.svetlana, self.town.city
        with transaction():
            session().add(StaffRole(staff_id=person.id, role=Role.OPERATOR, organization_id=city.id))
        return person

    def promised(self) -> None:
        """A caller has chosen to be called back while nobody was free."""
        self.hotline.network.person(GULNAR_PHONE, Person(rings=[5.0], keys=["1"], talk=20))
        call = self.hotline.dial(GULNAR_PHONE, "1", "2", "1")
        self.hotline.until(lambda: call.over)
        self.hotline.run(3)


@pytest.fixture
def sends(app: Flask) -> Iterator[None]:
    """A house that sends its SMS instead of keeping them."""
    house = settings.current()
    settings.install(house.model_copy(update={"mail_kept": False}))
    yield
    settings.install(house)


def change_desks(**values: object) -> None:
    with transaction():
        session().execute(update(Desk).values(**values))
    desks.forget()


def answered(stage: Stage) -> list[str]:
    """A call is answered

    The ticket and the place in the line are committed before the carrier is told to let the caller wait. The operator's
    browser connects with the offer that it was told of; the row of the offer says whether it was in time. The caller is
    fetched from the line after the commit, by a reaction to `offer.accepted`.
    """
    hotline, town = stage.hotline, stage.town
    hotline.staffed(town.asel)
    witness = stage.witness(town.asel)
    with witness.see():
        call = hotline.dial(GULNAR_PHONE, "1", "2", talk=20)
        hotline.until(lambda: call.over)
        hotline.run(3)
    return witness.drawn()


def kept_place(stage: Stage) -> list[str]:
    """A callback instead of waiting: the place is kept, the operator first

    The promise is a row before the caller hears of it, and stands in the same line at the caller's old place. When its
    turn comes, an operator sees the card and says yes; only then is the intent to dial committed (`callback.dialed`),
    and only after that is the carrier asked.
    """
    hotline, town = stage.hotline, stage.town
    change_desks(callback_mode=CallbackMode.OPERATOR_FIRST)
    hotline.network.person(GULNAR_PHONE, Person(rings=[5.0], talk=20))
    witness = stage.witness(town.asel)
    with witness.see():
        call = hotline.dial(GULNAR_PHONE, "1", "2", "1")
        hotline.until(lambda: call.over)
        hotline.run(10)
        stage.signs_on(witness, town.asel)
        hotline.until(lambda: bool(hotline.network.ledger.conversations(GULNAR_PHONE)))
        hotline.run(30)
    return witness.drawn()


def caller_first(stage: Stage) -> list[str]:
    """A callback, the caller first

    For desks that choose it. The telephone rings first; whoever presses 1 joins the line at the place that was kept, in
    front of everybody who came later.
    """
    hotline, town = stage.hotline, stage.town
    stage.promised()
    witness = stage.witness(town.asel)
    with witness.see():
        stage.signs_on(witness, town.asel)
        hotline.until(lambda: bool(hotline.network.ledger.conversations(GULNAR_PHONE)))
        hotline.run(30)
    return witness.drawn()


def all_closed(stage: Stage) -> list[str]:
    """A call when every desk is closed

    The school, its district and the city are closed. Whoever presses nothing is promised a callback at the next
    opening.
    """
    hotline = stage.hotline
    with transaction():
        session().execute(delete(DeskHours).where(DeskHours.weekday == 0))
    desks.forget()
    calendars.forget()
    witness = stage.witness()
    with witness.see():
        call = hotline.dial(GULNAR_PHONE, "1", to=OF_905)
        hotline.until(lambda: call.over)
        hotline.run(30)
    return witness.drawn()


def warm_transfer(stage: Stage) -> list[str]:
    """A warm transfer

    The caller hears music while the two operators talk; then the first one leaves. One column (`calls.operator_id`)
    says whose leg may be lost without losing the caller.
    """
    hotline, town = stage.hotline, stage.town
    stage.talking()
    hotline.staffed(stage.colleague())
    hotline.run(3)
    witness = stage.witness(town.asel, town.svetlana)
    with witness.see():
        stage.presses(witness, town.asel, "transfer", how="ask", to=f"staff:{town.svetlana.id}")
        hotline.until(lambda: session().scalars(select(Transfer.state)).one() is TransferState.TALKING)
        hotline.run(5)
        stage.presses(witness, town.asel, "transfer/complete")
        hotline.run(10)
    return witness.drawn()


def dead_browser(stage: Stage) -> list[str]:
    """An operator's browser dies

    The caller stays on the line, hears an apology (P27) and is the first in the line for whoever is free next.
    """
    hotline, town = stage.hotline, stage.town
    operator, call = stage.talking()
    witness = stage.witness(town.asel, stage.colleague())
    with witness.see():
        operator.alive = False
        operator.legs[-1].hang_up()
        hotline.until(lambda: any(name.startswith("P27") for name in call.prompts), limit=10)
        hotline.staffed(town.svetlana)
        hotline.until(lambda: call.in_conversation, limit=30)
        hotline.run(2)
    return witness.drawn()


def child_in_danger(stage: Stage) -> list[str]:
    """A child in danger: 112 on the line

    One key. The record and the alarm are committed first, 112 is dialled into the conversation after that, once. The
    operator may go: the caller stays with 112.
    """
    hotline, town = stage.hotline, stage.town
    change_desks(dials_service_numbers=True)
    hotline.network.person("112", Person(rings=[2.0], talk=None))
    operator, _ = stage.talking()
    witness = stage.witness(town.asel)
    with witness.see():
        stage.presses(witness, town.asel, "danger", service="112")
        hotline.run(15)
        operator.legs[-1].hang_up()
        hotline.run(5)
    return witness.drawn()


STORIES: tuple[Story, ...] = (
    answered,
    kept_place,
    caller_first,
    all_closed,
    warm_transfer,
    dead_browser,
    child_in_danger,
)


INTRODUCTION = """# Sequences

Drawn by `tests/test_sequences.py` from what travels when these stories are lived on the simulated network; the test
fails when the code does otherwise. What the network asks and tells is an arrow to *Web*, and the documents that it gets
go back; *PostgreSQL* gets what is committed to the journal, by its kinds; *Worker* is the clock process and its jobs,
which act after the commit. Left out: reports that change nothing in the journal, and pages that are only looked at.
P00, P06 … are the prompts of `helpdesk/telephony/prompts/texts.json`.

The rule behind all of them: **what is promised or intended is committed before anybody hears of it or is rung**, so
that whatever dies in between can be taken up again from the database.
"""
BETWEEN = "\n\n## "


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_page_of_sequences_is_what_really_travels(
    app: Flask, hotline: Hotline, town: Town, sign_in: SignIn, sends: None, story: Story
) -> None:
    lines = story(Stage(app, hotline, town, sign_in))
    section = "\n".join([inspect.cleandoc(story.__doc__ or ""), "", "```mermaid", *lines, "```"])
    place = STORIES.index(story) + 1
    page = PAGE.read_text(encoding="utf-8").rstrip("\n").split(BETWEEN)
    if os.environ.get("DRAW") == "1":
        page = [INTRODUCTION.rstrip("\n"), *page[1:], *STORIES][: len(STORIES) + 1]
        page[place] = section
        PAGE.write_text(BETWEEN.join(map(str, page)) + "\n", encoding="utf-8")
    assert page[0] == INTRODUCTION.rstrip("\n")
    assert page[place] == section, "if this is as it should be now: DRAW=1 .venv/bin/pytest tests/test_sequences.py"
    assert len(page) == len(STORIES) + 1
