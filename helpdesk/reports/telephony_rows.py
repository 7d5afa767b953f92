"""One row of the telephone report: what was counted, and the arithmetic over it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk.reports.kpis import Calls, Estimates, Offers, Promises, Work
from helpdesk.reports.telephony_counts import CALLS, OFFERS, REASONS
from helpdesk.reports.telephony_promises import PROMISES


@dataclass(frozen=True)
class PhoneRow:
    """One interval, queue, language, desk or operator: its written `value`, or None for the total.

    `counts` has every count of calls, offers and promises by its code. `work` is None where operators' time is not
    divided so; `promises` is None likewise.
    """

    value: str | None
    counts: Mapping[str, int]
    calls: Calls
    estimates: Estimates
    offers: Offers
    promises: Promises | None
    work: Work | None


def row(
    value: str | None,
    calls: Mapping[Any, Any],
    offers: Mapping[Any, Any],
    promises: Mapping[Any, Any] | None,
    work: Work | None,
) -> PhoneRow:
    """A row out of what the statements found; a mapping without a name has counted nothing of it."""
    found = promises or {}
    counts = {code: int(calls.get(code) or 0) for code in CALLS}
    counts |= {code: int(offers.get(code) or 0) for code in OFFERS}
    counts |= {code: int(found.get(code) or 0) for code in PROMISES}
    return PhoneRow(
        value=value,
        counts=counts,
        calls=_calls(counts, calls),
        estimates=_estimates(counts, calls),
        offers=Offers(counts["accepted"], counts["declined"], counts["missed"]),
        promises=None if promises is None else _promises(counts, found),
        work=work,
    )


def _calls(counts: Mapping[str, int], found: Mapping[Any, Any]) -> Calls:
    def seconds(name: str) -> float:
        return float(found.get(name) or 0)

    return Calls(
        handled=counts["handled"],
        abandoned=counts["abandoned"],
        callback=counts["callback"],
        voicemail=counts["voicemail"],
        short=counts["short"],
        handled_in_time=counts["handled_in_time"],
        abandoned_in_time=counts["abandoned_in_time"],
        transferred=counts["transferred"],
        wait_seconds=seconds("wait_seconds"),
        talk_seconds=seconds("talk_seconds"),
        hold_seconds=seconds("hold_seconds"),
        wrapup_seconds=seconds("wrapup_seconds"),
        reasons={reason: counts[f"other_{reason}"] for reason in REASONS if counts[f"other_{reason}"]},
    )


def _estimates(counts: Mapping[str, int], found: Mapping[Any, Any]) -> Estimates:
    errors, relative = found.get("errors") or (None, None), found.get("errors_relative") or (None, None)
    return Estimates(
        told=counts["told"],
        bounded=counts["bounded"],
        within=counts["within"],
        endless=counts["endless"],
        seconds_p50=errors[0],
        seconds_p90=errors[1],
        relative_p50=relative[0],
        relative_p90=relative[1],
    )


def _promises(counts: Mapping[str, int], found: Mapping[Any, Any]) -> Promises:
    names = ("reached", "not_reached", "open", "withdrawn", "kept", "overdue", "tried", "first_reached")
    times = found.get("until_reached") or (None, None)
    return Promises(
        **{name: counts[name] for name in (*names, "announced", "announced_kept")},
        attempts=int(found.get("attempts") or 0),
        seconds_p50=times[0],
        seconds_p90=times[1],
    )
