"""What goes wrong in a world: chances of its own, and how often each struck.

Workers, the clock process and the web server die at every step or sleep through it; Redis loses jobs, doubles them, is
wiped or away. What goes wrong between the house and the carrier is `phonesim.Faults`' business.
"""

import random
from collections import Counter
from dataclasses import dataclass, field

from phonesim import Faults

# Between two transactions of a job: here a work-horse may also fall asleep, because it holds no lock.
IN_JOBS = (
    "callback.claimed",
    "callback.asked",
    "callback.placed",
    "callback.adopted",
    "callback.unsettled",
    "callback.listed",
    "callback.fetched",
    "reaction.due",
    "reactions.done",
)
# In the middle of a transaction, wherever it runs: in a job, in a webhook, in the clock process.
IN_TRANSACTIONS = ("preview.taken", "attempt.adopted", "attempt.settled")
IN_CLOCK = ("round.due",)
# The web server has committed and dies before it answers.
IN_WEB = ("webhook.taken",)
STEPS = (*IN_JOBS, *IN_TRANSACTIONS, *IN_CLOCK, *IN_WEB)


class Killed(BaseException):
    """The process is gone, between one statement and the next."""


@dataclass
class Misfortune:
    """Chances from 0 to 1, drawn anew for each world; `struck` counts."""

    dice: random.Random
    killed: float
    killed_inside: float
    killed_clock: float
    killed_web: float
    asleep: float
    job_lost: float
    job_doubled: float
    redis_away: float
    redis_wiped: float
    browser_died: float
    not_taken: float
    struck: Counter[str] = field(default_factory=Counter)

    @classmethod
    def drawn(cls, dice: random.Random) -> "Misfortune":
        """A bad day: each chance between nothing and its worst."""
        return cls(
            dice,
            killed=dice.uniform(0, 0.35),
            killed_inside=dice.uniform(0, 0.25),
            killed_clock=dice.uniform(0, 0.004),
            killed_web=dice.uniform(0, 0.04),
            asleep=dice.uniform(0, 0.15),
            job_lost=dice.uniform(0, 0.15),
            job_doubled=dice.uniform(0, 0.3),
            redis_away=dice.uniform(0, 0.1),
            redis_wiped=dice.uniform(0, 0.06),
            browser_died=dice.uniform(0, 0.15),
            not_taken=dice.uniform(0, 0.2),
        )

    def strikes(self, name: str) -> bool:
        """Throw the dice for one chance by its name."""
        if self.dice.random() >= getattr(self, name):
            return False
        self.struck[name] += 1
        return True


def of_the_carrier(seed: int, dice: random.Random) -> Faults:
    """A bad day of the carrier and of the line to it."""
    return Faults(
        seed=seed,
        duplicate=dice.uniform(0, 0.3),
        delay=dice.uniform(0, 0.2),
        reorder=dice.uniform(0, 0.3),
        drop=dice.uniform(0, 0.3),
        rest_429=dice.uniform(0, 0.1),
        rest_500=dice.uniform(0, 0.1),
        rest_lost=dice.uniform(0, 0.3),
        list_lag=dice.choice([0.0, 5.0, 20.0]),
    )
