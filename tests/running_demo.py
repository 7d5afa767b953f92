"""The whole demo as somebody starts it: processes of its own, real ports, a folder of its own."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpdesk.kernel.settings import ROOT
from helpdesk.launcher.servers import free_port

PORTS = ("DEMO_PORT", "DEMO_PHONE_PORT", "DEMO_MAIL_PORT")


@dataclass
class RunningDemo:
    """A demo that is open for parents and staff."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    said: str

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.environment['DEMO_PORT']}"

    @property
    def phone_url(self) -> str:
        """Where its phone network is."""
        return f"http://127.0.0.1:{self.environment['DEMO_PHONE_PORT']}"

    def close(self) -> int:
        """One Ctrl-C; how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@contextmanager
def demo_environment() -> Iterator[dict[str, str]]:
    """A folder and ports that nothing else uses; not pytest's folder, which PostgreSQL could not read as nobody."""
    inherited = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    with tempfile.TemporaryDirectory(prefix="helpdesk-demo-") as made:
        Path(made).chmod(0o755)
        yield inherited | {name: str(free_port()) for name in PORTS} | {"DEMO_VAR": str(Path(made) / "var")}


def start_demo(environment: dict[str, str]) -> subprocess.Popen[str]:
    """`./run demo` without the shell around it."""
    command = [sys.executable, "-m", "helpdesk.launcher.demo"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@contextmanager
def running_demo() -> Iterator[RunningDemo]:
    """An open demo; closed at the end, whatever happened."""
    with demo_environment() as environment:
        process = start_demo(environment)
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        demo = RunningDemo(process, environment, "".join(lines))
        try:
            assert "The hotline is open" in demo.said, demo.said
            yield demo
        finally:
            demo.close()
