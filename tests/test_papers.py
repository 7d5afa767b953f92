"""The papers name paths and tests; a path that is gone is a lie."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAPERS = sorted(path for pattern in ("*.md", "docs/*.md", "phonesim/*.md", "bench/*.md") for path in ROOT.glob(pattern))
TOP = "helpdesk|templates|tests|migrations|phonesim|docs|tools|bench"
NAMED = re.compile(rf"`((?:{TOP})/[\w./-]+|wsgi\.py|worker\.py)`(?:\s*→\s*`(\w+)`)?")
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_every_path_that_a_paper_names_is_there(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    for path, name in NAMED.findall(text):
        target = ROOT / path
        assert target.exists(), f"{paper.name} names {path}"
        assert not name or re.search(rf"\b{name}\b", target.read_text(encoding="utf-8")), f"{path} has no {name}"
    for link in LINK.findall(text):
        assert (paper.parent / link).exists(), f"{paper.name} links to {link}"


def test_whatever_is_promised_against_what_goes_wrong_elsewhere_has_a_test_that_shows_it() -> None:
    told = (ROOT / "docs/promises.md").read_text(encoding="utf-8").splitlines()
    lines = [line for line in told if line.startswith("| ") and not line.startswith("| elsewhere")]
    assert lines
    for line in lines:
        *_, shown_by, _ = line.split("|")
        named = NAMED.findall(shown_by)
        assert named, f"nothing shows this: {line}"
        assert shown_by.count("`") == 4 * len(named), f"not in the form `tests/FILE` → `test_name`: {line}"
        for path, name in named:
            assert path.startswith("tests/"), line
            assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.M), (
                f"{path} has no {name}"
            )


@pytest.mark.parametrize("maker", ["tools.states", "tools.settings_page", "tools.keys_page"])
def test_what_is_drawn_from_the_code_is_as_the_code(maker: str) -> None:
    done = subprocess.run([sys.executable, "-m", maker, "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
