"""Jobs and reactions that keep promises to call back. Each may run twice: the row behind an id decides."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog

from helpdesk.audit.models import JournalEntry
from helpdesk.callbacks import abandoned, actions, dialling, queries, settle
from helpdesk.callbacks import reconcile as carriers_word
from helpdesk.callbacks.models import Callback
from helpdesk.kernel import clock, failpoints, settings
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications import actions as letters
from helpdesk.notifications.rules import Kind
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused
from helpdesk.telephony.gateway import carrier
from helpdesk.telephony.models import Call
from helpdesk.tickets.models import Ticket

log = structlog.get_logger()


def dial(callback_ids: list[int]) -> None:
    """Dial each of these once: claim and commit, ask the carrier, make the leg ours."""
    for callback_id in callback_ids:
        with transaction():
            intent = dialling.claim(callback_id)
        if intent is not None:
            failpoints.hit("callback.claimed")
            _ask_carrier(intent)


def place(attempt_ids: list[int]) -> None:
    """Dial for operators who wait in their conferences; their attempts were committed when they said yes."""
    for attempt_id in attempt_ids:
        with transaction():
            intent = dialling.ask(attempt_id)
        if intent is not None:
            failpoints.hit("callback.asked")
            _ask_carrier(intent)


def _ask_carrier(intent: dialling.Intent) -> None:
    placed = dialling.place(intent)
    failpoints.hit("callback.placed")
    ghost = None
    with transaction():
        if placed.sid is not None and not _took(intent.token, placed.sid):
            ghost = placed.sid
        elif placed.failure is not None:
            held = queries.held(intent.token)
            if held is not None:
                settle.settle(held, placed.failure)
    failpoints.hit("callback.adopted")
    if ghost is not None:
        log.warning("hanging up a leg of nobody", attempt=intent.attempt_id)
        dialling.hang_up(ghost)


def _took(token: str, sid: str) -> bool:
    """Whether the leg is the attempt's and may go on: the callback may have been cancelled while we asked, or the
    operator may not want it any more."""
    held = dialling.adopt(token, sid)
    return held is not None and settle.may_ring(held)


def reconcile(attempt_ids: list[int]) -> None:
    """Ask the carrier what became of attempts of which we heard nothing."""
    for attempt_id in attempt_ids:
        with transaction():
            asked = None if carriers_word.void_unasked(attempt_id) else carriers_word.needs_asking(attempt_id)
        if asked is None:
            continue
        failpoints.hit("callback.unsettled")
        number, sid = asked
        moment = clock.now()
        try:
            if sid is None:
                listed = carrier().find_calls(number, settings.current().twilio_from)
                failpoints.hit("callback.listed")
                with transaction():
                    carriers_word.found_in_list(attempt_id, listed, moment)
            else:
                leg = carrier().fetch_call(sid)
                failpoints.hit("callback.fetched")
                with transaction():
                    carriers_word.found_by_sid(attempt_id, leg)
        except (CarrierAway, CarrierRefused) as problem:
            log.warning("the carrier cannot be asked", attempt=attempt_id, reason=str(problem))


# ── reactions ─────────────────────────────────────────────────────────────────────────────────────────────────────

Entries = Sequence[JournalEntry]


def call_queued(entries: Entries) -> None:
    """Somebody whom we promised to call back waits in the line: in the promised place."""
    for call in _calls(entries):
        if call.direction == "inbound":
            actions.inherit_place(call)


def call_answered(entries: Entries) -> None:
    """A conversation began: of a callback, whose promise is kept by it, or of a caller, who needs none any more."""
    for call in _calls(entries):
        if call.callback_id is not None:
            settle.connected(call)
        else:
            actions.supersede(call)


def call_ended(entries: Entries) -> None:
    """The call of an attempt is over, whoever told us; or somebody who called us waited and gave up."""
    for call in _calls(entries):
        if call.callback_id is not None:
            settle.call_ended(call)
        else:
            abandoned.promise_back(call)


def _calls(entries: Entries) -> Iterator[Call]:
    for entry in entries:
        call = session().get(Call, entry.call_id, populate_existing=True) if entry.call_id else None
        if call is not None:
            yield call


def tell_promised(entries: Entries) -> None:
    """SMS: until when we call. Not to somebody who wrote to us by e-mail from a landline: there is no SMS to those."""
    for entry, callback, ticket in _promises(entries):
        at = datetime.fromisoformat(entry.details["promised_at"])
        letters.write(Kind.CALLBACK_SET, ticket, f"callback_set:{entry.id}", at=at, number=callback.number)


def tell_missed(entries: Entries) -> None:
    """SMS: we could not reach you, and when we try again."""
    for entry, callback, ticket in _promises(entries):
        at = datetime.fromisoformat(entry.details["next_at"])
        letters.write(Kind.CALLBACK_MISSED, ticket, f"callback_missed:{entry.id}", at=at, number=callback.number)


def tell_exhausted(entries: Entries) -> None:
    """SMS: we could not reach you; the ticket stays with a person."""
    for entry, callback, ticket in _promises(entries):
        letters.write(Kind.CALLBACK_FAILED, ticket, f"callback_failed:{entry.id}", number=callback.number)


def _promises(entries: Entries) -> Iterator[tuple[JournalEntry, Callback, Ticket]]:
    for entry in entries:
        callback = session().get(Callback, entry.callback_id) if entry.callback_id else None
        ticket = session().get(Ticket, callback.ticket_id) if callback is not None else None
        if callback is not None and ticket is not None:
            yield entry, callback, ticket
