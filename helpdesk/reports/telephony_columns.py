"""Which telephone figures stand beside each other, under which short headings."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.kernel.i18n import N_
from helpdesk.reports.telephony_figures import FIGURES, Figure
from helpdesk.reports.telephony_slices import PhoneBy


@dataclass(frozen=True)
class PhoneColumn:
    """One figure under a heading that its table makes clear."""

    code: str
    heading: str

    @property
    def figure(self) -> Figure:
        """What stands in the column."""
        return FIGURES[self.code]


@dataclass(frozen=True)
class PhoneTable:
    """Columns under one caption."""

    caption: str
    columns: tuple[PhoneColumn, ...]


_MEDIAN, _P90 = N_("median"), N_("90th percentile")
# What became of the offered calls; the first table stands beside the chart of the same counts.
OUTCOMES = PhoneTable(
    N_("Calls offered"),
    (
        PhoneColumn("offered", N_("offered")),
        PhoneColumn("handled", N_("handled")),
        PhoneColumn("abandoned", N_("abandoned")),
        PhoneColumn("callback", N_("callback")),
        PhoneColumn("voicemail", N_("voice message")),
        PhoneColumn("other", N_("other")),
    ),
)
_ANSWERS = PhoneTable(
    N_("How calls were answered"),
    (
        PhoneColumn("service_level", N_("service level")),
        PhoneColumn("speed_of_answer", N_("ASA")),
        PhoneColumn("handle_time", N_("AHT")),
        PhoneColumn("abandonment", N_("abandonment")),
        PhoneColumn("transfer_rate", N_("transfers")),
        PhoneColumn("missed_rate", N_("missed offers")),
        PhoneColumn("occupancy", N_("occupancy")),
        PhoneColumn("utilisation", N_("utilisation")),
    ),
)
_ESTIMATES = PhoneTable(
    N_("Announced wait against the actual one"),
    (
        PhoneColumn("told", N_("told and answered")),
        PhoneColumn("error_p50", N_("error, median")),
        PhoneColumn("error_p90", N_("error, 90th percentile")),
        PhoneColumn("relative_p50", N_("relative, median")),
        PhoneColumn("relative_p90", N_("relative, 90th percentile")),
        PhoneColumn("within_share", N_("within the announced")),
        PhoneColumn("endless_share", N_("told more than 30 min")),
    ),
)
_PROMISES = PhoneTable(
    N_("Callbacks"),
    (
        PhoneColumn("promised", N_("promised")),
        PhoneColumn("reached", N_("reached")),
        PhoneColumn("not_reached", N_("not reached")),
        PhoneColumn("open", N_("still open")),
        PhoneColumn("withdrawn", N_("withdrawn")),
        PhoneColumn("callback_success", N_("success")),
        PhoneColumn("promise_kept", N_("kept in time")),
        PhoneColumn("first_attempt", N_("first attempt")),
        PhoneColumn("attempts_per_success", N_("attempts")),
        PhoneColumn("callback_p50", _MEDIAN),
        PhoneColumn("callback_p90", _P90),
        PhoneColumn("callback_level", N_("as announced")),
    ),
)
_PEOPLE = PhoneTable(
    N_("Operators"),
    (
        PhoneColumn("handled", N_("handled")),
        PhoneColumn("called_back", N_("called back")),
        PhoneColumn("handle_time", N_("AHT")),
        PhoneColumn("transfer_rate", N_("transfers")),
        PhoneColumn("missed_rate", N_("missed offers")),
        PhoneColumn("declined", N_("declined")),
        PhoneColumn("occupancy", N_("occupancy")),
        PhoneColumn("utilisation", N_("utilisation")),
        PhoneColumn("signed_in", N_("signed in")),
    ),
)

# The variants beside the one that stands in the table; all five are one glance.
SERVICE_LEVELS = ("service_level_1", "service_level_2", "service_level_3", "service_level", "service_level_5")
# Everything that was counted, each share behind the counts that it is made of.
EXPORTED = tuple(figure.code for figure in FIGURES.values())


def tables(by: PhoneBy) -> Sequence[PhoneTable]:
    """The tables of a report: operators have one of their own."""
    return (_PEOPLE,) if by is PhoneBy.OPERATOR else (OUTCOMES, _ANSWERS, _ESTIMATES, _PROMISES)
