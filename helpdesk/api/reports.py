"""Figures."""

from typing import Annotated

from pydantic import Field

from helpdesk.api.fields import Day, Given, Id
from helpdesk.api.operations import Reply, operation
from helpdesk.api.problems import Problem
from helpdesk.api.schemas import FiguresOut, ReportOut
from helpdesk.identity.token_rules import Scope
from helpdesk.identity.tokens import Caller
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.reports.figures import FIGURES
from helpdesk.reports.queries import Row, sla_report
from helpdesk.reports.rules import By, read_period
from helpdesk.reports.scope import READERS


class ReportQuery(Given):
    """Of which days, by what, and where."""

    from_: Annotated[Day, Field(alias="from", description="The first day.", examples=["2026-11-16"])]
    to: Annotated[Day, Field(description="The last day; at most one year after the first.", examples=["2026-11-22"])]
    by: Annotated[By, Field(description="What a row stands for.")] = By.QUEUE
    place: Annotated[Id | None, Field(description="Only the desks at and below this organization.")] = None


@operation("GET", "/reports/sla", Scope.REPORTS_READ, tag="Reports", query=ReportQuery, answer=ReportOut)
def sla_figures(caller: Caller, query: ReportQuery) -> Reply:
    """Read the service report of a period.

    The same figures as on the page Report, by the codes of its export.
    """
    if not any(caller.asker.has(role) for role in READERS):
        raise Problem(403, gettext(N_("The member of staff of this token answers for no desk")))
    period = read_period(query.from_.isoformat(), query.to.isoformat())
    found = sla_report(caller.asker, period, query.by, query.place)
    return Reply(
        ReportOut(
            first=period.first,
            last=period.last,
            by=query.by.value,
            at=found.at,
            rows=[_figures(row) for row in found.rows],
            total=_figures(found.total),
        )
    )


def _figures(row: Row) -> FiguresOut:
    return FiguresOut(value=row.value, figures={code: row.figure(code) for code in FIGURES})
