"""Outgoing mail: one letter to one address by SMTP."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from helpdesk.kernel.settings import Settings

PATIENCE_SECONDS = 10


class MailRefused(Exception):
    """The server will never take this letter; the message says why."""


class MailDelayed(Exception):
    """The letter did not leave, or nobody knows whether it did: try again later."""


def send(settings: Settings, letter: EmailMessage, address: str) -> None:
    """Hand `letter` to the server for `address`. When this returns, the server has taken it.

    Raises MailRefused or MailDelayed.
    """
    try:
        with _server(settings) as server:
            server.send_message(letter, settings.mail_from, [address])
    except smtplib.SMTPRecipientsRefused as error:
        code, reason = error.recipients[address]
        raise _by_code(code, _words(reason)) from error
    except smtplib.SMTPResponseException as error:
        raise _by_code(error.smtp_code, _words(error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailDelayed(f"{type(error).__name__}: {error}") from error


@contextmanager
def _server(settings: Settings) -> Iterator[smtplib.SMTP]:
    server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=PATIENCE_SECONDS)
    try:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):  # a failed farewell does not bring the letter back
            server.quit()


def _by_code(code: int, words: str) -> Exception:
    text = f"{code} {words}"[:300]
    # a wrong log-in (530–538) is our mistake, not the letter's
    return MailRefused(text) if code >= 500 and not 530 <= code <= 538 else MailDelayed(text)


def _words(raw: bytes | str) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
