"""What the journal knows of a ticket, the timeline can say."""

import ast
from collections.abc import Iterator

from helpdesk.kernel.settings import ROOT
from helpdesk.telephony.rules import OfferState
from helpdesk.web.history import SENTENCES

# Told by a message of their own, or not to be told: tickets/queries.py leaves them out of the timeline.
# The last three tell the machine to hang up, or of a supervisor who has not come in yet.
UNTOLD = {"ticket.replied", "ticket.noted", "ticket.heard", "ticket.viewed", "letter.queued"}
UNTOLD |= {"call.service_over", "call.service_unwanted", "call.supervision_asked"}
ABOUT_TICKETS = ("ticket.", "call.", "callback.", "offer.", "letter.", "sms.")


def noted_kinds() -> Iterator[str]:
    """The kinds that the house notes in so many words."""
    for file in (ROOT / "helpdesk").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name.strip("_") == "note" and isinstance(node.args[0].value, str):
                    yield node.args[0].value


def test_every_kind_about_a_ticket_or_a_call_has_its_sentence() -> None:
    kinds = {kind for kind in noted_kinds() if kind.startswith(ABOUT_TICKETS)}
    assert len(kinds) > 20
    assert kinds - UNTOLD - set(SENTENCES) == set()


def test_every_end_of_an_offer_has_its_sentence() -> None:
    assert {f"offer.{state.value}" for state in OfferState if state is not OfferState.OPEN} <= set(SENTENCES)
