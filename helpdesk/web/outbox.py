"""Letters and SMS that an installation keeps instead of sending them: the demo's window on what parents would get."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.kernel import settings
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import gettext
from helpdesk.notifications import queries
from helpdesk.notifications.labels import KINDS, MEDIA, STATES
from helpdesk.notifications.letters import filled
from helpdesk.notifications.rules import Medium
from helpdesk.web.access import current, staff_only

door = Blueprint("outbox", __name__)


@door.get("/outbox")
@staff_only()
def outbox() -> ResponseReturnValue:
    """What went out about my tickets, newest first. There is no such page where letters are really sent."""
    if not settings.current().mail_kept:
        raise NotFound
    asked, before = request.args.get("medium", ""), request.args.get("before", "")
    medium = Medium(asked) if asked in [one.value for one in Medium] else None
    page = queries.outbox(current(), medium, int(before) if before.isdigit() and len(before) < 19 else None)
    tabs = [(url_for("outbox.outbox"), gettext("All"), None, medium is None)]
    for one, words in MEDIA.items():
        tabs.append((url_for("outbox.outbox", medium=one.value), gettext(words), None, medium is one))
    here: dict[str, Any] = {"medium": medium.value} if medium else {}
    return render_template(
        "outbox/outbox.html",
        page=page,
        tabs_=tabs,
        next=url_for("outbox.outbox", before=page.next, **here) if page.next else "",
        first=url_for("outbox.outbox", **here) if before else "",
        medium_words=MEDIA,
        state_words=STATES,
        kind_words={kind.value: words for kind, words in KINDS.items()},
        Medium=Medium,
        filled=filled,
    )
