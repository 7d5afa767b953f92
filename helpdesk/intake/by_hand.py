"""What an operator registers by hand: somebody who came, a letter, a message, a call that the operator made."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from helpdesk.contacts.rules import RequesterRole
from helpdesk.intake.incoming import Incoming
from helpdesk.kernel import phones
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import LANGUAGES, N_
from helpdesk.organizations.queries import desk
from helpdesk.routing.rules import Circumstances, by_the_clock
from helpdesk.tickets.rules import Channel, MessageKind

# Ways that reach us through a person, in the order in which they are offered.
WAYS = (Channel.WALK_IN, Channel.POST, Channel.MESSENGER, Channel.SOCIAL, Channel.OUTGOING_CALL)
# A message without the place where it stood cannot be answered.
NEEDS_SOURCE = frozenset({Channel.MESSENGER, Channel.SOCIAL})
LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class Registered:
    """The form as it was filled in; what was not is empty. `who` is a phone number or a name."""

    form_id: str
    way: str
    source: str
    who: str
    name: str
    role: str
    language: str
    contact_id: int | None
    organization_id: int | None
    category_code: str | None
    pupil_note: str
    text: str


def incoming(form: Registered, desk_id: int, at: datetime) -> Incoming:
    """The form as any channel's input, at the desk of the operator unless a school was chosen. Raises Refused."""
    if form.way not in set(WAYS):
        raise Refused(N_("Choose how the matter reached us"), field="way")
    way = Channel(form.way)
    if way in NEEDS_SOURCE and not form.source.strip():
        raise Refused(N_("Say where the message stood: the messenger, the page, the account"), field="source")
    if not form.text.strip():
        raise Refused(N_("Write what it is about"), field="text")
    if len(form.text) > LONGEST_TEXT:
        raise Refused(N_("The text is too long: at most %(most)s characters"), field="text", most=LONGEST_TEXT)
    number = phones.written(form.who) if form.contact_id is None else None
    if way is Channel.OUTGOING_CALL and form.contact_id is None and number is None:
        raise Refused(N_("Enter the number that you called"), field="who_text")
    return Incoming(
        key=f"hand:{form.form_id[:64]}",
        channel=way,
        received_at=at,
        language=form.language if form.language in LANGUAGES else "kk",
        text=form.text.strip(),
        kind=MessageKind.CALL if way is Channel.OUTGOING_CALL else MessageKind.PUBLIC,
        name=form.name.strip()[:200] or ("" if number else form.who.strip()[:200]),
        role=RequesterRole(form.role) if form.role in set(RequesterRole) else RequesterRole.PARENT,
        phones=(number,) if number else (),
        contact_id=form.contact_id,
        organization_id=form.organization_id,
        desk_id=None if form.organization_id else desk_id,
        pupil_note=form.pupil_note.strip()[:120],
        source=form.source.strip()[:120],
        category_code=form.category_code,
        circumstances=_circumstances(way, desk_id, at),
    )


def _circumstances(way: Channel, desk_id: int, at: datetime) -> Circumstances:
    local = at.astimezone(ZoneInfo(desk(desk_id).organization.zone))
    by_clock = by_the_clock(local)
    return Circumstances(
        in_morning=by_clock.in_morning,
        last_weeks_of_quarter=by_clock.last_weeks_of_quarter,
        written=way is Channel.POST,
    )
