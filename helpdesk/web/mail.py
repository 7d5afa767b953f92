"""The ledger of letters that came in, and those that nobody could read."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from helpdesk.audit.actor import staff
from helpdesk.intake import mailroom, queries
from helpdesk.intake.machine_letters import LABELS
from helpdesk.intake.models import MailState
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import Conflict
from helpdesk.kernel.i18n import N_, gettext, ngettext
from helpdesk.web.access import current, staff_only

door = Blueprint("mail", __name__)

STATE_WORDS = {
    MailState.UNREADABLE: N_("Could not be read"),
    MailState.WAITING: N_("Not read yet"),
    MailState.FILED: N_("Opened a ticket"),
    MailState.JOINED: N_("Joined a ticket"),
    MailState.REJECTED: N_("Rejected"),
}
REASON_WORDS = {
    **{reason.value: words for reason, words in LABELS.items()},
    mailroom.BROKE_THE_READER: N_("Reading it broke off several times"),
}
LEDGER_DAYS = 7


@door.get("/mail")
@staff_only(*queries.MAILROOM)
def mail() -> ResponseReturnValue:
    """What came to my desks' mailboxes and what became of it, newest first."""
    asked, before = request.args.get("state", ""), request.args.get("before", "")
    state = MailState(asked) if asked in [one.value for one in MailState] else None
    page = queries.mails(current(), state, int(before) if before.isdigit() and len(before) < 19 else None)
    counts = queries.ledger(current(), clock.now() - timedelta(days=LEDGER_DAYS))
    total = sum(counts.values())
    tabs = [(url_for("mail.mail"), gettext("All"), total, state is None)]
    for one, words in STATE_WORDS.items():
        tabs.append((url_for("mail.mail", state=one.value), gettext(words), counts[one], state is one))
    here: dict[str, Any] = {"state": state.value} if state else {}
    return render_template(
        "mail/mail.html",
        page=page,
        numbers=queries.ticket_numbers(page.rows),
        tabs_=tabs,
        counts={one: counts[one] for one in MailState},
        days=ngettext("Numbers of the last %(n)s day", "Numbers of the last %(n)s days", LEDGER_DAYS),
        next=url_for("mail.mail", before=page.next, **here) if page.next else "",
        first=url_for("mail.mail", **here) if before else "",
        state_words=STATE_WORDS,
        reason_words=REASON_WORDS,
        unreadable=MailState.UNREADABLE,
        outbox=url_for("outbox.outbox") if settings.current().mail_kept else "",
    )


@door.get("/mail/<int:raw_id>/original")
@staff_only(*queries.MAILROOM)
def original(raw_id: int) -> ResponseReturnValue:
    """A letter as it came, to be opened in a mail program."""
    raw = queries.mail_for(current(), raw_id)
    return send_file(
        BytesIO(raw.content), mimetype="application/octet-stream", as_attachment=True, download_name=f"{raw.id}.eml"
    )


@door.post("/mail/<int:raw_id>/read")
@staff_only(*queries.MAILROOM)
def read_again(raw_id: int) -> ResponseReturnValue:
    """Try once more to read a letter that was put aside."""
    try:
        with transaction():
            mailroom.read_again(queries.mail_for(current(), raw_id).id, staff(current().id))
        flash(gettext("The letter is being read again."), "calm")
    except Conflict:
        flash(gettext("Somebody has done this already"), "amber")
    return redirect(url_for("mail.mail", state=MailState.UNREADABLE.value), 303)
