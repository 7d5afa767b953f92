"""From samples to figures: rates, percentiles, the ratio to the floor, and how to print them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from bench.load import Sample

HEAD = (
    f"{'figure':<26}{'clients':>8}{'req/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'floor/s':>9}{'ratio':>8}"
    "  floor before, after"
)


@dataclass(frozen=True)
class Row:
    """One figure with so many clients. Times in milliseconds; `steps` are p50 and p99 of each kind of request.

    `notes`: what else was measured, by its name and unit. A figure that waits and does not ask has no ratio.
    """

    figure: str
    clients: int
    requests: int
    per_second: float
    p50: float
    p95: float
    p99: float
    floor_per_second: float
    floor_before: float
    floor_after: float
    ratio: float
    steps: dict[str, tuple[float, float]]
    notes: dict[str, float] = field(default_factory=dict)


def row(name: str, clients: int, samples: Sequence[Sample], around: tuple[Sequence[Sample], Sequence[Sample]]) -> Row:
    """The figure out of its samples and those of the floor `around` it."""
    before, after = rate(around[0]), rate(around[1])
    floor = (before + after) / 2
    by_step: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        by_step[sample.step].append(sample.took)
    took = [sample.took for sample in samples]
    return Row(
        figure=name,
        clients=clients,
        requests=len(samples),
        per_second=round(rate(samples), 1),
        p50=percentile(took, 50),
        p95=percentile(took, 95),
        p99=percentile(took, 99),
        floor_per_second=round(floor, 1),
        floor_before=round(before, 1),
        floor_after=round(after, 1),
        ratio=round(rate(samples) / floor, 4),
        steps={step: (percentile(times, 50), percentile(times, 99)) for step, times in by_step.items()},
    )


def rate(samples: Sequence[Sample]) -> float:
    """Requests per second between the first one's beginning and the last one's end."""
    ended = max(sample.began + sample.took for sample in samples)
    return len(samples) / (ended - min(sample.began for sample in samples))


def percentile(seconds: Sequence[float], share: int) -> float:
    """The nearest rank, in milliseconds."""
    ordered = sorted(seconds)
    return round(ordered[max(0, ceil(len(ordered) * share / 100) - 1)] * 1000, 2)


def lines(rows: Sequence[Row]) -> list[str]:
    """The table."""
    found = [HEAD]
    for one in rows:
        floor = f"{one.floor_per_second:>9,.0f}{one.ratio:>8.1%}  {one.floor_before:,.0f}, {one.floor_after:,.0f}"
        found.append(
            f"{one.figure:<26}{one.clients:>8}{one.per_second:>9,.0f}{one.p50:>9.1f}{one.p95:>9.1f}{one.p99:>9.1f}"
            + (floor if one.ratio else "")
        )
        if len(one.steps) > 1:
            found += [f"  · {step:<30}{'':>13}{p50:>9.1f}{'':>9}{p99:>9.1f}" for step, (p50, p99) in one.steps.items()]
        found += [f"  · {what:<47}{value:>9.1f}" for what, value in one.notes.items()]
    return found


def judged(rows: Sequence[Row], aims: dict[str, dict[str, float]]) -> list[str]:
    """Each aim and what was reached: the median where a figure was measured several times."""
    found = []
    for name, wanted in aims.items():
        for aim, bound in wanted.items():
            what, clients = aim.split(" at ")
            reached = sorted(_reached(one, what) for one in rows if one.figure == name and one.clients == int(clients))
            if not reached:
                continue
            middle = reached[len(reached) // 2]
            good = middle >= bound if what in _MORE else middle <= bound
            shown = _SHOWN.get(what, "{:.1f} ms (aim {:.0f})").format(middle, bound)
            found.append(f"{'reached' if good else 'MISSED':<8} {name}: {what}, clients: {clients}: {shown}")
    return found


# What is better when there is more of it; all else is better when there is less.
_MORE = frozenset({"ratio", "per_second"})
_SHOWN = {"ratio": "{:.1%} (aim {:.0%})", "per_second": "{:.0f}/s (aim {:.0f})", "memory MB": "{:.0f} MB (aim {:.0f})"}


def _reached(one: Row, what: str) -> float:
    found: float = one.notes[what] if what in one.notes else getattr(one, what)
    return found
