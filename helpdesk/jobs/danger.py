"""What follows when a child is in danger: the P0 record, word to supervisors, and 112 or 111 on the line."""

from collections.abc import Sequence

import structlog
from sqlalchemy import select

from helpdesk.audit.actor import SYSTEM
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.answerable import answerable_for
from helpdesk.intake import phone
from helpdesk.jobs import calls
from helpdesk.kernel import clock
from helpdesk.kernel.db import db, session, transaction
from helpdesk.notifications.actions import alert
from helpdesk.organizations.queries import desk
from helpdesk.telephony import emergency, queries
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused
from helpdesk.telephony.danger_models import ServiceDial
from helpdesk.telephony.danger_rules import FAILED_AFTER, ServiceState
from helpdesk.telephony.gateway import carrier
from helpdesk.telephony.menu import Topic
from helpdesk.telephony.models import Call, Leg
from helpdesk.telephony.rules import LegState
from helpdesk.telephony.twiml import path
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.lineage import locked_survivor
from helpdesk.tickets.rules import UNFINISHED

log = structlog.get_logger()

# The category of the record.
DANGER = "O05"

# ── reactions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def record(entries: Sequence[JournalEntry]) -> None:
    """The call's ticket becomes the P0 record; a call without one gets it now. Those who answer for it are told."""
    for entry in entries:
        call = queries.locked(entry.call_id or 0)
        phone.take(call, Topic.OPERATOR)
        ticket = locked_survivor(call.ticket_id) if call.ticket_id is not None else None
        if ticket is None:
            continue
        if ticket.state not in UNFINISHED and tickets.can_reopen(ticket, clock.now()):
            tickets.reopen(ticket, SYSTEM)
        if ticket.state in UNFINISHED and ticket.category_code != DANGER:
            tickets.recategorise(ticket, DANGER, SYSTEM)
        for person in answerable_for(desk(entry.desk_id or ticket.desk_id).organization.path):
            alert(person, ticket, f"alarm:{entry.details['alarm_id']}:{person.id}", entry.at)


def hang_up_services(entries: Sequence[JournalEntry]) -> None:
    """The call is over and nobody is left to talk to: the service's leg goes too."""
    for entry in entries:
        for leg_sid in emergency.live_legs(entry.call_id or 0):
            calls.hang_up_leg(leg_sid)


# ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def call_service(ids: list[int]) -> None:
    """Ring services into conversations: claim, commit, one request, note whose leg it is."""
    for dial_id in ids:
        with transaction():
            dial = emergency.claim(dial_id)
            call = session().get_one(Call, dial.call_id) if dial is not None else None
            if dial is None or call is None or call.conference is None:
                continue
            number, token, conference, caller = dial.number.value, dial.token, call.conference, call.sid
            known = call.conference_sid
        _keep_open(known or conference, caller)
        try:
            sid = carrier().dial_into(known or conference, number, "service", path("service-status", dial=token))
        except (CarrierRefused, CarrierAway) as error:
            log.error("a service could not be rung", number=number, call_id=call.id, error=str(error))
            if error.outcome_known:
                with transaction():
                    emergency.fail(session().get_one(ServiceDial, dial_id, with_for_update=True))
            continue
        with transaction():
            emergency.heard(token, sid, LegState.QUEUED)


def _keep_open(conference: str, caller: str | None) -> None:
    """The conference outlives the caller's line: the operator goes on telling the service what is known."""
    try:
        if caller is not None and not carrier().ends_with(conference, caller, False):
            log.warning("the caller is in no conference", conference=conference)
    except (CarrierRefused, CarrierAway) as error:
        log.warning("the conference still ends with the caller", conference=conference, error=str(error))


def find_service(ids: list[int]) -> None:
    """A service was rung and nothing was heard of it: look for its leg at the carrier, or say that it failed."""
    for dial_id in ids:
        dial = session().get_one(ServiceDial, dial_id)
        since, number, token = dial.dialled_at or dial.created_at, dial.number.value, dial.token
        known = set(session().scalars(select(Leg.sid).where(Leg.call_id == dial.call_id)))
        db.session.rollback()
        try:
            found = carrier().find_calls(number)
        except (CarrierRefused, CarrierAway) as error:
            log.warning("carrier away while looking for a service", number=number, error=str(error))
            found = []
        fresh = [leg for leg in found if leg.sid not in known and leg.created_at and leg.created_at >= since]
        with transaction():
            if len(fresh) == 1:
                emergency.heard(token, fresh[0].sid, fresh[0].state)
            elif clock.now() - since > FAILED_AFTER:
                late = session().get_one(ServiceDial, dial_id, with_for_update=True, populate_existing=True)
                if late.state is ServiceState.DIALLING:
                    emergency.fail(late)
