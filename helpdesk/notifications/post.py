"""Hand one claimed letter to the mail server or the carrier. No transaction is open meanwhile."""

from collections.abc import Callable
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from helpdesk.kernel import clock, mail, store
from helpdesk.kernel.settings import Settings
from helpdesk.notifications import html
from helpdesk.notifications.rules import AUTOMATIC, LetterState, Medium
from helpdesk.notifications.sending import Outcome, Parcel
from helpdesk.notifications.staff_letters import StaffKind
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused

# Wide lines: the library would break a long In-Reply-To into encoded words, which no program reads back.
_POLICY = SMTP.clone(max_line_length=500)

# number, text, what comes back with the delivery reports → the carrier's id
SendSms = Callable[[str, str, str], str]


def deliver(parcel: Parcel, settings: Settings, send_sms: SendSms) -> Outcome:
    """Send it, or keep it where the house keeps its post to be looked at. Never raises for what a server answers."""
    if settings.mail_kept:
        return Outcome(LetterState.KEPT)
    return _sms(parcel, send_sms) if parcel.medium is Medium.SMS else _email(parcel, settings)


def _sms(parcel: Parcel, send_sms: SendSms) -> Outcome:
    try:
        sid = send_sms(parcel.address, parcel.body, str(parcel.letter_id))
    except CarrierRefused as error:
        return Outcome(LetterState.PENDING if error.retryable else LetterState.FAILED, str(error))
    except CarrierAway as error:
        return Outcome(LetterState.PENDING, str(error))
    return Outcome(LetterState.SENT, provider_sid=sid)


def _email(parcel: Parcel, settings: Settings) -> Outcome:
    try:
        mail.send(settings, compose(parcel, settings), parcel.address)
    except (mail.MailRefused, MessageError, ValueError) as error:  # the last two: no letter can be made of this
        return Outcome(LetterState.FAILED, str(error))
    except mail.MailDelayed as error:
        return Outcome(LetterState.PENDING, str(error))
    return Outcome(LetterState.SENT)


def compose(parcel: Parcel, settings: Settings) -> EmailMessage:
    """The letter with its headers. Its Message-ID is the same at every attempt. Raises ValueError or MessageError."""
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = formataddr((parcel.sender_name, settings.mail_from))
    letter["To"] = parcel.address
    letter["Reply-To"] = parcel.reply_to
    letter["Subject"] = parcel.subject
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = parcel.message_id
    letter["Content-Language"] = parcel.language
    if parcel.in_reply_to:
        letter["In-Reply-To"] = letter["References"] = parcel.in_reply_to
    if parcel.kind in AUTOMATIC or parcel.kind in StaffKind.__members__.values():
        letter["Auto-Submitted"] = "auto-generated"
        letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(parcel.body, charset="utf-8", cte="base64")
    letter.add_alternative(html.page(parcel.body, parcel.language), subtype="html", charset="utf-8", cte="base64")
    for one in parcel.enclosed:
        kind, _, subtype = one.content_type.partition("/")
        content = _content(settings, one.digest)
        if content is not None:
            letter.add_attachment(content, maintype=kind, subtype=subtype or "octet-stream", filename=one.name)
    return letter


def _content(settings: Settings, digest: str) -> bytes | None:
    """A file that is gone (its person was erased meanwhile) stops no letter."""
    try:
        return store.get(settings.var_dir, digest)
    except FileNotFoundError:
        return None
