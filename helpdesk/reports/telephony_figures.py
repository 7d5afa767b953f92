"""Every figure of the telephone report: what it is called, how it is counted in words, and where its list is.

The arithmetic stands in `kpis.py`, the counts in `telephony_counts.py` and `telephony_promises.py`. A share is a count
in another one, and each of the two opens its list; other figures open the list of the rows that they were taken over.
What was counted from operators' time has no list of calls: it opens the rows of the operators.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.kernel.i18n import N_
from helpdesk.reports.telephony_counts import CALLS, OFFERS, Count
from helpdesk.reports.telephony_promises import PROMISES, PromiseCount
from helpdesk.reports.telephony_rows import PhoneRow


class Unit(StrEnum):
    """How a figure is written."""

    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"
    TIMES = "times"


@dataclass(frozen=True)
class Figure:
    """One figure. `of` is its list; a share has the counts `part` and `of`, or neither when made from seconds."""

    code: str
    name: str
    formula: str
    unit: Unit
    value: Callable[[PhoneRow], float | None]
    of: str | None = None
    part: str | None = None


def _promise(value: Callable[..., float | None]) -> Callable[[PhoneRow], float | None]:
    return lambda row: None if row.promises is None else value(row.promises)


def _work(value: Callable[..., float | None]) -> Callable[[PhoneRow], float | None]:
    return lambda row: None if row.work is None else value(row.work)


def _counted(code: str) -> Callable[[PhoneRow], float | None]:
    if code in PROMISES:
        return lambda row: None if row.promises is None else row.counts[code]
    return lambda row: row.counts[code]


def _count(count: Count | PromiseCount) -> Figure:
    return Figure(count.code, count.name, count.formula, Unit.COUNT, _counted(count.code), of=count.code)


_COUNTS = (
    *(_count(one) for one in CALLS.values()),
    *(_count(one) for one in OFFERS.values()),
    *(_count(one) for one in PROMISES.values()),
)
_SERVICE_LEVELS = (
    Figure(
        "service_level",
        N_("Service level"),
        N_(
            "Variant 4, the one that counts here: answered within 20 s ÷ "
            "(handled + abandoned − abandoned within 20 s). The target is 80 percent."
        ),
        Unit.SHARE,
        lambda row: row.calls.service_level(),
        part="handled_in_time",
        of="judged",
    ),
    Figure(
        "service_level_1",
        N_("Service level, variant 1"),
        N_("(Answered within 20 s + abandoned within 20 s) ÷ (handled + abandoned)."),
        Unit.SHARE,
        lambda row: row.calls.service_level_1(),
        part="served_or_left",
        of="waited_out",
    ),
    Figure(
        "service_level_2",
        N_("Service level, variant 2"),
        N_("Answered within 20 s ÷ handled. Blind to everybody who gave up; only for comparison."),
        Unit.SHARE,
        lambda row: row.calls.service_level_2(),
        part="handled_in_time",
        of="handled",
    ),
    Figure(
        "service_level_3",
        N_("Service level, variant 3"),
        N_("Answered within 20 s ÷ (handled + abandoned). The strictest."),
        Unit.SHARE,
        lambda row: row.calls.service_level_3(),
        part="handled_in_time",
        of="waited_out",
    ),
    Figure(
        "service_level_5",
        N_("Service level, variant 5"),
        N_("(Answered within 20 s + short abandons) ÷ (handled + abandoned)."),
        Unit.SHARE,
        lambda row: row.calls.service_level_5(),
        part="served_or_short",
        of="waited_out",
    ),
)
_TIMES = (
    Figure(
        "speed_of_answer",
        N_("Average speed of answer (ASA)"),
        N_("Seconds in the queue of handled calls ÷ handled calls; the menu is not counted."),
        Unit.SECONDS,
        lambda row: row.calls.speed_of_answer(),
        of="handled",
    ),
    Figure(
        "handle_time",
        N_("Average handle time (AHT)"),
        N_("(Talk + hold + wrap-up) ÷ handled calls."),
        Unit.SECONDS,
        lambda row: row.calls.handle_time(),
        of="handled",
    ),
    Figure(
        "abandonment",
        N_("Abandonment"),
        N_("(Abandoned − short abandons) ÷ (offered − short abandons). Callbacks and voice messages are no abandons."),
        Unit.SHARE,
        lambda row: row.calls.abandonment(),
        part="gave_up",
        of="stayed",
    ),
    Figure(
        "transfer_rate",
        N_("Transfers"),
        N_("Handled calls that were handed on ÷ handled calls."),
        Unit.SHARE,
        lambda row: row.calls.transfer_rate(),
        part="transferred",
        of="handled",
    ),
)
_ESTIMATES = (
    Figure(
        "error_p50",
        N_("Error of the announced wait: median"),
        N_("Median of |announced − actual| seconds, before rounding, over callers who were told a wait and answered."),
        Unit.SECONDS,
        lambda row: row.estimates.seconds_p50,
        of="told",
    ),
    Figure(
        "error_p90",
        N_("Error of the announced wait: 90th percentile"),
        N_("In nine of ten such calls |announced − actual| was not larger than this."),
        Unit.SECONDS,
        lambda row: row.estimates.seconds_p90,
        of="told",
    ),
    Figure(
        "relative_p50",
        N_("Error relative to the wait: median"),
        N_("Median of |announced − actual| ÷ actual; a wait below one second counts as one."),
        Unit.SHARE,
        lambda row: row.estimates.relative_p50,
        of="told",
    ),
    Figure(
        "relative_p90",
        N_("Error relative to the wait: 90th percentile"),
        N_("In nine of ten such calls |announced − actual| ÷ actual was not larger than this."),
        Unit.SHARE,
        lambda row: row.estimates.relative_p90,
        of="told",
    ),
    Figure(
        "within_share",
        N_("Answered within the announced wait"),
        N_("Answered not later than the announced minutes ÷ callers who were told at most 30 minutes and answered."),
        Unit.SHARE,
        lambda row: row.estimates.within_share(),
        part="within",
        of="bounded",
    ),
    Figure(
        "endless_share",
        N_("Told more than 30 minutes"),
        N_("Told more than 30 minutes ÷ callers who were told a wait and answered."),
        Unit.SHARE,
        lambda row: row.estimates.endless_share(),
        part="endless",
        of="told",
    ),
)
_OPERATORS = (
    Figure(
        "occupancy",
        N_("Occupancy"),
        N_("(Talk + hold + wrap-up) ÷ (talk + hold + wrap-up + ready) of the operators of the place; breaks left out."),
        Unit.SHARE,
        _work(lambda work: work.occupancy()),
    ),
    Figure(
        "utilisation",
        N_("Utilisation"),
        N_("(Talk + hold + wrap-up) ÷ time signed in, breaks included."),
        Unit.SHARE,
        _work(lambda work: work.utilisation()),
    ),
    Figure(
        "signed_in",
        N_("Time signed in"),
        N_("Talk, hold, wrap-up, ready, ringing and breaks of the operators of the place."),
        Unit.SECONDS,
        _work(lambda work: work.paid_seconds or None),
    ),
    Figure(
        "missed_rate",
        N_("Missed offers (RONA)"),
        N_("Offers that the operator did not take in time ÷ offers taken, declined or missed."),
        Unit.SHARE,
        lambda row: row.offers.missed_rate(),
        part="missed",
        of="offers",
    ),
)
_PROMISES = (
    Figure(
        "callback_success",
        N_("Callback success"),
        N_("Reached ÷ (reached + not reached)."),
        Unit.SHARE,
        _promise(lambda promises: promises.success()),
        part="reached",
        of="settled",
    ),
    Figure(
        "promise_kept",
        N_("Promise kept"),
        N_("Reached not later than promised ÷ (reached + not reached + overdue)."),
        Unit.SHARE,
        _promise(lambda promises: promises.kept_share()),
        part="kept",
        of="measured",
    ),
    Figure(
        "first_attempt",
        N_("Connected by the first attempt"),
        N_("Promises whose first attempt ended in a conversation ÷ promises with an attempt."),
        Unit.SHARE,
        _promise(lambda promises: promises.first_attempt_rate()),
        part="first_reached",
        of="tried",
    ),
    Figure(
        "attempts_per_success",
        N_("Attempts per success"),
        N_("Attempts of the promises that were reached ÷ these promises; technical failures are no attempts."),
        Unit.TIMES,
        _promise(lambda promises: promises.attempts_per_success()),
        of="reached",
    ),
    Figure(
        "callback_p50",
        N_("Time to callback: median"),
        N_("Elapsed time from the request to the conversation, nights included; promises not reached have none."),
        Unit.SECONDS,
        _promise(lambda promises: promises.seconds_p50),
        of="reached",
    ),
    Figure(
        "callback_p90",
        N_("Time to callback: 90th percentile"),
        N_("In nine of ten promises that were reached it was not longer than this."),
        Unit.SECONDS,
        _promise(lambda promises: promises.seconds_p90),
        of="reached",
    ),
    Figure(
        "callback_level",
        N_("Called back as announced"),
        N_("Reached within the wait told in the queue plus 5 minutes ÷ callbacks to callers who were told a wait."),
        Unit.SHARE,
        _promise(lambda promises: promises.announced_share()),
        part="announced_kept",
        of="announced",
    ),
)
FIGURES: dict[str, Figure] = {
    figure.code: figure for figure in (*_COUNTS, *_SERVICE_LEVELS, *_TIMES, *_ESTIMATES, *_OPERATORS, *_PROMISES)
}
