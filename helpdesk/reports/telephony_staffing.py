"""How many operators each interval needed, by Erlang C, and how many were there."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.reports.erlang import Staffing, load, needed
from helpdesk.reports.telephony import PhoneReport
from helpdesk.reports.telephony_slices import LASTS, PhoneBy


@dataclass(frozen=True)
class StaffedInterval:
    """One hour or half hour; `there` is the average number of operators at the telephone, breaks left out."""

    value: str
    offered: int
    needed: Staffing
    there: float

    @property
    def short(self) -> float:
        """How many operators were missing; 0 when there were enough."""
        return max(0.0, self.needed.operators - self.there)


def staffed_intervals(report: PhoneReport) -> Sequence[StaffedInterval]:
    """The intervals of a report by hours or half hours; none of other reports, and none before a call was handled.

    The load of an interval is its offered calls times the handle time of the whole selection: that of one half hour
    would be chance.
    """
    handle_seconds = report.total.calls.handle_time()
    if report.by not in (PhoneBy.HOUR, PhoneBy.HALF_HOUR) or not handle_seconds:
        return []
    lasts = LASTS[report.by].total_seconds()
    return [
        StaffedInterval(
            value=row.value or "",
            offered=row.calls.offered,
            needed=needed(load(row.calls.offered, handle_seconds, lasts), handle_seconds),
            there=(row.work.operators(lasts) if row.work else None) or 0.0,
        )
        for row in report.rows
    ]
