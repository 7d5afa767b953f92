"""Start a process so that it dies with us, and stop it by its id and nothing else."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    # Linux only; elsewhere an orphan is stopped by its own pid file at the next start.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def unprivileged_user() -> str | None:
    """Whom servers run as that refuse root: nobody when we are root, ourselves otherwise (None)."""
    return "nobody" if os.geteuid() == 0 else None


def give(path: Path, user: str | None) -> None:
    """Make `path` private to `user`."""
    path.chmod(0o700)
    if user:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def start(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int | None = subprocess.DEVNULL,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own: a Ctrl-C reaches only us, and we stop the rest in order."""
    group = pwd.getpwnam(user).pw_gid if user else None
    return subprocess.Popen(  # noqa: S603  (no shell; the commands are ours)
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=dict(env) if env is not None else None,
        cwd=cwd,
        user=user,
        group=group,
        extra_groups=[] if user else None,
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, patience: float = 10) -> None:
    """Ask once, wait, then insist. A process that already ended is fine."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
