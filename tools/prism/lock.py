"""Writes package-lock.json anew from package.json: names, versions and hashes, no addresses."""

import json
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "package-lock.json"
ADDRESSES = frozenset({"resolved", "funding"})


def main() -> None:
    """Ask npm what it would install, and keep what says which bytes, not where they lie."""
    subprocess.run(["npm", "install", "--package-lock-only", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    lock = json.loads(LOCK.read_text())
    for package in lock["packages"].values():
        for name in ADDRESSES & package.keys():
            del package[name]
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
