"""Letters and SMS that an installation keeps instead of sending them: the demo's window on what parents would get."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.kernel import settings
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.notifications import queries
from helpdesk.notifications.letters import filled
from helpdesk.notifications.rules import Kind, LetterState, Medium
from helpdesk.web.access import current, staff_only

door = Blueprint("outbox", __name__)

MEDIUM_WORDS = {Medium.EMAIL: N_("E-mail"), Medium.SMS: N_("SMS")}
STATE_WORDS = {
    LetterState.PENDING: N_("waits to be sent"),
    LetterState.SENDING: N_("is being sent"),
    LetterState.SENT: N_("sent"),
    LetterState.DELIVERED: N_("delivered"),
    LetterState.KEPT: N_("kept"),
    LetterState.FAILED: N_("could not be delivered"),
}
KIND_WORDS = {
    Kind.OPENED: N_("Registered"),
    Kind.SECRET: N_("Access code"),
    Kind.REPLIED: N_("Answer"),
    Kind.NEED_INFO: N_("Question"),
    Kind.RESOLVED: N_("Resolved"),
    Kind.CALLBACK_SET: N_("Callback promised"),
    Kind.CALLBACK_MISSED: N_("Callback missed"),
    Kind.CALLBACK_FAILED: N_("Callback failed"),
    Kind.VOICEMAIL_RECEIVED: N_("Voice message received"),
}


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
    for one, words in MEDIUM_WORDS.items():
        tabs.append((url_for("outbox.outbox", medium=one.value), gettext(words), None, medium is one))
    here: dict[str, Any] = {"medium": medium.value} if medium else {}
    return render_template(
        "outbox/outbox.html",
        page=page,
        tabs_=tabs,
        next=url_for("outbox.outbox", before=page.next, **here) if page.next else "",
        first=url_for("outbox.outbox", **here) if before else "",
        medium_words=MEDIUM_WORDS,
        state_words=STATE_WORDS,
        kind_words={kind.value: words for kind, words in KIND_WORDS.items()},
        Medium=Medium,
        filled=filled,
    )
