"""`./run prove NAME`: the long proofs, resumable.

A proof is a test that reads PROOF_SEED (or is a property test of hypothesis), run again and again with another seed
each time, two at once unless they need the whole machine. The suite itself runs each of them once. Runs that held stand
in var/prove/NAME.txt; a second start makes the others; the first that does not hold ends the proof and says its seed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from helpdesk.kernel.settings import ROOT
from tests.chaos import tally
from tests.intake import test_fuzz


@dataclass(frozen=True)
class Proof:
    """Which test, how often, and what it shows."""

    test: tuple[str, ...]
    runs: int
    what: str
    environ: Mapping[str, str] = field(default_factory=dict)
    summary: Callable[[Path], str] | None = None
    at_once: int = 2


PROOFS = {
    "chaos": Proof(
        ("tests/chaos/test_chaos.py", "-k", "misfortune", "--timeout=7200"),
        40,
        "2,000 worlds of promises under crashes and lost answers: none lost, none twice",
        {"PROOF_WORLDS": "50"},
        tally.conclusion,
    ),
    "worker": Proof(
        ("tests/stories/test_real_worker.py", "-m", "long"),
        10,
        "real workers killed, Redis wiped and stopped: all kept once",
        at_once=1,
    ),
    "order": Proof(
        ("tests/order/test_order.py",),
        1,
        "500 wait, a third of them at home: nobody is served before somebody who came earlier",
    ),
    "morning": Proof(
        ("tests/order/test_morning.py",),
        1,
        "2,000 promised for the opening: spread by operators and calls per second, none earlier",
    ),
    "surge": Proof(
        ("tests/surge",),
        2,
        "a first remote day, then 3,000 calls in an hour: every call has one outcome, and waits are as announced",
    ),
    "calendar": Proof(
        ("tests/sla/test_calendar.py", "-k", "walk"), 70, "10,000 random calendars against a walk through the minutes"
    ),
    "letters": Proof(
        ("tests/intake/test_fuzz.py", "-k", "never_break"),
        10,
        "letters of the corpus with spoilt bytes, ten minutes: read or rejected, none breaks the reader",
        {"PROOF_SECONDS": "60"},
        test_fuzz.conclusion,
        at_once=1,
    ),
    "pages": Proof(
        ("tests/browser/test_every_page.py",),
        1,
        "every page in three languages: no serious finding of axe, no wider than its window",
        {"REQUIRE_BROWSER": "1"},
        at_once=1,
    ),
    "stops": Proof(
        ("tests/stories/test_database_stops.py",),
        1,
        "PostgreSQL stopped in the middle of 500 deliveries over SMTP: the ledger balances, each is there once",
        {"PROOF_LETTERS": "500"},
        at_once=1,
    ),
    "api": Proof(
        ("tests/api/test_openapi.py", "-k", "whatever", "--timeout=3600"),
        5,
        "every operation of /api/v1 asked by its document and against it: each answer is as the document says",
        {"PROOF_EXAMPLES": "60"},
    ),
    "bulk": Proof(
        ("tests/tickets/test_many_at_once.py", "--timeout=1800"),
        1,
        "5,000 tickets settled at once by workers that die, stopped half way and resumed: each once",
        {"PROOF_TICKETS": "5000"},
    ),
    "mailboxes": Proof(
        ("tests/intake/test_many_mailboxes.py", "-m", "long"),
        1,
        "1,000 mailboxes on Dovecot: a new letter is filed within 60 s, five days away lose none",
        {"REQUIRE_DOVECOT": "1"},
        at_once=1,
    ),
}


@dataclass(frozen=True)
class Ran:
    """One run of a proof; `failure` is what pytest printed when it did not hold."""

    seed: int
    seconds: float
    failure: str


def _run(name: str, counted: Path, figures: Path, seed: int) -> Ran:
    proof, began = PROOFS[name], time.monotonic()
    told = {"PROOF_SEED": str(seed), "PROOF_TALLY": str(counted), "PROOF_FIGURES": str(figures)}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", *proof.test],
        cwd=ROOT,
        env=os.environ | proof.environ | told,
        capture_output=True,
        text=True,
    )
    return Ran(seed, time.monotonic() - began, ran.stdout if ran.returncode else "")


def main() -> None:
    """Go on with a proof until it is whole; `--again` begins anew."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in PROOFS:
        lines = [f"  {key:<10}{proof.runs:>5} runs   {proof.what}" for key, proof in PROOFS.items()]
        sys.exit("\n".join(["./run prove NAME [--again]", *lines]))
    proof = PROOFS[name]
    held = ROOT / "var" / "prove" / f"{name}.txt"
    held.parent.mkdir(parents=True, exist_ok=True)
    counted, figures = held.with_suffix(".jsonl"), held.with_suffix(".figures")
    if "--again" in sys.argv:
        held.unlink(missing_ok=True)
        counted.unlink(missing_ok=True)
        figures.unlink(missing_ok=True)
    done = set(map(int, held.read_text().split())) if held.exists() else set()
    left = [seed for seed in range(1, proof.runs + 1) if seed not in done]
    with ThreadPoolExecutor(proof.at_once) as pool:
        for ran in pool.map(partial(_run, name, counted, figures), left):
            if ran.failure:
                pool.shutdown(cancel_futures=True)
                sys.exit(f"{ran.failure}\n{name}: seed {ran.seed} does not hold")
            with held.open("a") as file:
                file.write(f"{ran.seed}\n")
            print(f"{name}: {ran.seed} of {proof.runs} held, {ran.seconds:.0f} s", flush=True)
    print(f"{name}: all {proof.runs} runs held: {proof.what}")
    if figures.exists():
        print(figures.read_text(encoding="utf-8").rstrip())
    if proof.summary is not None:
        print(proof.summary(counted))


if __name__ == "__main__":
    main()
