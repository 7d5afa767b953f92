"""People who dial 1450 while a browser test looks on."""

import subprocess
import sys

from helpdesk.kernel.settings import ROOT
from tests.running_demo import RunningDemo


class Caller:
    """Somebody who dials from the shell and stays until hung up, or until the test is over."""

    def __init__(self, demo: RunningDemo, number: str, keys: str) -> None:
        command = [sys.executable, "-m", "phonesim", "dial", "1450", "--from", number, "--keys", keys]
        command += ["--stay", "180", "--server", demo.phone_url]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def said(self) -> str:
        """Everything, after the call is over."""
        return self.process.communicate(timeout=60)[0]

    def hang_up(self) -> None:
        """As far as the call is not over yet."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
