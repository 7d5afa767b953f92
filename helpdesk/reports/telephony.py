"""The telephone report of a period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, ColumnElement, Float, Select, and_, func, literal, select, tuple_, type_coerce

from helpdesk.callbacks.models import Callback
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import DEFAULT_ZONE, N_
from helpdesk.organizations.models import Desk, Organization
from helpdesk.reports.scope import READERS, desks_of, in_period
from helpdesk.reports.telephony_counts import (
    CALLS,
    ESTIMATE_ERROR,
    ESTIMATE_ERROR_RELATIVE,
    HELD,
    OFFERS,
    TALKED,
    WAITED,
    WRAPPED_UP,
    calls_in,
)
from helpdesk.reports.telephony_promises import PROMISES, TRIES, UNTIL_REACHED
from helpdesk.reports.telephony_rows import PhoneRow, row
from helpdesk.reports.telephony_slices import (
    MOST_DAYS_OF_HOURS,
    PhoneBy,
    Selection,
    value_of_calls,
    value_of_offers,
    value_of_promises,
    written,
)
from helpdesk.reports.telephony_work import work_by
from helpdesk.telephony.models import Call, Offer, QueueEntry
from helpdesk.telephony.rules import EntryKind, OfferKind

_SUMS = {"wait_seconds": WAITED, "talk_seconds": TALKED, "hold_seconds": HELD, "wrapup_seconds": WRAPPED_UP}
_Found = dict[str | None, Mapping[Any, Any]]


@dataclass(frozen=True)
class PhoneReport:
    """The rows by their written value, intervals in their order, and the total over all of them, as of `at`."""

    chosen: Selection
    by: PhoneBy
    rows: Sequence[PhoneRow]
    total: PhoneRow
    at: datetime


def phone_report(asker: Asker, chosen: Selection, by: PhoneBy) -> PhoneReport:
    """The report over the desks that the asker supervises or administers, or those at and below the chosen place.

    Four statements. Raises NotFound when the place is not the asker's, Refused when a long period is divided by hours.
    """
    days = (chosen.period.last - chosen.period.first).days + 1
    if by in (PhoneBy.HALF_HOUR, PhoneBy.HOUR) and days > MOST_DAYS_OF_HOURS:
        raise Refused(N_("Hours and half hours are shown for at most 31 days"), field="to")
    now, at = clock.now(), desks_of(asker, chosen.place)
    calls, offers = _by_value(_calls(at, chosen, by)), _by_value(_offers(at, chosen, by))
    promises = _by_value(found) if (found := _promises(at, chosen, by, now)) is not None else None
    work = work_by(by, chosen, roots(asker, at, chosen), zone_of(at), now)
    divided = {} if promises is None else promises
    values = sorted((calls.keys() | offers.keys() | divided.keys() | work.keys()) - {None}, key=str)

    def made(value: str | None) -> PhoneRow:
        kept = None if promises is None else promises.get(value, {})
        return row(value, calls.get(value, {}), offers.get(value, {}), kept, work.get(value))

    return PhoneReport(chosen, by, [made(value) for value in values], made(None), now)


def staff_names(values: Sequence[str | None]) -> Mapping[str, str]:
    """The names of the operators that rows stand for, by their written value. One statement."""
    ids = [int(value) for value in values if value]
    return {str(id_): name for id_, name in session().execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))}


def roots(asker: Asker, at: Sequence[Desk], chosen: Selection) -> Sequence[str]:
    """Paths of the part of the tree that was chosen: the place's, or all that are the asker's."""
    top = [desk.organization.path for desk in at if desk.id == chosen.place]
    return top or asker.roots(*READERS)


def zone_of(at: Sequence[Desk]) -> ZoneInfo:
    """By whose wall clock operators' time is divided: the first desk's of the place."""
    return ZoneInfo(at[0].organization.zone) if at else DEFAULT_ZONE


def _calls(at: Sequence[Desk], chosen: Selection, by: PhoneBy) -> Select[Any]:
    value = value_of_calls(by)
    handled, told = CALLS["handled"].condition, CALLS["told"].condition
    return (
        select(
            value.label("value"),
            func.grouping(value).label("is_total"),
            *(func.count().filter(count.condition).label(count.code) for count in CALLS.values()),
            *(func.sum(seconds).filter(handled).label(name) for name, seconds in _SUMS.items()),
            _percentiles(ESTIMATE_ERROR, told).label("errors"),
            _percentiles(ESTIMATE_ERROR_RELATIVE, told).label("errors_relative"),
        )
        .select_from(Call)
        .join(Organization, Organization.id == Call.desk_id)
        .outerjoin(QueueEntry, and_(QueueEntry.call_id == Call.id, QueueEntry.kind == EntryKind.LIVE))
        .where(calls_in(chosen.period, at), *chosen.calls())
        .group_by(func.grouping_sets(tuple_(value), tuple_()))
    )


def _offers(at: Sequence[Desk], chosen: Selection, by: PhoneBy) -> Select[Any]:
    value = value_of_offers(by)
    return (
        select(
            value.label("value"),
            func.grouping(value).label("is_total"),
            *(func.count().filter(count.condition).label(count.code) for count in OFFERS.values()),
        )
        .select_from(Offer)
        .join(Call, Call.id == Offer.call_id)
        .join(Organization, Organization.id == Call.desk_id)
        .where(calls_in(chosen.period, at), *chosen.calls(), Offer.kind == OfferKind.CALL)
        .group_by(func.grouping_sets(tuple_(value), tuple_()))
    )


def _promises(at: Sequence[Desk], chosen: Selection, by: PhoneBy, now: datetime) -> Select[Any] | None:
    value = value_of_promises(by)
    if value is None:
        return None
    reached = PROMISES["reached"].condition(now)
    return (
        select(
            value.label("value"),
            func.grouping(value).label("is_total"),
            *(func.count().filter(count.condition(now)).label(count.code) for count in PROMISES.values()),
            func.sum(TRIES.c.attempts).filter(reached).label("attempts"),
            _percentiles(UNTIL_REACHED, reached).label("until_reached"),
        )
        .select_from(Callback)
        .join(Organization, Organization.id == Callback.desk_id)
        .join(TRIES, literal(True))
        .where(in_period(Callback.desk_id, Callback.created_at, at, chosen.period), *chosen.promises())
        .group_by(func.grouping_sets(tuple_(value), tuple_()))
    )


def _percentiles(of: ColumnElement[Any], among: ColumnElement[bool]) -> ColumnElement[Any]:
    """The median and the 90th percentile; between two rows, interpolated."""
    found = func.percentile_cont(literal([0.5, 0.9], ARRAY(Float))).within_group(of).filter(among)
    return type_coerce(found, ARRAY(Float))


def _by_value(query: Select[Any]) -> _Found:
    found = session().execute(query).mappings()
    return {None if one["is_total"] else written(one["value"]): one for one in found}
