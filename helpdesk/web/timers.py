"""What is left until a due time, as the timer of a page says it. In Python, because a page shows fifty of them."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.kernel import clock, i18n
from helpdesk.kernel.i18n import gettext

# Amber from here on where nothing says since when the clock runs.
USUAL_WARNING = 900
DAY = 86400


@dataclass(frozen=True)
class Timer:
    """`state` is calm, amber or breach; `epoch` and `amber` (seconds before the end) are for the script."""

    state: str
    due: str
    title: str
    epoch: int
    amber: int
    left: str
    word: str


def timer(due: datetime, breached: bool, since: datetime | None) -> Timer:
    """The timer now: amber in the last quarter of the way from `since`, a breach when it is over or was recorded."""
    left = (due - clock.now()).total_seconds()
    amber = (due - since).total_seconds() / 4 if since else USUAL_WARNING
    state = "breach" if breached or left <= 0 else "amber" if left <= amber else "calm"
    word = {"breach": gettext("overdue"), "amber": gettext("due soon"), "calm": gettext("left")}[state]
    away = int(abs(left))
    told = f"{away // 3600:02d}:{away % 3600 // 60:02d}" if away < DAY else i18n.duration_text(left)
    return Timer(state, due.isoformat(), i18n.moment_text(due), int(due.timestamp()), int(amber), told, word)
