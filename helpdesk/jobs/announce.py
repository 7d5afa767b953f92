"""After a commit: wake the clock process and the open pages. Losing this costs a second, never a fact."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from helpdesk.audit.journal import CHANNEL, Fact
from helpdesk.kernel.redis import Line


def announcer(line: Line) -> Callable[[Sequence[Any]], None]:
    """What `kernel.db` calls with the facts of each commit."""

    def announce(facts: Sequence[Fact]) -> None:
        line.publish(CHANNEL, json.dumps([asdict(fact) for fact in facts], ensure_ascii=False))

    return announce
