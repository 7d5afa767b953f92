"""A mail server of somebody else's: takes what we send by real SMTP, or answers as it is told to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from helpdesk.kernel import settings
from helpdesk.kernel.settings import Settings


@dataclass
class MailSink:
    """`answers` are given to the next letters instead of taking them; `deaf` cuts the line after taking one."""

    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    deaf: bool = False

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take a letter, or answer as told."""
        if self.answers:
            return self.answers.pop(0)
        self.raw.append(cast(bytes, envelope.content))
        self.letters.append(message_from_bytes(self.raw[-1], policy=policy.default))
        if self.deaf:
            server.transport.abort()
        return "250 OK"


def words(letter: EmailMessage) -> str:
    """The plain side of a letter of ours."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


class _Server(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mail_sink() -> Iterator[MailSink]:
    """The server, and a house that sends there instead of keeping its post."""
    sink = MailSink()
    server = _Server(sink, hostname="127.0.0.1", port=0)
    server.start()
    house = settings.current()
    sending = {"mail_kept": False, "smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_starttls": False}
    settings.install(Settings.model_validate(house.model_dump() | sending))
    yield sink
    settings.install(house)
    server.stop()
