"""Other people's files are what they were when they were fetched."""

import subprocess
import sys

from helpdesk.kernel.settings import ROOT


def test_every_vendored_file_is_as_listed() -> None:
    check = [sys.executable, str(ROOT / "tools" / "vendor.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
