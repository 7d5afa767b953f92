"""The parents' form: what was typed → Incoming, or what has to be corrected first."""

import hashlib
import re
import unicodedata
import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from helpdesk.audit.actor import requester
from helpdesk.contacts.rules import PreferredChannel, RequesterRole, class_name
from helpdesk.intake import consent, form_family
from helpdesk.intake.accept import accept
from helpdesk.intake.form_family import MORE, Sibling
from helpdesk.intake.incoming import Incoming, IncomingFile
from helpdesk.kernel import phones
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.routing.queries import choices
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import public_messages
from helpdesk.tickets.rules import Channel

STEPS = ("start", "school", "child", "words", "answer")
LONGEST_TEXT = 5000
ANSWER_BY = (PreferredChannel.PHONE, PreferredChannel.EMAIL, PreferredChannel.WEB)
ROLES = (RequesterRole.PARENT, RequesterRole.PUPIL, RequesterRole.STUDENT, RequesterRole.TEACHER, RequesterRole.OTHER)


@dataclass(frozen=True)
class WebForm:
    """Everything that was typed so far, cleaned but not judged; `school` is an organization's id once it is found."""

    form_id: str = ""
    choice: str = ""
    school: str = ""
    school_text: str = ""
    role: str = RequesterRole.PARENT.value
    pupil: str = ""
    words: str = ""
    answer_by: str = ""
    phone: str = ""
    email: str = ""
    name: str = ""
    consent: str = ""
    pupil_2: str = ""
    school_2: str = ""
    pupil_3: str = ""
    school_3: str = ""
    pupil_4: str = ""
    school_4: str = ""
    files: tuple[IncomingFile, ...] = ()

    @property
    def key(self) -> str:
        """What makes sending it twice one ticket."""
        return f"web:{self.form_id}"

    @property
    def siblings(self) -> tuple[Sibling, ...]:
        """Further pupils of the family, as far as something was typed about them."""
        rows = [Sibling(n, getattr(self, f"pupil_{n}"), getattr(self, f"school_{n}")) for n in MORE]
        return tuple(one for one in rows if one.pupil or one.school_text)


def clean(raw: str) -> str:
    """The text as it can be stored: composed letters, plain line ends, no control characters."""
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs")).strip()


def form_id(raw: str) -> str:
    """The id that the first page gave out, or a new one when this is none of ours."""
    try:
        return str(uuid.UUID(raw))
    except ValueError:
        return str(uuid.uuid4())


def problems(form: WebForm, step: str) -> dict[str, Refused]:
    """What must be corrected on the page of one step, by the field's id. The school is looked up by the door."""
    found: list[Refused | None] = []
    match step:
        case "start":
            known = form.choice.isdecimal() and int(form.choice) in choices()
            found.append(None if known else Refused(N_("Please choose what happened"), "choice"))
        case "words":
            found.append(text_problem(form.words, "words", bool(form.files)))
        case "answer":
            found += [_phone_problem(form), _email_problem(form), _answer_problem(form)]
    return {refusal.field or "": refusal for refusal in found if refusal}


def text_problem(text: str, field: str, has_files: bool = False) -> Refused | None:
    """Why these words cannot be sent; photos alone may speak for themselves."""
    if not text and not has_files:
        return Refused(N_("Please write in a few words what happened"), field)
    if len(text) > LONGEST_TEXT:
        return Refused(N_("The text is too long by this many letters: %(over)s"), field, over=len(text) - LONGEST_TEXT)
    return None


def _answer_problem(form: WebForm) -> Refused | None:
    if form.answer_by not in [way.value for way in ANSWER_BY]:
        return Refused(N_("Please choose how we should answer you"), "answer_by")
    return None


def _phone_problem(form: WebForm) -> Refused | None:
    if not form.phone:
        wanted = form.answer_by == PreferredChannel.PHONE
        return Refused(N_("Please enter your phone number"), "phone") if wanted else None
    number = phones.written(form.phone)
    if number is None or number in phones.SERVICE_NUMBERS:
        return Refused(N_("This phone number is not complete. For example: 8 701 123 45 67"), "phone")
    return None


def _email_problem(form: WebForm) -> Refused | None:
    if not form.email:
        wanted = form.answer_by == PreferredChannel.EMAIL
        return Refused(N_("Please enter your e-mail address"), "email") if wanted else None
    if _address(form.email) is None:
        return Refused(N_("This e-mail address is not complete. For example: name@example.org"), "email")
    return None


def _address(raw: str) -> str | None:
    try:
        # the demo and the tests live in domains that the public net does not have
        found = validate_email(raw, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return found.normalized.lower() if "." in found.domain else None


def pupil_note(raw: str) -> str:
    """A school class in its written form (`4а` is `4 «А»`); a course or group as it was typed."""
    found = class_name(raw)
    if found is None:
        return re.sub(r"\s+", " ", raw)[:80]
    grade, letter = found
    return f"{grade} «{letter}»" if letter else str(grade)


def incoming(form: WebForm, language: str, received_at: datetime) -> Incoming:
    """The form in the shape of every channel. Call it only when no step has problems."""
    number, address = phones.written(form.phone), _address(form.email) if form.email else None
    unknown_school = form.school_text if form.school_text and not form.school else ""
    about = ", ".join(part for part in (pupil_note(form.pupil), unknown_school) if part)
    return Incoming(
        key=form.key,
        channel=Channel.WEB,
        received_at=received_at,
        language=language,
        text=form.words,
        subject="" if form.words else gettext(choices()[int(form.choice)]),
        name=form.name[:200],
        role=RequesterRole(form.role) if form.role in ROLES else RequesterRole.PARENT,
        phones=(number,) if number else (),
        emails=(address,) if address else (),
        organization_id=int(form.school) if form.school else None,
        pupil_note=about[:120],
        answer_by=form.answer_by,
        choice=int(form.choice),
        consent_version=consent.shown(form.consent),
        files=form.files,
    )


def send(form: WebForm, language: str, received_at: datetime) -> Ticket:
    """File the form. Sent again it is the same ticket; sent again with other words, they are added to it."""
    first = incoming(form, language, received_at)
    accepted = accept(first, requester())
    ticket = accepted.ticket
    if accepted.seen_before and all(first.text not in message.body for message in public_messages(ticket)):
        changed = hashlib.sha256(first.text.encode()).hexdigest()[:16]
        more = replace(first, key=f"{first.key}:{changed}", joins=ticket.id)
        ticket = accept(more, requester(ticket.contact_id)).ticket
    if form.siblings:
        form_family.file(ticket, first, form.siblings)
    return ticket
