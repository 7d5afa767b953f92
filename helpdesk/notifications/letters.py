"""Letters in the ticket's language: one template a kind, one frame around all."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from helpdesk.kernel import i18n, settings
from helpdesk.kernel.i18n import gettext, spoken
from helpdesk.kernel.settings import ROOT
from helpdesk.notifications.rules import Kind
from helpdesk.tickets import secrets
from helpdesk.tickets.thread_token import REPLY_LINE

# What opens a ticket stands in no table: texts are kept with these marks, and filled when they leave or are shown.
SECRET, TOKEN = "⟦secret⟧", "⟦token⟧"

# Plain text: nothing in it is markup, so nothing is escaped.
_templates = Environment(
    loader=FileSystemLoader(ROOT / "templates" / "letters"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
_templates.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
_templates.globals["reply_line"] = REPLY_LINE


@dataclass(frozen=True)
class About:
    """What a letter tells of its ticket. `text` is the operator's own words, `at` the moment of a callback."""

    number: str
    subject: str
    link: str
    secret: str
    desk: str
    due_at: datetime | None = None
    text: str = ""
    has_files: bool = False
    at: datetime | None = None
    asks: bool = False


def moment(at: datetime | None) -> str:
    """Day and time in words of the language spoken now: a letter may be read on another day, so never "today"."""
    return f"{i18n.date_text(i18n.local(at).date())}, {i18n.time_text(at)}" if at else "–"


def short_moment(at: datetime | None) -> str:
    """24.11 18:30, for SMS."""
    return f"{i18n.local(at):%d.%m %H:%M}" if at else "–"


def write(kind: Kind, about: About, language: str, zone: ZoneInfo) -> tuple[str, str]:
    """Subject and body of a letter."""
    with spoken(language, zone):
        values = {**vars(about), "due": moment(about.due_at), "when": moment(about.at), "feet": _feet()}
        body = _templates.get_template(f"{kind.value}.txt").render(values)
        return _subject(kind, about), body.strip() + "\n"


def write_to_staff(template: str, name: str, link: str, expires_at: datetime, language: str) -> tuple[str, str]:
    """Subject and body of a letter that lets a member of staff in."""
    with spoken(language):
        values = {"name": name, "link": link, "when": moment(expires_at), "feet": _feet()}
        body = _templates.get_template(f"{template}.txt").render(values)
        invited = template == "staff_invited"
        return gettext("Your place at 1450") if invited else gettext("A new password for 1450"), body.strip() + "\n"


def write_notices(
    template: str, lines: list[tuple[str, str, int]], more: int, link: str, language: str
) -> tuple[str, str]:
    """Subject and body of a letter that gathers what a member of staff was told: numbers, msgids, how many times."""
    with spoken(language):
        told = [(number, gettext(words), times) for number, words, times in lines]
        values = {"lines": told, "more": more, "link": link, "feet": _feet()}
        body = _templates.get_template(f"{template}.txt").render(values)
        return gettext("1450: new for you: %(count)s", count=len(lines) + max(more, 0)), body.strip() + "\n"


def filled(text: str, ticket_id: int | None) -> str:
    """A kept text as its reader gets it."""
    if ticket_id is None:
        return text
    key = settings.current().ticket_key
    return text.replace(SECRET, secrets.secret(ticket_id, key)).replace(TOKEN, secrets.token(ticket_id, key))


def _subject(kind: Kind, about: About) -> str:
    subjects = {
        Kind.OPENED: gettext("Your request is registered"),
        Kind.NEED_INFO: gettext("We need details from you"),
        Kind.REMINDED: gettext("We still need details from you"),
        Kind.UNANSWERED: gettext("Your request is settled without your answer"),
        Kind.RESOLVED: gettext("Your request is resolved"),
        Kind.CALLBACK_SET: gettext("We will call you back"),
        Kind.CALLBACK_MISSED: gettext("We could not reach you by phone"),
        Kind.CALLBACK_FAILED: gettext("We could not reach you by phone"),
        Kind.VOICEMAIL_RECEIVED: gettext("Your voice message is registered"),
        Kind.ALARM: gettext("A child is in danger"),
    }
    words = subjects.get(kind) or gettext("Re: %(subject)s", subject=about.subject)
    return " ".join(f"{words} [{about.number}]".split())[:300]


def _feet() -> list[str]:
    """Who writes, in both languages of the state: somebody else in the family may read it."""
    feet = []
    for code in ("kk", "ru"):
        with spoken(code):
            feet.append(gettext("Education hotline 1450"))
    return feet
