"""Calls with given moments, for telephone figures that were counted by hand."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.callbacks.rules import AttemptResult, AttemptState, CallbackState
from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization
from helpdesk.routing.rules import Queue
from helpdesk.telephony import estimate
from helpdesk.telephony.conversation_models import Transfer
from helpdesk.telephony.conversation_rules import TransferKind, TransferState
from helpdesk.telephony.models import Call, Offer, Presence, PresenceSpan, QueueEntry
from helpdesk.telephony.rules import (
    CallState,
    EntryKind,
    EntryState,
    OfferKind,
    OfferState,
    Outcome,
    PresenceState,
)
from tests.people import Town
from tests.reports.weeks import almaty, callback, ticket

_serial = itertools.count(1)
IVR = timedelta(seconds=40)


def call(
    at: Organization,
    joined: datetime,
    outcome: str | None = "handled",
    waited: float = 0,
    talked: float = 0,
    queue: str = "technical",
    language: str | None = "kk",
    told: int | None = None,
    by: Staff | None = None,
    **values: Any,
) -> Call:
    """An offered call that joined the queue at `joined`, 40 s after it began, and waited so many seconds.

    A handled one then talked so many, holds included; `told` is the estimate that the caller heard, in seconds.
    """
    answered = joined + timedelta(seconds=waited) if outcome == "handled" else None
    ended = None if outcome is None else joined + timedelta(seconds=waited + talked)
    made = Call(
        sid=f"CA{next(_serial):032d}",
        from_number=f"+7701{next(_serial):07d}",
        to_number="1450",
        desk_id=at.id,
        queue=Queue(queue),
        language=language,
        state=CallState.ENDED if outcome else CallState.QUEUED,
        outcome=Outcome(outcome) if outcome else None,
        operator_id=by.id if by else None,
        started_at=joined - IVR,
        queued_at=joined,
        connected_at=answered,
        ended_at=ended,
        **values,
    )
    session().add(made)
    session().flush()
    # who chose a callback has given the place to the promise
    if outcome != "callback_requested":
        _place(made, joined, answered, told)
    return made


def _place(of: Call, joined: datetime, answered: datetime | None, told: int | None) -> None:
    entry = QueueEntry(
        kind=EntryKind.LIVE,
        state=EntryState.LEFT if of.outcome else EntryState.WAITING,
        desk_id=of.desk_id,
        queue=of.queue,
        language=of.language or "kk",
        call_id=of.id,
        virtual_at=joined,
        joined_at=joined,
        left_at=answered or of.ended_at,
        estimated_seconds=told,
        announced_bucket=estimate.bucket(told),
    )
    session().add(entry)
    session().flush()


def menu_call(at: Organization, began: datetime, outcome: str, **values: Any) -> Call:
    """A call that never joined a queue and ended after half a minute."""
    made = Call(
        sid=f"CA{next(_serial):032d}",
        from_number=f"+7701{next(_serial):07d}",
        to_number="1450",
        desk_id=at.id,
        state=CallState.ENDED,
        outcome=Outcome(outcome),
        started_at=began,
        ended_at=began + timedelta(seconds=30),
        **values,
    )
    session().add(made)
    session().flush()
    return made


def offer(of: Call, to: Staff, state: str, made: datetime | None = None, kind: OfferKind = OfferKind.CALL) -> Offer:
    """The call was held out to an operator, and what became of that."""
    began = made or of.queued_at
    assert began is not None
    row = Offer(
        token=f"offer-{next(_serial)}",
        kind=kind,
        call_id=of.id,
        staff_id=to.id,
        state=OfferState(state),
        created_at=began,
        expires_at=began + timedelta(seconds=15),
        settled_at=began + timedelta(seconds=2),
    )
    session().add(row)
    session().flush()
    return row


def span(of: Staff, state: str, since: datetime, until: datetime | None) -> None:
    """Where an operator was from one moment to another."""
    session().add(PresenceSpan(staff_id=of.id, state=PresenceState(state), from_at=since, until_at=until))
    session().flush()


def present(of: Staff, state: str, since: datetime) -> None:
    """Where an operator is now."""
    session().add(Presence(staff_id=of.id, state=PresenceState(state), since=since))
    session().flush()


def attempts(of: Callback, *results: str) -> None:
    """Attempts to keep a promise, one after the other."""
    for n, result in enumerate(results, start=1):
        made = Call(
            sid=f"CA{next(_serial):032d}",
            direction="outbound",
            to_number=of.number,
            desk_id=of.desk_id,
            queue=of.queue,
            language=of.language,
            callback_id=of.id,
            state=CallState.ENDED,
            outcome=Outcome.HANDLED if result == "connected" else Outcome.FAILED,
            started_at=of.created_at + timedelta(minutes=n),
        )
        session().add(made)
        session().flush()
        session().add(
            Attempt(
                callback_id=of.id,
                call_id=made.id,
                n=n,
                token=f"attempt-{made.id}",
                number=of.number,
                state=AttemptState.DONE,
                result=AttemptResult(result),
                created_at=of.created_at,
            )
        )
    session().flush()


def kept_place(of: Callback, told: int) -> None:
    """The place in the line that a caller left to be called back, and the wait that was told there."""
    session().add(
        QueueEntry(
            kind=EntryKind.CALLBACK,
            state=EntryState.LEFT,
            desk_id=of.desk_id,
            queue=of.queue,
            language=of.language,
            callback_id=of.id,
            virtual_at=of.created_at,
            joined_at=of.created_at,
            estimated_seconds=told,
            announced_bucket=estimate.bucket(told),
        )
    )
    session().flush()


def example_day(town: Town) -> None:
    """Friday 20 November 2026 at school 905 (S) and its district (D); now is Monday 23rd, 10:00.

        joined    queue           language  outcome             waited  talked (held)  wrap-up  told   by
     1  S  09:00  technical       kk        handled                 10      200             40    30   Айгүл
     2  S  09:10  technical       kk        handled                 20      300 (60)        60    30   Айгүл
     3  S  09:20  technical       ru        handled                100      400            100    60   Светлана, who
                                                                                                       handed it on
     4  D  09:40  methodological  ru        handled                300      500 (100)        –  2400   Светлана
     5  S  10:05  technical       kk        handled                  0      100              –     –   Айгүл
     6  S  10:10  technical       kk        abandoned               60
     7  S  10:15  technical       kk        abandoned               15
     8  D  10:20  methodological  ru        short abandon            3
     9  S  10:30  technical       kk        callback chosen        120
    10  D  10:40  technical       kk        voice message          200
    11  D  11:00  technical       ru        failed                  50
    12  S  11:05  technical       kk        none yet
    13  S  11:10  technical       kk        handled                  5      100              –     –   Айгүл, lost once:
                                            the caller waited again and talked from second 200 to second 300

    Two calls ended in the menu; one of Thursday 23:59 and one of school 911 do not belong here.
    """
    s, d, aigul, svetlana = town.school905, town.district, town.aigul, town.svetlana
    ask = "methodological"
    one = call(s, almaty(20, 9), waited=10, talked=200, wrapup_seconds=40, told=30, by=aigul)
    two = call(s, almaty(20, 9, 10), waited=20, talked=300, hold_seconds=60, wrapup_seconds=60, told=30, by=aigul)
    three = call(s, almaty(20, 9, 20), waited=100, talked=400, wrapup_seconds=100, told=60, language="ru", by=svetlana)
    four = call(
        d, almaty(20, 9, 40), waited=300, talked=500, hold_seconds=100, told=2400, queue=ask, language="ru", by=svetlana
    )
    five = call(s, almaty(20, 10, 5), waited=0, talked=100, by=aigul)
    six = call(s, almaty(20, 10, 10), "abandoned", waited=60)
    call(s, almaty(20, 10, 15), "abandoned", waited=15)
    call(d, almaty(20, 10, 20), "short_abandon", waited=3, queue=ask, language="ru")
    call(s, almaty(20, 10, 30), "callback_requested", waited=120)
    call(d, almaty(20, 10, 40), "voicemail", waited=200)
    call(d, almaty(20, 11), "failed", waited=50, language="ru", failure="conference")
    call(s, almaty(20, 11, 5), None)
    lost = call(s, almaty(20, 11, 10), waited=200, talked=100, by=aigul, keys={"talked": True})
    menu_call(s, almaty(20, 8), "closed")
    menu_call(s, almaty(20, 9), "self_served", language="ru")
    call(s, almaty(19, 23, 59), waited=5, talked=100, by=aigul)
    call(town.school911, almaty(20, 9), waited=5, talked=100, by=town.bekzat)
    handed_on(three, svetlana, aigul)
    for taken, operator in ((one, aigul), (two, aigul), (three, svetlana), (four, svetlana), (five, aigul)):
        offer(taken, operator, "accepted")
    offer(two, svetlana, "expired")
    offer(four, aigul, "declined")
    offer(six, aigul, "cancelled")
    offer(three, aigul, "accepted", kind=OfferKind.CONSULT)
    offer(lost, aigul, "accepted", almaty(20, 11, 10) + timedelta(seconds=3))
    offer(lost, aigul, "accepted", almaty(20, 11, 13))
    _example_spans(town)
    _example_promises(town)


def _example_spans(town: Town) -> None:
    """Айгүл: 2 h ready, 30 min talking, 10 min writing, 20 min break. Светлана: 10 ringing, 30 past midnight."""
    aigul, svetlana = town.aigul, town.svetlana
    span(aigul, "ready", almaty(20, 9), almaty(20, 10))
    span(aigul, "talking", almaty(20, 10), almaty(20, 10, 30))
    span(aigul, "wrapup", almaty(20, 10, 30), almaty(20, 10, 40))
    span(aigul, "break", almaty(20, 10, 40), almaty(20, 11))
    span(aigul, "ready", almaty(20, 11), almaty(20, 12))
    span(aigul, "offline", almaty(20, 12), None)
    span(svetlana, "talking", almaty(19, 23, 30), almaty(20, 0, 30))
    span(svetlana, "reserved", almaty(20, 9), almaty(20, 9, 10))
    span(town.bekzat, "ready", almaty(20, 9), almaty(20, 18))
    span(town.asel, "ready", almaty(20, 9), almaty(20, 18))


def _example_promises(town: Town) -> None:
    """Reached in time by the second attempt after 60 min, late at once after 40; exhausted, superseded, two open."""
    asked = ticket(town.school905, almaty(20, 9))
    second = callback(asked, almaty(20, 10, 32), almaty(20, 12), reached_at=almaty(20, 11, 32))
    attempts(second, "no_answer", "connected")
    kept_place(second, 3400)
    at_once = callback(asked, almaty(20, 9), almaty(20, 9, 30), reached_at=almaty(20, 9, 40))
    attempts(at_once, "technical", "connected")
    kept_place(at_once, 600)
    never = callback(asked, almaty(20, 10), almaty(20, 12), state=CallbackState.EXHAUSTED)
    attempts(never, "technical", "busy", "no_answer", "no_answer")
    callback(asked, almaty(20, 10), almaty(20, 12), state=CallbackState.SUPERSEDED)
    callback(asked, almaty(20, 15), almaty(23, 12))
    callback(asked, almaty(20, 15), almaty(20, 18))
    callback(asked, almaty(19, 15), almaty(20, 18))


def handed_on(of: Call, by: Staff, to: Staff, state: str = "done") -> None:
    """An operator handed the call on to a colleague."""
    session().add(
        Transfer(
            call_id=of.id,
            kind=TransferKind.WARM,
            state=TransferState(state),
            from_staff_id=by.id,
            to_staff_id=to.id,
            created_at=of.started_at,
        )
    )
    session().flush()
