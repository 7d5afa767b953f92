"""A day on which everybody calls: callers with patience, operators who write up, counted by what the far ends lived.

Load of a first remote day (R) in Almaty: 7,440 calls dialled, 1,339 of them in the busy hour, a quarter of them served
by the menu; an operator needs five minutes a contact, writing included. Forty operators serve about 480 an hour: the
rest must become callbacks, or the day is lost.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import quantiles

from flask import Flask
from sqlalchemy import func, or_, select

from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.identity.queries import asker
from helpdesk.kernel.db import db
from helpdesk.reports.kpis import Work
from helpdesk.reports.rules import Period
from helpdesk.reports.telephony import phone_report
from helpdesk.reports.telephony_counts import INBOUND, OFFERED, WAITED
from helpdesk.reports.telephony_rows import PhoneRow
from helpdesk.reports.telephony_slices import PhoneBy, Selection
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import Outcome
from helpdesk.tickets.queries import secret_of
from phonesim import Person
from tests.crew import Manned, answers
from tests.exchange import HOTLINE
from tests.factories import filed
from tests.people import Town

# Monday 23 November 2026, 09:00 in Almaty: the desk opens
OPENS = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
# Shares of the day's calls by hour from 09:00; the first is the busy hour of the load model, 18 %.
HOURS = (0.18, 0.15, 0.13, 0.10, 0.07, 0.09, 0.09, 0.08, 0.07, 0.04)
CONTAINED = 0.25
# Seconds of a call in which nobody loses patience, since somebody or something speaks.
IN_THE_MENU = 80


@dataclass(frozen=True)
class Load:
    """`a_day` calls by the shares of HOURS, lived through for `minutes` from the opening, served by `operators`.

    The clock process hears of a commit `hears_after` seconds later; in truth at once, which takes a long day's proof
    twice the time and gives operators their calls a little earlier.
    """

    a_day: int
    operators: int
    minutes: int
    hears_after: float = 1.0
    seed: int = 1


@dataclass(frozen=True)
class Lived:
    """What became of a day: the far ends' ledger, and the report that a supervisor reads.

    `work` is the report's at the end of the load, before the line runs empty.
    """

    dialled: int
    day: PhoneRow
    work: Work
    unended: int
    waits: tuple[float, float]
    in_two_talks: int
    overlapping_rings: int
    callbacks: Counter[str]
    attempts: Counter[str]
    late: int

    def lines(self) -> list[str]:
        """The day in figures, for people."""
        calls, told, back = self.day.calls, self.day.estimates, self.day.promises
        seconds = f"median {told.seconds_p50 or 0:.0f} s, p90 {told.seconds_p90 or 0:.0f} s"
        return [
            f"dialled {self.dialled}, not ended {self.unended}, not in the report "
            f"{self.dialled - self.day.counts['received']}",
            f"offered to the line {calls.offered} = handled {calls.handled} + abandoned {calls.abandoned} + callback "
            f"{calls.callback} + voicemail {calls.voicemail} + other {calls.other} {dict(calls.reasons) or ''}",
            f"operators: occupied {self.work.occupancy() or 0:.1%}, in two conversations {self.in_two_talks}; "
            f"telephones that rang twice at once {self.overlapping_rings}",
            f"wait of those answered live: median {self.waits[0]:.0f} s, p90 {self.waits[1]:.0f} s",
            f"wait estimated for {told.told} of them: error {seconds}; relative median {told.relative_p50 or 0:.1%}, "
            f"p90 {told.relative_p90 or 0:.1%}",
            f"served within what was announced {told.within} of {told.bounded} ({told.within_share() or 0:.1%}); told "
            f"more than 30 min {told.endless} ({told.endless_share() or 0:.1%})",
            f"callbacks: {dict(self.callbacks)}, median {(back.seconds_p50 if back else 0) or 0:.0f} s from the "
            f"promise to the talk, later than promised {self.late}; attempts {dict(self.attempts)}",
        ]


class Day(Manned):
    """The house, forty operators, and a city that calls."""

    def __init__(self, app: Flask, town: Town, load: Load) -> None:
        self.load, self.town = load, town
        super().__init__(
            app,
            town,
            load.operators,
            load.seed,
            writes=(20, 70),
            start=OPENS - timedelta(minutes=1),
            cps=5.0,
            every=2 * load.hears_after,
            hears_after=load.hears_after,
            looks_every=4.0,
        )
        with app.app_context():
            known = [filed(organization_id=town.city.id, contact_id=town.gulnar.id).ticket for _ in range(5)]
            self.secrets = [(ticket.number.replace("-", ""), secret_of(ticket)) for ticket in known]
        self._callers = 0

    def languages_of(self, number: int) -> list[str]:
        """One in eight speaks Kazakh only, one in eight Russian only."""
        return ["kk", "ru"] if number % 4 else ["kk"] if number % 8 else ["ru"]

    def live(self) -> Lived:
        """Through the hours of the load, and until nobody is on the line any more."""
        self.sign_in(*self.crew)
        for hour, share in enumerate(HOURS):
            for _ in range(round(self.load.a_day * share)):
                at = hour + self.dice.random()
                if at * 60 < self.load.minutes:
                    self.clock.after(60 + 3600 * at, self._caller_dials)
        self.clock.run_for(60)
        for minute in range(self.load.minutes):
            self.clock.run_for(60)
            if minute % 10 == 9:
                print(f"{minute + 1:>4} min: {self._callers} have called", flush=True)
        with self.app.app_context():
            work = self._report().work
        self.clock.run_until(self._line_is_empty, limit=4 * 3600)
        return self._counted(work or Work())

    def _line_is_empty(self) -> bool:
        return all(call.over for call in reversed(self.network.calls.values()))

    # ── callers ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _caller_dials(self) -> None:
        self._callers += 1
        dice, number = self.dice, f"+7701{self._callers:07d}"
        language = dice.choices(["1", "2", ""], [55, 42, 3])[0]
        if dice.random() < CONTAINED:
            ticket, secret = dice.choice(self.secrets)
            keys = [language or "1", "4", f"{ticket}#", f"{secret}#"]
            self.network.dial(HOTLINE, from_=number, person=Person(keys=keys, patience=38, reaction=1))
            return
        topic, takes = dice.choice("1235"), dice.random() < 0.6
        person = Person(
            keys=answers(language, topic, takes),
            rings=[dice.choices(["busy", "no-answer", dice.uniform(3, 15)], [4, 8, 88])[0], dice.uniform(3, 15)],
            patience=max(40.0, dice.expovariate(1 / 600)) + IN_THE_MENU,
            talk=dice.lognormvariate(5.3, 0.5),
            listens=True,
        )
        self.network.person(number, person)
        self.network.dial(HOTLINE, from_=number, person=person)

    # ── what came of it ───────────────────────────────────────────────────────────────────────────────────────────

    def _counted(self, work: Work) -> Lived:
        with self.app.app_context():
            handled = select(WAITED).where(OFFERED, Call.outcome == Outcome.HANDLED)
            waits = [float(seconds) for seconds in db.session.scalars(handled)]
            callbacks = list(db.session.scalars(select(Callback)))
            return Lived(
                dialled=self._callers,
                day=self._report(),
                work=work,
                unended=db.session.scalars(
                    select(func.count()).where(INBOUND, or_(Call.ended_at.is_(None), Call.outcome.is_(None)))
                ).one(),
                waits=_quantiles(waits),
                in_two_talks=len(self.ledger.overlapping_conversations()),
                overlapping_rings=len(self.ledger.overlapping_rings()),
                callbacks=Counter(callback.state.value for callback in callbacks),
                attempts=Counter(
                    attempt.result.value if attempt.result else attempt.state.value
                    for attempt in db.session.scalars(select(Attempt))
                ),
                late=sum(
                    callback.reached_at > callback.promised_at
                    for callback in callbacks
                    if callback.reached_at is not None
                ),
            )

    def _report(self) -> PhoneRow:
        person = asker(self.town.asel.id)
        if person is None:
            raise AssertionError("nobody reads the report")
        day = OPENS.date()
        return phone_report(person, Selection(Period(day, day)), PhoneBy.HOUR).total


def _quantiles(values: list[float]) -> tuple[float, float]:
    """Median and 90th percentile."""
    if len(values) < 2:
        return (values[0], values[0]) if values else (0.0, 0.0)
    cut = quantiles(values, n=10)
    return cut[4], cut[8]
