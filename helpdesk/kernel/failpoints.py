"""Named places where a test may stop the house between two steps. Nothing happens at them unless a test armed one.

Code that must survive a crash at a certain step says `hit("callback.claimed")` there. A test of the same process arms
it with a function; a test with real processes arms it by the environment variable FAILPOINTS, `name=file`: the first
process that comes to the place writes its process id into the file and stands still (SIGSTOP) until it is killed or
continued. Armed that way in the environments "test" and "demo" only.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

_armed: dict[str, Callable[[], None]] = {}


def hit(name: str) -> None:
    """The step called `name` was reached."""
    action = _armed.get(name)
    if action is not None:
        action()


@contextmanager
def armed(name: str, action: Callable[[], None]) -> Iterator[None]:
    """Do `action` whenever `name` is reached inside the block; it may raise."""
    before = _armed.get(name)
    _armed[name] = action
    try:
        yield
    finally:
        if before is None:
            del _armed[name]
        else:
            _armed[name] = before


def arm_from(environ: Mapping[str, str], environment: str) -> None:
    """Arm what FAILPOINTS names ("name=file,name=file"), unless this is a production house."""
    if environment == "production":
        return
    for part in filter(None, environ.get("FAILPOINTS", "").split(",")):
        name, _, marker = part.partition("=")
        _armed[name] = _stand_still_once(marker)


def _stand_still_once(marker: str) -> Callable[[], None]:
    def stand_still() -> None:
        try:
            made = os.open(marker, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return
        os.write(made, str(os.getpid()).encode())
        os.close(made)
        os.kill(os.getpid(), signal.SIGSTOP)

    return stand_still
