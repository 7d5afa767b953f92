"""Write docs/settings.md from the settings object; `--check` says whether it is up to date."""

import sys
from pathlib import Path

from helpdesk.kernel.settings import NEEDED_IN_PRODUCTION, Settings

TARGET = Path(__file__).resolve().parents[1] / "docs" / "settings.md"


def rendered() -> str:
    """The whole page."""
    parts = [
        "# Settings",
        "",
        "Made by `tools/settings_page.py` from `helpdesk/kernel/settings.py`; a test keeps it true. Each setting is an",
        "environment variable. The application refuses to start in production, with one list of everything, while a",
        "needed one is missing.",
        "",
        "| variable | needed | default | what it is for |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        needed = "yes" if name in NEEDED_IN_PRODUCTION else ""
        default = "the folder `var`" if name == "var_dir" else str(field.default)
        parts.append(f"| `{name.upper()}` | {needed} | {default} | {field.description} |")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        current = TARGET.read_text(encoding="utf-8") == rendered()
        sys.exit(0 if current else f"{TARGET.name} is old: run python -m tools.settings_page")
    TARGET.write_text(rendered(), encoding="utf-8")
