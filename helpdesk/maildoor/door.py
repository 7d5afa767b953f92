"""The door for letters: SMTP or LMTP. A letter is answered with 250 only when its row is committed."""

import asyncio
import logging
import signal
import threading
from types import FrameType
from typing import cast

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.intake import mailroom, queries
from helpdesk.kernel.db import transaction
from helpdesk.kernel.settings import Settings

log = structlog.get_logger()

MAX_BYTES = 30 * 1024 * 1024
# The standard allows 998 characters a line; letters with longer ones are common enough to be let in.
MAX_LINE = 1024 * 1024

UNKNOWN = "550 5.1.1 No such mailbox here"
LATER = "451 4.3.0 Cannot be stored now, please try again later"
STORED = "250 2.0.0 Stored"


class _Smtp(SMTP):
    line_length_limit = MAX_LINE


class _Lmtp(LMTP):
    line_length_limit = MAX_LINE


class Handler:
    """Answers the commands. The database is asked in threads, so that one slow letter holds up no other."""

    def __init__(self, app: Flask, by_lmtp: bool) -> None:
        self._app = app
        self._by_lmtp = by_lmtp

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only our mailboxes: this is no relay."""
        try:
            if not await asyncio.to_thread(self._is_ours, address):
                return UNKNOWN
        except SQLAlchemyError as error:
            log.error("database away", door="mail", error=str(error).splitlines()[0])
            return LATER
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the letter; LMTP wants one answer for each recipient."""
        try:
            answer = f"{STORED} as {await asyncio.to_thread(self._store, envelope)}"
        except SQLAlchemyError as error:
            log.error("letter not stored", error=str(error).splitlines()[0])
            answer = LATER
        except Exception:
            log.exception("letter not stored")
            answer = LATER
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if self._by_lmtp else 1))

    async def handle_exception(self, error: Exception) -> str:
        """Whatever breaks here is our fault and may be mended by the time of the next attempt."""
        log.error("mail door", error=repr(error))
        return LATER

    def _is_ours(self, address: str) -> bool:
        with self._app.app_context():
            return queries.takes_letters(address)

    def _store(self, envelope: Envelope) -> int:
        recipients = list(dict.fromkeys(address.strip().lower() for address in envelope.rcpt_tos))
        content = cast(bytes, envelope.content)  # str only with decode_data, which is off
        with self._app.app_context(), transaction():
            return mailroom.store(content, (envelope.mail_from or "").strip().strip("<>").lower(), recipients)


class Door(Controller):
    """Listens in a thread of its own; `port` is the real one, also when 0 was asked for."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._by_lmtp = settings.mail_door_lmtp
        super().__init__(
            Handler(app, self._by_lmtp),
            hostname=settings.mail_door_host,
            port=settings.mail_door_port,
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            ident="1450",
        )

    def factory(self) -> SMTP:
        """A conversation with one client."""
        return (_Lmtp if self._by_lmtp else _Smtp)(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        self.port = cast(asyncio.Server, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's


def start(app: Flask) -> Door:
    """Open the door and return it; its `stop()` closes it. Raises OSError when the port is taken."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # it logs every address
    door = Door(app, app.extensions["settings"])
    door.start()
    return door


def serve(app: Flask) -> None:
    """Keep the door open until the process is told to stop."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    door = start(app)
    log.info("mail door open", host=door.hostname, port=door.port)
    while not stopped.wait(1):
        continue
    door.stop()
