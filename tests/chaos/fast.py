"""Runs a program of the house on a faster clock: `python -m tests.chaos.fast worker.py`.

The program itself is unchanged. CLOCK_START is the moment that it was at CLOCK_ZERO of the machine's clock; since then
CLOCK_SPEED seconds pass in one.
"""

import os
import runpy
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from helpdesk.kernel import clock


def fast(start: datetime, zero: float, speed: float) -> Callable[[], datetime]:
    """The faster clock."""
    return lambda: start + timedelta(seconds=(time.time() - zero) * speed)


def main() -> None:
    """Take our own name off the command line, and run what follows: a file, or a module."""
    environ = os.environ
    source = fast(
        datetime.fromisoformat(environ["CLOCK_START"]), float(environ["CLOCK_ZERO"]), float(environ["CLOCK_SPEED"])
    )
    del sys.argv[0]
    with clock.told_by(source):
        if sys.argv[0].endswith(".py"):
            runpy.run_path(sys.argv[0], run_name="__main__")
        else:
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
