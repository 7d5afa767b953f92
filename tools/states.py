"""Write docs/states.md from the tables of moves that the code obeys; `--check` says whether it is up to date."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from helpdesk.callbacks.rules import MOVES as CALLBACK_MOVES
from helpdesk.telephony.conversation_rules import RECORDING_MOVES, SUPERVISION_MOVES, TRANSFER_MOVES
from helpdesk.telephony.danger_rules import SERVICE_MOVES
from helpdesk.telephony.rules import CALL_MOVES, ENTRY_MOVES, LEG_RANK, OFFER_MOVES, PRESENCE_MOVES
from helpdesk.tickets.bulk_rules import MOVES as BULK_MOVES
from helpdesk.tickets.rules import MOVES as TICKET_MOVES

TARGET = Path(__file__).resolve().parents[1] / "docs" / "states.md"

TABLES: tuple[tuple[str, str, Mapping[StrEnum, frozenset[StrEnum]]], ...] = (
    ("Ticket", "helpdesk/tickets/rules.py", TICKET_MOVES),
    ("Work on many tickets", "helpdesk/tickets/bulk_rules.py", BULK_MOVES),
    ("Call", "helpdesk/telephony/rules.py", CALL_MOVES),
    ("Place in the line", "helpdesk/telephony/rules.py", ENTRY_MOVES),
    ("Offer to an operator", "helpdesk/telephony/rules.py", OFFER_MOVES),
    ("Transfer", "helpdesk/telephony/conversation_rules.py", TRANSFER_MOVES),
    ("Operator's presence", "helpdesk/telephony/rules.py", PRESENCE_MOVES),
    ("Supervisor in a conversation", "helpdesk/telephony/conversation_rules.py", SUPERVISION_MOVES),
    ("112 or 111 called in", "helpdesk/telephony/danger_rules.py", SERVICE_MOVES),
    ("Recording", "helpdesk/telephony/conversation_rules.py", RECORDING_MOVES),
    ("Callback", "helpdesk/callbacks/rules.py", CALLBACK_MOVES),
)


def rendered() -> str:
    """The whole page."""
    parts = [
        "# States and moves",
        "",
        "Made by `tools/states.py` from the tables that the code obeys; a test keeps it true. A move that is not in",
        "its table does not happen: the database is asked with the same states (`UPDATE … WHERE state IN (…)`).",
    ]
    for title, source, moves in TABLES:
        parts += ["", f"## {title}", "", f"`{source}`", "", "| from | to |", "|---|---|"]
        for state in moves:
            targets = ", ".join(sorted(target.value for target in moves[state])) or "— (the end)"
            parts.append(f"| {state.value} | {targets} |")
        parts += ["", "```mermaid", "stateDiagram-v2"]
        parts += [f"  {_id(a)} --> {_id(b)}" for a in moves for b in sorted(moves[a])]
        parts.append("```")
    parts += ["", "## Leg", "", "`helpdesk/telephony/rules.py`", ""]
    parts += ["A report counts only when its rank is higher; the first terminal state wins.", ""]
    parts += ["| state | rank |", "|---|---|"]
    parts += [f"| {state.value} | {rank} |" for state, rank in LEG_RANK.items()]
    return "\n".join(parts) + "\n"


def _id(state: StrEnum) -> str:
    return state.value.replace("-", "_")


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(
            0 if TARGET.read_text(encoding="utf-8") == rendered() else f"{TARGET} is old: run python -m tools.states"
        )
    TARGET.write_text(rendered(), encoding="utf-8")
