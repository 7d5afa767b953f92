"""`./run prove NAME`: the long proofs, resumable.

A proof is a test that reads PROOF_SEED (or is a property test of hypothesis), run again and again with another seed
each time. The suite itself runs each of them once. Runs that held stand in var/prove/NAME.txt; a second start goes on
after the last one; the first run that does not hold ends the proof and says which seed showed it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.kernel.settings import ROOT
from tests.chaos import tally


@dataclass(frozen=True)
class Proof:
    """Which test, how often, and what it shows."""

    test: tuple[str, ...]
    runs: int
    what: str
    environ: Mapping[str, str] = field(default_factory=dict)
    summary: Callable[[Path], str] | None = None


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
    ),
    "calendar": Proof(
        ("tests/sla/test_calendar.py", "-k", "walk"), 70, "10,000 random calendars against a walk through the minutes"
    ),
    "letters": Proof(
        ("tests/intake/test_email.py", "-k", "mangled"), 130, "20,000 letters mangled at random: read or rejected"
    ),
}


def main() -> None:
    """Go on with a proof until it is whole; `--again` begins anew."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in PROOFS:
        lines = [f"  {key:<10}{proof.runs:>5} runs   {proof.what}" for key, proof in PROOFS.items()]
        sys.exit("\n".join(["./run prove NAME [--again]", *lines]))
    proof = PROOFS[name]
    held = ROOT / "var" / "prove" / f"{name}.txt"
    held.parent.mkdir(parents=True, exist_ok=True)
    counted = held.with_suffix(".jsonl")
    if "--again" in sys.argv:
        held.unlink(missing_ok=True)
        counted.unlink(missing_ok=True)
    done = len(held.read_text().splitlines()) if held.exists() else 0
    for seed in range(done + 1, proof.runs + 1):
        began = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}"]
        ran = subprocess.run(
            [*command, *proof.test],
            cwd=ROOT,
            env=os.environ | proof.environ | {"PROOF_SEED": str(seed), "PROOF_TALLY": str(counted)},
            capture_output=True,
            text=True,
        )
        if ran.returncode:
            sys.exit(f"{ran.stdout}\n{name}: seed {seed} does not hold")
        with held.open("a") as file:
            file.write(f"{seed}\n")
        print(f"{name}: {seed} of {proof.runs} held, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{name}: all {proof.runs} runs held: {proof.what}")
    if proof.summary is not None:
        print(proof.summary(counted))


if __name__ == "__main__":
    main()
