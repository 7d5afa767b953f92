"""The arithmetic of telephone figures. Pure: counts and seconds in, figures out; "no data" is None, never 0.

Calls count in the interval in which they joined the queue, and waits are measured from then on, not from the menu.
Offered = handled + abandoned + callback + voicemail + other: a caller who chose to be called back, or left a message,
has not abandoned. Sources: the service levels and their worked example are those of Call Centre Helper's overview of
service level formulas; what is no abandonment follows the metrics definitions of Amazon Connect; the others are the
usual ones of contact centres. The words of each formula stand in `telephony_figures.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# 80 % of calls are to be answered within 20 seconds.
THRESHOLD_SECONDS = 20
TARGET = 0.80


def share(part: float | None, whole: float | None) -> float | None:
    """`part` of `whole`; None where there is no whole."""
    return None if part is None or not whole else part / whole


@dataclass(frozen=True)
class Calls:
    """Calls offered to the queue in an interval, by what became of them; times are sums of seconds over handled calls.

    `short` are the abandoned who hung up within a few seconds of joining; `other` is divided by reason in `reasons`.
    """

    handled: int = 0
    abandoned: int = 0
    callback: int = 0
    voicemail: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    short: int = 0
    handled_in_time: int = 0
    abandoned_in_time: int = 0
    transferred: int = 0
    wait_seconds: float = 0
    talk_seconds: float = 0
    hold_seconds: float = 0
    wrapup_seconds: float = 0

    @property
    def other(self) -> int:
        """Neither handled nor abandoned nor called back nor spoken to the machine."""
        return sum(self.reasons.values())

    @property
    def offered(self) -> int:
        """O = H + A + CB + VM + other."""
        return self.handled + self.abandoned + self.callback + self.voicemail + self.other

    @property
    def waited_out(self) -> int:
        """H + A: those who stayed for an operator until one came, or until they gave up."""
        return self.handled + self.abandoned

    def service_level_1(self) -> float | None:
        """(H_T + A_T) ÷ (H + A): who gave up in time counts as served in time."""
        return share(self.handled_in_time + self.abandoned_in_time, self.waited_out)

    def service_level_2(self) -> float | None:
        """H_T ÷ H: blind to everybody who gave up."""
        return share(self.handled_in_time, self.handled)

    def service_level_3(self) -> float | None:
        """H_T ÷ (H + A): the strictest."""
        return share(self.handled_in_time, self.waited_out)

    def service_level(self) -> float | None:
        """Variant 4, the one of this house: H_T ÷ (H + A − A_T). Who gave up within T says nothing about us."""
        return share(self.handled_in_time, self.waited_out - self.abandoned_in_time)

    def service_level_5(self) -> float | None:
        """(H_T + A_s) ÷ (H + A): only short abandons count as served in time."""
        return share(self.handled_in_time + self.short, self.waited_out)

    def speed_of_answer(self) -> float | None:
        """ASA in seconds: waits of handled calls ÷ H."""
        return share(self.wait_seconds, self.handled)

    def handle_time(self) -> float | None:
        """AHT in seconds: (talk + hold + wrap-up) ÷ H."""
        return share(self.talk_seconds + self.hold_seconds + self.wrapup_seconds, self.handled)

    def abandonment(self) -> float | None:
        """(A − A_s) ÷ (O − A_s)."""
        return share(self.abandoned - self.short, self.offered - self.short)

    def transfer_rate(self) -> float | None:
        """Handled calls that were handed on ÷ H."""
        return share(self.transferred, self.handled)


@dataclass(frozen=True)
class Work:
    """Seconds of operators by state. Ringing counts as idle: the operator could still have been given anything."""

    busy_seconds: float = 0
    wrapup_seconds: float = 0
    idle_seconds: float = 0
    break_seconds: float = 0

    @property
    def handling_seconds(self) -> float:
        """Talk, hold and wrap-up."""
        return self.busy_seconds + self.wrapup_seconds

    @property
    def available_seconds(self) -> float:
        """Handling calls or ready for them."""
        return self.handling_seconds + self.idle_seconds

    @property
    def paid_seconds(self) -> float:
        """Signed in, breaks included."""
        return self.available_seconds + self.break_seconds

    def occupancy(self) -> float | None:
        """(talk + hold + wrap-up) ÷ (talk + hold + wrap-up + ready): breaks are nobody's idleness."""
        return share(self.handling_seconds, self.available_seconds)

    def utilisation(self) -> float | None:
        """(talk + hold + wrap-up) ÷ time signed in."""
        return share(self.handling_seconds, self.paid_seconds)

    def operators(self, interval_seconds: float) -> float | None:
        """How many operators were there on the average of an interval, breaks excluded."""
        return share(self.available_seconds, interval_seconds)


@dataclass(frozen=True)
class Offers:
    """How operators answered when a call was held out to them; offers that the caller ended count nowhere."""

    accepted: int = 0
    declined: int = 0
    missed: int = 0

    @property
    def made(self) -> int:
        """Offers that an operator could have taken."""
        return self.accepted + self.declined + self.missed

    def missed_rate(self) -> float | None:
        """RONA, "redirected on no answer": offers that nobody took in time ÷ offers."""
        return share(self.missed, self.made)


@dataclass(frozen=True)
class Estimates:
    """What callers who were then answered live had been told, compared with how long they waited.

    `bounded` were told a step with an upper end ("about 5 minutes"), `endless` more than half an hour.
    """

    told: int = 0
    bounded: int = 0
    within: int = 0
    endless: int = 0
    seconds_p50: float | None = None
    seconds_p90: float | None = None
    relative_p50: float | None = None
    relative_p90: float | None = None

    def within_share(self) -> float | None:
        """Answered not later than announced ÷ those who were told a step with an upper end."""
        return share(self.within, self.bounded)

    def endless_share(self) -> float | None:
        """Told "more than 30 minutes" ÷ everybody who was told a wait and was answered."""
        return share(self.endless, self.told)


@dataclass(frozen=True)
class Promises:
    """Callbacks that were promised in an interval: reached + not reached + open + withdrawn.

    `overdue` of the open ones are past their time. `tried` had an attempt that rang, `first_reached` were connected by
    the first of these; `attempts` are all those of the reached. `announced` were promised to callers who had been told
    a wait. Seconds are from the request to the conversation.
    """

    reached: int = 0
    not_reached: int = 0
    open: int = 0
    withdrawn: int = 0
    kept: int = 0
    overdue: int = 0
    tried: int = 0
    first_reached: int = 0
    attempts: int = 0
    announced: int = 0
    announced_kept: int = 0
    seconds_p50: float | None = None
    seconds_p90: float | None = None

    @property
    def promised(self) -> int:
        """All of them."""
        return self.reached + self.not_reached + self.open + self.withdrawn

    @property
    def settled(self) -> int:
        """It is known whether the person was reached."""
        return self.reached + self.not_reached

    @property
    def measured(self) -> int:
        """It is known whether the promised time was kept. Who called us first, or took it back, is left out."""
        return self.settled + self.overdue

    def success(self) -> float | None:
        """Reached ÷ (reached + not reached)."""
        return share(self.reached, self.settled)

    def kept_share(self) -> float | None:
        """Reached not later than promised ÷ (reached + not reached + overdue)."""
        return share(self.kept, self.measured)

    def first_attempt_rate(self) -> float | None:
        """Connected by the first attempt ÷ promises with an attempt."""
        return share(self.first_reached, self.tried)

    def attempts_per_success(self) -> float | None:
        """Attempts of the promises that were kept, late or in time ÷ these promises."""
        return share(self.attempts, self.reached)

    def announced_share(self) -> float | None:
        """Reached within the announced wait and five minutes ÷ promises to callers who were told a wait."""
        return share(self.announced_kept, self.announced)


def wait_error(announced_seconds: float, actual_seconds: float) -> tuple[float, float]:
    """The error of an estimate: |announced − actual| in seconds before rounding, and relative to the actual wait.

    A wait below one second counts as one: nothing can be said relative to 0.
    """
    error = abs(announced_seconds - actual_seconds)
    return error, error / max(actual_seconds, 1.0)
