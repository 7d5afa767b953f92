"""Write docs/keys.md, what each key of the telephone does; `--check` says whether it is up to date."""

import sys
from pathlib import Path

from helpdesk.telephony.menu import ATTEMPTS, DEFAULTS, KEYS, Do, Next, Step
from helpdesk.telephony.prompts.texts import pieces

TARGET = Path(__file__).resolve().parents[1] / "docs" / "keys.md"

# The prompts that name the keys of a step.
ASKED: dict[Step, tuple[str, ...]] = {
    Step.LANGUAGE: ("P00",),
    Step.MENU: ("P02",),
    Step.TECHNICAL: ("P03",),
    Step.WAITING: ("P07", "P47"),
    Step.CALLBACK: ("P07", "P47"),
    Step.CLOSED: ("P46K",),
    Step.CONFIRM: ("P09",),
    Step.DANGER: ("P20",),
}

STEPS: dict[Step, str] = {
    Step.LANGUAGE: "Greeting",
    Step.MENU: "Main menu",
    Step.TECHNICAL: "Technical help",
    Step.WAITING: "In the line",
    Step.CALLBACK: "The waiting room is full or broken",
    Step.CLOSED: "Nobody takes calls: outside the hours, or a supervisor has closed the queue",
    Step.CONFIRM: "A typed number, read back",
    Step.DANGER: "A child is in danger",
}

WORDS: dict[Do, str] = {
    Do.SPEAK: "go on in this language",
    Do.QUEUE: "to the operators",
    Do.TECHNICAL: "to the menu of technical help",
    Do.BACK: "back",
    Do.STATUS: "the state of a ticket by its number",
    Do.UNRECORDED: "this call is not recorded",
    Do.CALL_ME: "call this number back; the place is kept",
    Do.ANOTHER_NUMBER: "call another number back, which is typed and read back",
    Do.STAY: "stay in the line for an operator",
    Do.VOICEMAIL: "leave a voice message",
    Do.DANGER: "a child is in danger: the supervisors are alerted at once",
    Do.CONNECT: "connect with 112",
    Do.RIGHT: "the number is right",
    Do.WRONG: "type it again",
    Do.REPEAT: "say it again",
}


def rendered() -> str:
    """The whole page."""
    parts = [
        "# Keys of the telephone",
        "",
        "Made by `tools/keys_page.py` from `helpdesk/telephony/menu.py`; a test keeps it true. A key may be pressed",
        f"while the prompt is still being said. Whoever presses nothing, or something unknown, {ATTEMPTS} times goes",
        "on as the last line of each table says: nobody is ever dropped for it. Numbers are ended with #.",
    ]
    for step, keys in KEYS.items():
        parts += ["", f"## {STEPS[step]}", "", f"Prompts: {', '.join(ASKED[step])}", "", "| key | does |", "|---|---|"]
        parts += [f"| {key} | {_does(following)} |" for key, following in keys.items()]
        parts.append(f"| nothing | {_does(DEFAULTS[step])} |")
    return "\n".join(parts) + "\n"


def _does(following: Next) -> str:
    if following == Next(Do.SPEAK):
        return "go on in Kazakh and then Russian"
    return WORDS[following.do] + (f": {following.value}" if following.value else "")


def unsaid() -> list[str]:
    """Prompts of ASKED that nobody recorded."""
    recorded = {piece.split(".")[0] for piece in pieces("kk")}
    return [prompt for prompts in ASKED.values() for prompt in prompts if prompt not in recorded]


if __name__ == "__main__":
    if missing := unsaid():
        sys.exit(f"no such prompts: {missing}")
    if "--check" in sys.argv:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == rendered()
        sys.exit(0 if current else f"{TARGET.name} is old: run python -m tools.keys_page")
    TARGET.write_text(rendered(), encoding="utf-8")
