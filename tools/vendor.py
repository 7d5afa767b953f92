"""Renews the files of other people that the browser loads: fonts and scripts, kept in helpdesk/static/vendor.

python tools/vendor.py            fetch the versions named below (needs npm) and write VENDOR.json
python tools/vendor.py --check    compare the files with VENDOR.json, without network
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "helpdesk" / "static" / "vendor"
LIST = VENDOR / "VENDOR.json"


@dataclass(frozen=True)
class Package:
    """One npm package: which of its files we ship, and in which folder."""

    name: str
    version: str
    folder: str
    files: tuple[str, ...]


# Kazakh needs both Cyrillic files: ұ and і lie in the first, ә ғ қ ң ө ү һ in the extended one.
PACKAGES = (
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "inter",
        (
            "LICENSE",
            "files/inter-latin-wght-normal.woff2",
            "files/inter-latin-ext-wght-normal.woff2",
            "files/inter-cyrillic-wght-normal.woff2",
            "files/inter-cyrillic-ext-wght-normal.woff2",
        ),
    ),
    Package("htmx.org", "2.0.11", "htmx", ("LICENSE", "dist/htmx.min.js")),
    Package("@twilio/voice-sdk", "2.18.5", "twilio-voice", ("LICENSE.md", "dist/twilio.min.js")),
    Package("chart.js", "4.5.1", "chart", ("LICENSE.md", "dist/chart.umd.min.js")),
)


def fetch(package: Package) -> dict[str, object]:
    """Unpacks the files of `package` and returns its entry of the list."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"{package.name}@{package.version}"], cwd=folder, check=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            contents = {name: archive.extractfile(f"package/{name}") for name in (*package.files, "package.json")}
            bytes_of = {name: handle.read() for name, handle in contents.items() if handle is not None}
    hashes = {}
    for name in package.files:
        target = VENDOR / package.folder / Path(name).name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(bytes_of[name])
        hashes[f"{package.folder}/{target.name}"] = hashlib.sha256(bytes_of[name]).hexdigest()
    licence = json.loads(bytes_of["package.json"])["license"]
    return {"name": package.name, "version": package.version, "licence": licence, "files": hashes}


def differences() -> list[str]:
    """What disagrees between the folder and its list; empty when all is well."""
    listed = {name: digest for entry in json.loads(LIST.read_text()) for name, digest in entry["files"].items()}
    present = {str(file.relative_to(VENDOR)) for file in VENDOR.rglob("*") if file.is_file() and file != LIST}
    problems = [f"{name} is not in the list" for name in sorted(present - listed.keys())]
    problems += [f"{name} is missing" for name in sorted(listed.keys() - present)]
    for name in sorted(listed.keys() & present):
        if hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() != listed[name]:
            problems.append(f"{name} was changed")
    return problems


def main() -> int:
    """Fetch, or only check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only")
    if parser.parse_args().check:
        problems = differences()
        print("\n".join(problems) or "the vendored files are as listed")
        return 1 if problems else 0
    LIST.write_text(json.dumps([fetch(package) for package in PACKAGES], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
