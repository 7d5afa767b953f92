"""Our own programs as real processes around a test's database, each stopped or killed by its id."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from helpdesk.kernel.settings import ROOT, Settings
from helpdesk.launcher import processes

WORKER, CLOCK, MAIL_DOOR = ("worker.py",), ("-m", "helpdesk.cli", "clock"), ("-m", "helpdesk.cli", "mail-door")


@dataclass
class Programs:
    """What runs with these settings; logs lie in `directory`."""

    settings: Settings
    directory: Path
    running: dict[str, Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, program: tuple[str, ...], **environ: str) -> None:
        """One more program."""
        told = {key.upper(): _text(value) for key, value in self.settings.model_dump().items()}
        with (self.directory / f"{name}.log").open("ab") as log:
            self.running[name] = processes.start(
                [sys.executable, *program], env=os.environ | told | environ, cwd=ROOT, log=log
            )

    def stop(self) -> None:
        """All of them, in order."""
        for process in self.running.values():
            processes.stop(process)
        self.running.clear()

    def log(self, name: str) -> str:
        """The end of what a program said."""
        return (self.directory / f"{name}.log").read_text(errors="replace")[-3000:]


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
