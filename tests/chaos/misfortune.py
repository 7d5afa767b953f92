"""What goes wrong in a world: chances of its own, and how often each struck.

Workers, the clock process and the web server die at every step or sleep through it; Redis loses jobs, doubles them, is
wiped or away. What goes wrong between the house and the carrier is `phonesim.Faults`' business.
"""

import random
from collections import Counter

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


# The chance of each on the worst of days.
WORST = {
    "killed": 0.35,
    "killed_inside": 0.25,
    "killed_clock": 0.004,
    "killed_web": 0.04,
    "asleep": 0.15,
    "job_lost": 0.15,
    "job_doubled": 0.3,
    "redis_away": 0.1,
    "redis_wiped": 0.06,
    "browser_died": 0.15,
    "not_taken": 0.2,
}


class Misfortune:
    """A bad day: each chance between nothing and its worst."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.chances = {name: dice.uniform(0, worst) for name, worst in WORST.items()}
        self.struck: Counter[str] = Counter()

    def strikes(self, name: str) -> bool:
        """Throw the dice for one chance by its name."""
        if self.dice.random() >= self.chances[name]:
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
