"""`./run bench [NAME …]`: the figures, each beside the floor measured right before and after it."""

import argparse
import json
import os
import platform
import sys
from contextlib import nullcontext
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import floors
from bench.figures import (
    board,
    consoles,
    create_by_form,
    floor,
    mail,
    merge_picker,
    search,
    ticket,
    views,
    voice_webhook,
    webhooks,
)
from bench.load import Sample, Wrong, measure
from bench.servers import WORKERS, Grounds, processor, running
from bench.table import Row, judged, lines, rate, row
from helpdesk.kernel.settings import ROOT
from helpdesk.launcher.servers import CannotStart

_ALL = (create_by_form, voice_webhook, webhooks, consoles, mail, board, views, ticket, merge_picker, search)
FIGURES = {figure.NAME: figure for figure in _ALL}
SECONDS = 10.0


def main(argv: list[str] | None = None) -> None:
    """Parse, start the servers, measure, print, keep."""
    parser = argparse.ArgumentParser(prog="./run bench", description="Figures beside floors of the same run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(FIGURES)} (all)")
    parser.add_argument("--tickets", type=int, default=100_000, help="how many lie in the database (100,000)")
    parser.add_argument("--seconds", type=float, help="how long each figure is measured (10; some have their own time)")
    parser.add_argument("--clients", default="1,8", help="how many at once (1,8); some figures have their own crowd")
    parser.add_argument("--times", type=int, default=1, help="how often everything is measured (1)")
    parser.add_argument(
        "--requests", type=int, help="so many turns a client, no matter how long: a quick look, not a figure"
    )
    parser.add_argument("--crowd", type=int, help="at most so many clients where a figure has its own crowd")
    parser.add_argument("--at", type=Path, default=ROOT / "var" / "bench", help="where the servers keep their files")
    arguments = parser.parse_args(argv)
    if unknown := set(arguments.names) - set(FIGURES):
        parser.error(f"there is no figure {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    try:
        run(arguments, arguments.names or list(FIGURES))
    except (CannotStart, Wrong) as problem:
        sys.exit(str(problem))


def run(asked: argparse.Namespace, names: list[str]) -> None:
    """Measure the figures `names`; print them and keep them in results.json."""
    rows: list[Row] = []
    crowds = [int(part) for part in asked.clients.split(",")]
    before = os.getloadavg()[0]
    with running(asked.at, asked.tickets, _say) as grounds:
        _say(f"\n{asked.tickets:,} tickets; gunicorn with {WORKERS} workers; load before: {before:.2f}")
        for _ in range(asked.times):
            for name in names:
                for clients in _crowds(name, crowds, asked.crowd):
                    rows.append(_measured(grounds, name, clients, asked.seconds, asked.requests))
                    _say(lines([rows[-1]])[1])
        bare = _bare(grounds, crowds, asked.seconds or SECONDS, 200 if asked.requests is None else 5)
    _say("\n".join(["", *lines(rows), "", *(f"{what:<44}{value:>10,.0f}/s" for what, value in bare.items())]))
    _say("\n".join(["", *judged(rows, {name: FIGURES[name].AIMS for name in names})]))
    kept = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load_before": before},
        "tickets": asked.tickets,
        "gunicorn": {"workers": WORKERS},
        "figures": [asdict(one) for one in rows],
        "floors_per_second": bare,
    }
    (asked.at / "results.json").write_text(json.dumps(kept, indent=1) + "\n")


def _crowds(name: str, asked: list[int], most: int | None) -> list[int]:
    own = getattr(FIGURES[name], "CLIENTS", None)
    return asked if own is None else [min(clients, most or clients) for clients in own]


def _measured(grounds: Grounds, name: str, clients: int, asked: float | None, most: int | None) -> Row:
    figure = FIGURES[name]
    seconds = asked or getattr(figure, "SECONDS", SECONDS)
    if hasattr(figure, "measured"):
        return figure.measured(grounds, clients, seconds, most)

    def at_floor() -> list[Sample]:
        turn = getattr(floor, getattr(figure, "FLOOR", "turn"))
        return measure(partial(floor.visitor, grounds), turn, clients, min(seconds / 3, SECONDS / 2), 5, most)

    first = at_floor()
    with figure.around(grounds) if hasattr(figure, "around") else nullcontext():
        warm = 20 if most is None else 1
        before = processor(grounds.pids)
        samples = measure(partial(figure.visitor, grounds), figure.turn, clients, seconds, warm, most)
        used = processor(grounds.pids) - before
    made = row(name, clients, samples, (first, at_floor()))
    return replace(made, notes={"web: ms of processor a request": round(used / len(samples) * 1000, 2)})


def _bare(grounds: Grounds, crowds: list[int], seconds: float, jobs: int) -> dict[str, float]:
    """The floors below the web server."""
    found = {}
    for clients in crowds:
        samples = floors.inserts(grounds.conninfo, clients, seconds / 3)
        found[f"INSERT + COMMIT by psycopg, {clients} at once"] = rate(samples)
    found["empty RQ jobs, one worker that forks"] = floors.jobs(grounds.redis_url, jobs, forking=True)
    found["empty RQ jobs, one worker without forks"] = floors.jobs(grounds.redis_url, jobs * 3, forking=False)
    return found


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
