"""What is done by the clock: each round finds due rows and gives their ids away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from helpdesk.administration import failed_jobs, imports
from helpdesk.callbacks import actions as callbacks
from helpdesk.callbacks import due
from helpdesk.identity import tokens
from helpdesk.intake.mailbox_queries import due_mailboxes
from helpdesk.intake.queries import waiting_mail
from helpdesk.jobs import calls, privacy
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import transaction
from helpdesk.notifications import hook_queries, hook_sending, notice_actions, notice_letters
from helpdesk.notifications.queries import due_letters
from helpdesk.organizations.actions import ripe_moves
from helpdesk.privacy import queries as people
from helpdesk.telephony import emergency
from helpdesk.telephony.operator_phones import to_ring
from helpdesk.telephony.queries import not_joined, silent_legs
from helpdesk.telephony.recordings import to_erase, to_import, unheard_of
from helpdesk.tickets import bulk, drafts, handovers, patience, snoozing
from helpdesk.tickets.actions import mark_breaches

# So many visits fit into one job even where servers are slow.
MAILBOXES_A_JOB = 100


class Give(Protocol):
    """Gives the ids to a job, in one batch or one job each; not again to a worker within `patience` seconds."""

    def __call__(self, name: str, ids: Sequence[int], single: bool = False, patience: float = 20.0) -> None: ...


@dataclass(frozen=True)
class Round:
    """`go` runs every `every` seconds; an eager one also right after each commit that noted a fact."""

    name: str
    every: float
    go: Callable[[Give], None]
    eager: bool = False


def read_mail(give: Give) -> None:
    """Letters that came in and were not read yet."""
    give("file_mail", waiting_mail())


def fetch_mail(give: Give) -> None:
    """Mailboxes elsewhere whose time has come."""
    due = due_mailboxes()
    for first in range(0, len(due), MAILBOXES_A_JOB):
        give("fetch_mail", due[first : first + MAILBOXES_A_JOB])


def send_letters(give: Give) -> None:
    """Letters and SMS whose time has come."""
    give("send_letters", due_letters())


def send_hooks(give: Give) -> None:
    """Webhooks whose time has come, a job for each receiver: one that is slow holds up no other."""
    for _, ids in hook_queries.due():
        give("send_hooks", ids)


def forget_programs(_give: Give) -> None:
    """What was sent to other systems a month ago, and what they were answered yesterday."""
    with transaction():
        hook_sending.forgotten()
    with transaction():
        tokens.forget_answers()


def dial(give: Give) -> None:
    """Promises whose moment has come, as many as operators and the account's calls per second let through."""
    chosen = due.to_dial(clock.now(), settings.current().dials_per_second)
    give("dial", [one.row.callback_id for one in chosen], single=True, patience=5.0)


def place(give: Give) -> None:
    """Callbacks whose operators wait in their conferences; asked for again each second until a dial is free."""
    give("place", due.to_place(clock.now()), single=True, patience=1.0)


def expire_promises(_give: Give) -> None:
    """Promises that could not even be tried for days."""
    if due.overdue(clock.now()):
        with transaction():
            callbacks.expire()


def reconcile_dials(give: Give) -> None:
    """Attempts to call somebody back of which nothing was heard."""
    give("reconcile", due.unsettled(clock.now()), single=True)


def route_callers(_give: Give) -> None:
    """Callers who wait, promises whose time has come, and operators who are free."""
    with transaction():
        callbacks.ripen()
    calls.route()


def overflow_callers(_give: Give) -> None:
    """Callers who have waited too long for their own desk."""
    calls.overflow_callers()


def expire_offers(_give: Give) -> None:
    """Offers that nobody took."""
    calls.expire_offers()


def watch_presence(_give: Give) -> None:
    """Operators whose browser fell silent, or who have written long enough."""
    calls.watch_presence()


def ring_operators(give: Give) -> None:
    """What is held out to operators who answer on a telephone."""
    give("ring_operators", to_ring(), single=True, patience=2.0)


def rejoin(give: Give) -> None:
    """Callers who did not follow their operator."""
    give("rejoin", not_joined(), single=True)


def call_services(give: Give) -> None:
    """112 or 111 is to be rung into a conversation; or it was, and nothing was heard of it."""
    give("call_service", emergency.asked(), single=True, patience=5.0)
    give("find_service", emergency.unheard(), single=True, patience=5.0)


def ask_about_legs(give: Give) -> None:
    """Legs of which nothing was heard for two minutes."""
    give("ask_about_legs", silent_legs(), single=True)


def fetch_recordings(give: Give) -> None:
    """Voice messages and conversations that lie at the carrier."""
    give("import_recordings", to_import(), single=True, patience=60.0)


def ask_about_recordings(give: Give) -> None:
    """Recordings of ended calls of which nothing was heard."""
    give("ask_about_recordings", unheard_of(), single=True)


def erase_recordings(give: Give) -> None:
    """Recordings whose time is over."""
    give("erase_recordings", to_erase())


def carry_on_bulk(give: Give) -> None:
    """Work on many tickets that was begun and is not done."""
    give("carry_on", bulk.running(), single=True, patience=11.0)


def forget_drafts(_give: Give) -> None:
    """Drafts that nobody came back to."""
    with transaction():
        drafts.forgotten(clock.now())


def record_breaches(_give: Give) -> None:
    """Promises on tickets that were not kept, each dated when it was due."""
    found = True
    while found:
        with transaction():
            found = mark_breaches() > 0


def remind_requesters(_give: Give) -> None:
    """Requesters who were asked something days ago, and tickets that waited long enough."""
    for step in (patience.remind, patience.settle):
        found = True
        while found:
            with transaction():
                found = step() > 0


def wake_tickets(_give: Give) -> None:
    """Tickets that were put off until now."""
    found = True
    while found:
        with transaction():
            found = snoozing.wake_due() > 0


def remind_of_handovers(_give: Give) -> None:
    """Tickets that were handed on and that nobody has acknowledged in time."""
    found = True
    while found:
        with transaction():
            found = handovers.remind() > 0


def write_notices(_give: Give) -> None:
    """Letters to staff about what they wish to hear by letter, gathered."""
    for staff_id in notice_letters.due():
        with transaction():
            notice_letters.write(staff_id)


def forget_notices(_give: Give) -> None:
    """What staff were told and read long ago."""
    found = True
    while found:
        with transaction():
            found = notice_actions.forget() > 0


def read_lists(give: Give) -> None:
    """Lists of organizations that are being imported."""
    give("read_lists", imports.running(), single=True)


def do_moves(give: Give) -> None:
    """Organizations that stand elsewhere from today on."""
    give("do_moves", ripe_moves(clock.now().date()))


def erase_people(give: Give) -> None:
    """People whose erasure was begun and is not done."""
    give("erase_people", people.running(), single=True, patience=11.0)


def forget_the_old(give: Give) -> None:
    """What is kept longer than its term."""
    give("forget", [0], patience=600.0)


def watch_breaches(_give: Give) -> None:
    """Breaches that the authority should know of by now."""
    privacy.watch_breaches()


def retry_failed(give: Give) -> None:
    """Failed jobs that an administrator wants tried again."""
    wanted = [(one.id, one.job, list(one.ids["ids"])) for one in failed_jobs.to_retry()]
    for id_, job, ids in wanted:
        with transaction():
            failed_jobs.handed_out([id_])
        give(job, ids)


ROUNDS: tuple[Round, ...] = (
    Round("expire offers", 1, expire_offers),
    Round("overflow callers", 5, overflow_callers),
    Round("route callers", 1, route_callers, eager=True),
    Round("call services", 1, call_services, eager=True),
    Round("ring operators", 1, ring_operators, eager=True),
    Round("rejoin callers", 2, rejoin),
    Round("watch presence", 5, watch_presence),
    Round("ask about legs", 30, ask_about_legs),
    Round("fetch recordings", 10, fetch_recordings, eager=True),
    Round("ask about recordings", 60, ask_about_recordings),
    Round("erase recordings", 3600, erase_recordings),
    Round("record breaches", 5, record_breaches),
    Round("remind requesters", 60, remind_requesters),
    Round("wake tickets", 15, wake_tickets),
    Round("carry on bulk", 2, carry_on_bulk, eager=True),
    Round("forget drafts", 3600, forget_drafts),
    Round("erase people", 5, erase_people, eager=True),
    Round("forget the old", 600, forget_the_old),
    Round("watch breaches", 60, watch_breaches),
    Round("read mail", 30, read_mail, eager=True),
    Round("fetch mail", 5, fetch_mail),
    Round("send letters", 10, send_letters, eager=True),
    Round("send webhooks", 5, send_hooks, eager=True),
    Round("forget programs", 3600, forget_programs),
    Round("place", 1, place, eager=True),
    Round("dial", 1, dial, eager=True),
    Round("reconcile dials", 10, reconcile_dials),
    Round("expire promises", 60, expire_promises),
    Round("remind of handovers", 60, remind_of_handovers),
    Round("write notices", 30, write_notices),
    Round("forget notices", 3600, forget_notices),
    Round("read lists", 2, read_lists),
    Round("do moves", 600, do_moves),
    Round("retry failed jobs", 5, retry_failed),
)
