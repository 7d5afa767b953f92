"""Tickets and callbacks with given moments, for reports that were counted by hand."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import CallbackState
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization
from helpdesk.routing.rules import Priority, Queue
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Channel, TicketState, ticket_number
from tests.people import Town

ALMATY = ZoneInfo("Asia/Almaty")
_serial = itertools.count(1)


def almaty(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 on the wall clock of Almaty."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ALMATY)


def ticket(
    at: Organization,
    created: datetime,
    queue: str = "technical",
    channel: str = "phone",
    language: str = "kk",
    answer_due: int | None = None,
    answered: int | None = None,
    resolve_due: int | None = None,
    resolved: int | None = None,
    paused: int | None = None,
    category: str | None = None,
) -> Ticket:
    """A ticket whose moments are minutes after its creation; None is a moment that does not exist."""

    def after(minutes: int | None) -> datetime | None:
        return None if minutes is None else created + timedelta(minutes=minutes)

    unanswered = answered is None and answer_due is not None
    made = Ticket(
        number=ticket_number(2026, next(_serial)),
        channel=Channel(channel),
        subject="Kundelik",
        state=_state(resolved, paused, answered),
        queue=Queue(queue),
        priority=Priority.P3,
        profile="C",
        language=language,
        desk_id=at.id,
        category_code=category,
        created_at=created,
        updated_at=created,
        first_response_due_at=after(answer_due),
        first_responded_at=after(answered),
        resolution_due_at=after(resolve_due),
        resolved_at=after(resolved),
        paused_at=after(paused),
        due_at=None if resolved or paused else after(answer_due if unanswered else resolve_due),
    )
    session().add(made)
    session().flush()
    return made


def _state(resolved: int | None, paused: int | None, answered: int | None) -> TicketState:
    if resolved is not None:
        return TicketState.RESOLVED
    if paused is not None:
        return TicketState.WAITING_REQUESTER
    return TicketState.NEW if answered is None else TicketState.OPEN


def callback(of: Ticket, created: datetime, promised: datetime, **values: Any) -> Callback:
    """A promise of a desk to the sender of a ticket; done when it was `reached_at`, else requested."""
    reached = values.get("reached_at") is not None
    state = values.pop("state", CallbackState.DONE if reached else CallbackState.REQUESTED)
    made = Callback(
        state=state,
        number=f"+7709{next(_serial):07d}",
        language=of.language,
        queue=of.queue,
        desk_id=of.desk_id,
        ticket_id=of.id,
        origin="ivr",
        virtual_at=created,
        created_at=created,
        promised_at=promised,
        next_attempt_at=promised,
        **values,
    )
    session().add(made)
    session().flush()
    return made


def example_week(town: Town) -> list[Ticket]:
    """Monday 16 to Sunday 22 November 2026 at school 905 (S) and its district (D); now is Monday 23rd, 10:00.

    Minutes after creation: answered (term) / resolved (term).

     1  S technical     phone    kk  Mon 10:00    10 (240)     60 (1440)
     2  S technical     phone    kk  Mon 11:00    20 (240)    120 (1440)
     3  S technical     web      ru  Tue 09:30    30 (240)    180 (1440)
     4  S methodological web     kk  Tue 12:00   300 (240)   2000 (1440)   both late
     5  S methodological email   ru  Wed 10:00    40 (240)      – (1440)   resolution overdue
     6  D technical     phone    ru  Wed 15:00     – (240)      – (1440)   both overdue
     7  D technical     web      kk  Thu 09:00    50 (240)    600 (1440)
     8  D methodological phone   kk  Thu 16:00     – (240)      – (1440)   waits since minute 60: nothing is overdue
     9  D methodological email   ru  Fri 10:00    60 (240)      – (14400)  resolution has time
    10  D technical     phone    kk  Sat 12:00     – (3000)     – (14400)  both have time
    11  S technical     walk_in  ru  Sun 23:59     0 (none)     5 (none)   no terms
    12  S technical     phone    kk  Mon 00:00   240 (240)   1440 (1440)   both at the last moment

    Callbacks: of 1 reached 5 minutes before, of 6 half an hour after the promised time, of 8 never.
    Outside the week: Sunday 15th 23:59 and Monday 23rd 00:00; outside the district: school 911.
    """
    s, d = town.school905, town.district
    technical, methodological = "technical", "methodological"
    rows = [
        ticket(s, almaty(16, 10), technical, "phone", "kk", 240, 10, 1440, 60),
        ticket(s, almaty(16, 11), technical, "phone", "kk", 240, 20, 1440, 120),
        ticket(s, almaty(17, 9, 30), technical, "web", "ru", 240, 30, 1440, 180),
        ticket(s, almaty(17, 12), methodological, "web", "kk", 240, 300, 1440, 2000),
        ticket(s, almaty(18, 10), methodological, "email", "ru", 240, 40, 1440),
        ticket(d, almaty(18, 15), technical, "phone", "ru", 240, None, 1440),
        ticket(d, almaty(19, 9), technical, "web", "kk", 240, 50, 1440, 600),
        ticket(d, almaty(19, 16), methodological, "phone", "kk", 240, None, 1440, paused=60),
        ticket(d, almaty(20, 10), methodological, "email", "ru", 240, 60, 14400),
        ticket(d, almaty(21, 12), technical, "phone", "kk", 3000, None, 14400),
        ticket(s, almaty(22, 23, 59), technical, "walk_in", "ru", None, 0, None, 5),
        ticket(s, almaty(16, 0), technical, "phone", "kk", 240, 240, 1440, 1440),
    ]
    ticket(s, almaty(15, 23, 59), technical, "phone", "kk", 240, 10, 1440, 60)
    ticket(s, almaty(23, 0), technical, "phone", "kk", 240, 10, 1440, 60)
    ticket(town.school911, almaty(17, 10), technical, "phone", "kk", 240, 10, 1440, 60)
    callback(rows[0], almaty(16, 10, 5), almaty(16, 12), reached_at=almaty(16, 11, 55))
    callback(rows[5], almaty(18, 15, 10), almaty(18, 17), reached_at=almaty(18, 17, 30))
    callback(rows[7], almaty(19, 16, 10), almaty(19, 18), state=CallbackState.EXHAUSTED)
    return rows
