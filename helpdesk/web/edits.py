"""What this process remembers is asked for again when it hears of an edit made in another one."""

from collections.abc import Iterable

from helpdesk.organizations import queries as desks
from helpdesk.routing import queries as categories
from helpdesk.search import view_queries as views
from helpdesk.sla import queries as calendars

_OF_DESKS = ("desk.", "organization.", "import.done")
_OF_CATEGORIES = ("category.",)
_OF_VIEWS = ("view.",)


def forget(kinds: Iterable[str]) -> None:
    """Facts of these kinds were committed somewhere. Whoever hears nothing sees the edit within 30 seconds anyway."""
    for kind in kinds:
        if kind.startswith(_OF_DESKS):
            desks.forget()
            calendars.forget()
        elif kind.startswith(_OF_CATEGORIES):
            categories.forget()
        elif kind.startswith(_OF_VIEWS):
            views.forget()
