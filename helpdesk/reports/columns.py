"""In which order and under which short headings the figures stand beside each other."""

from dataclasses import dataclass

from helpdesk.kernel.i18n import N_
from helpdesk.reports.figures import FIGURES, Figure


@dataclass(frozen=True)
class Column:
    """One figure under a heading that its group makes clear."""

    code: str
    heading: str

    @property
    def figure(self) -> Figure:
        """What stands in the column."""
        return FIGURES[self.code]


@dataclass(frozen=True)
class Group:
    """Columns under one heading."""

    heading: str
    columns: tuple[Column, ...]


_IN_TIME, _BREACHES = N_("in time"), N_("breaches")
_MEDIAN, _P90 = N_("median, min"), N_("90th percentile, min")

TICKET_GROUPS = (
    Group("", (Column("tickets", N_("Tickets")),)),
    Group(
        N_("First response"),
        (
            Column("response_share", _IN_TIME),
            Column("response_breached", _BREACHES),
            Column("response_median", _MEDIAN),
            Column("response_p90", _P90),
        ),
    ),
    Group(
        N_("Resolution"),
        (
            Column("resolution_share", _IN_TIME),
            Column("resolution_breached", _BREACHES),
            Column("resolution_median", _MEDIAN),
            Column("resolution_p90", _P90),
        ),
    ),
)
CALLBACK_GROUPS = (
    Group(
        "",
        (
            Column("callbacks", N_("promised")),
            Column("callbacks_kept", N_("kept in time")),
            Column("callbacks_late", N_("kept late")),
            Column("callbacks_not_reached", N_("not reached")),
            Column("callbacks_open", N_("still open")),
            Column("callbacks_withdrawn", N_("withdrawn")),
        ),
    ),
)
# Everything that was counted, each share behind the two counts that it is made of.
EXPORTED = (
    "tickets",
    "response_measured",
    "response_kept",
    "response_breached",
    "response_share",
    "responded",
    "response_median",
    "response_p90",
    "resolution_measured",
    "resolution_kept",
    "resolution_breached",
    "resolution_share",
    "resolved",
    "resolution_median",
    "resolution_p90",
    "callbacks",
    "callbacks_kept",
    "callbacks_late",
    "callbacks_not_reached",
    "callbacks_open",
    "callbacks_withdrawn",
)
