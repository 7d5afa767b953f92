"""The call bar: where the asker is, what is held out, the conversation that goes on. Drawn anew after every change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.queries import promise_on
from helpdesk.identity.queries import name_of
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_
from helpdesk.telephony import emergency, queries, recordings, roster, supervision, transfers, wrapup
from helpdesk.telephony.conversation_models import Recording, Transfer
from helpdesk.telephony.conversation_rules import SupervisionMode, WrapupCode
from helpdesk.telephony.danger_models import ServiceDial
from helpdesk.telephony.models import Call, Offer, Presence
from helpdesk.telephony.queries import LineNow
from helpdesk.telephony.rules import BreakReason, CallState, Device, OfferKind, PresenceState
from helpdesk.tickets.lineage import lineage
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_for
from helpdesk.tickets.repeats import Repeat, matter_of, repeats
from helpdesk.tickets.requesters import History, history
from helpdesk.web import previews
from helpdesk.web.access import current, wants_json
from helpdesk.web.danger import SERVICE_WORDS
from helpdesk.web.history import WRAPUPS
from helpdesk.web.previews import Preview

STATES = {
    PresenceState.OFFLINE: N_("offline"),
    PresenceState.READY: N_("ready for calls"),
    PresenceState.BREAK: N_("on a break"),
    PresenceState.RESERVED: N_("a call for you"),
    PresenceState.TALKING: N_("talking"),
    PresenceState.WRAPUP: N_("writing up"),
}
QUEUES = {"technical": N_("technical"), "methodological": N_("methodological")}
BREAKS = {
    BreakReason.LUNCH: N_("lunch"),
    BreakReason.REST: N_("rest"),
    BreakReason.TRAINING: N_("training"),
    BreakReason.TECHNICAL: N_("technical trouble"),
    BreakReason.OTHER: N_("other"),
}
# Why somebody is where they are without having said so.
REASONS = {
    "missed": N_("two calls were not taken"),
    "declined": N_("a call was not taken"),
    "lost": N_("the browser was away"),
    "supervisor": N_("set by a supervisor"),
} | {reason.value: words for reason, words in BREAKS.items()}
SUPERVISORS = {
    SupervisionMode.LISTEN: N_("A supervisor listens: %(name)s"),
    SupervisionMode.WHISPER: N_("A supervisor speaks to you only: %(name)s"),
    SupervisionMode.BARGE: N_("A supervisor speaks to both: %(name)s"),
}


@dataclass(frozen=True)
class Situation:
    """What the bar and the card show. `other`: the colleague on the other side of an open transfer."""

    mine: Presence | None
    line: LineNow
    offer: Offer | None
    call: Call | None
    ticket: Ticket | None
    past: History
    transfer: Transfer | None = None
    other: str = ""
    recording: Recording | None = None
    supervisors: Sequence[tuple[str, SupervisionMode]] = ()
    services: Sequence[ServiceDial] = ()
    preview: Preview | None = None
    promise: Callback | None = None
    repeats: Sequence[Repeat] = ()

    @property
    def state(self) -> PresenceState:
        """Where the operator is; somebody who never was here is offline."""
        return self.mine.state if self.mine is not None else PresenceState.OFFLINE

    @property
    def reason(self) -> str:
        """Why, in a word of REASONS or of a supervisor's own."""
        return self.mine.reason if self.mine is not None else ""

    @property
    def on_phone(self) -> bool:
        """Whether the operator is rung on a telephone."""
        return self.mine is not None and self.mine.device is Device.PHONE

    @property
    def is_consulted(self) -> bool:
        """Whether somebody else's caller waits while we talk."""
        if self.transfer is None or self.mine is None:
            return False
        return self.transfer.to_staff_id == self.mine.staff_id

    @property
    def asks(self) -> bool:
        """Whether what is held out is a colleague's question."""
        return self.offer is not None and self.offer.kind is OfferKind.CONSULT

    @property
    def wrapup_ends_at(self) -> datetime | None:
        """Until when may be written up."""
        if self.mine is None or self.state is not PresenceState.WRAPUP:
            return None
        return wrapup.ends_at(self.mine, self.call.desk_id if self.call else None)

    @property
    def may_extend(self) -> bool:
        """Whether the time may be made longer once."""
        return self.state is PresenceState.WRAPUP and self.reason != wrapup.EXTENDED

    @property
    def likely_wrapup(self) -> WrapupCode:
        """What probably came of the call, chosen before the operator chooses."""
        if self.call is not None and self.call.direction == "outbound" and self.call.connected_at is None:
            return WrapupCode.NO_CONTACT
        return WrapupCode.CALLBACK if self.promise is not None else WrapupCode.RESOLVED

    @property
    def dials_services(self) -> bool:
        """Whether 112 and 111 can be called in."""
        return self.call is not None and emergency.dials(self.call.desk_id)

    @property
    def shape(self) -> str:
        """Changes when what can be done changes; while it is the same, an open menu is not drawn over."""
        call, transfer, recording = self.call, self.transfer, self.recording
        parts = (
            self.state.value,
            self.reason,
            self.offer.token if self.offer else "",
            call.id if call else "",
            bool(call and call.connected_at),
            bool(call and call.held_at),
            bool(call and call.danger_at),
            transfer.state.value if transfer else "",
            recording.state.value if recording else "",
            self.on_phone,
            self.promise.id if self.promise else "",
        )
        return "|".join(str(part) for part in parts)


def situation() -> Situation:
    """Where the operator who asks is, in a handful of statements."""
    asker = current()
    mine = roster.presence_of(asker.id)
    state = mine.state if mine is not None else PresenceState.OFFLINE
    offer = queries.open_offer(asker.id) if state is PresenceState.RESERVED else None
    call_id = offer.call_id if offer is not None else mine.call_id if mine is not None else None
    call = queries.call_of_operator(asker.id, call_id) if call_id is not None else None
    past = history(asker, call.contact_id, 6) if call is not None and call.contact_id is not None else History()
    inside = call is not None and call.state is CallState.CONNECTED
    transfer = transfers.open_transfer(call.id) if call is not None and inside else None
    talking = state is PresenceState.TALKING
    ticket = _ticket(call)
    in_transfer_or_danger = transfer is not None or (call is not None and call.danger_at is not None)
    may_promise = (talking or state is PresenceState.WRAPUP) and not in_transfer_or_danger
    return Situation(
        mine,
        queries.line_now(asker),
        offer,
        call,
        ticket,
        past,
        transfer,
        _other(transfer, asker.id),
        recordings.running(call) if call is not None and inside and talking else None,
        supervision.present(call.id) if call is not None and inside and talking else (),
        emergency.of_call(call.id) if call is not None and call.danger_at is not None else (),
        preview=previews.preview_of(offer, call),
        promise=promise_on(ticket.id) if ticket is not None and may_promise else None,
        repeats=repeats(asker, matter_of(ticket)) if ticket is not None and offer is not None else (),
    )


def _other(transfer: Transfer | None, staff_id: int) -> str:
    if transfer is None:
        return ""
    other = transfer.from_staff_id if transfer.to_staff_id == staff_id else transfer.to_staff_id
    return name_of(other) if other is not None else ""


def _ticket(call: Call | None) -> Ticket | None:
    if call is None or call.ticket_id is None:
        return None
    try:
        found = ticket_for(current(), call.ticket_id)
        return found if found.merged_into_id is None else ticket_for(current(), lineage(found.id)[-1])
    except NotFound:
        return None


def drawn() -> str:
    """The bar with my open offer or my call, as a piece of a page."""
    return render_template(
        "calls/card.html",
        now_=situation(),
        states=STATES,
        queues=QUEUES,
        reasons=REASONS,
        breaks=BREAKS,
        wrapups=WRAPUPS,
        supervising=SUPERVISORS,
        services=SERVICE_WORDS,
        promised=previews.WORDS,
    )


def shown() -> ResponseReturnValue:
    """The new bar for our script, the page again for a plain form."""
    if wants_json():
        return drawn()
    return redirect(url_for("board.board"), 303)
