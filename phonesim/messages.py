"""Short messages: queued, sent, and what became of them at the far end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonesim.network import Network

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
ERROR_CODES = {"undelivered": 30003, "failed": 30008}


@dataclass(eq=False)
class Message:
    network: Network
    sid: str
    from_: str
    to: str
    body: str
    callback: str | None
    created_at: datetime
    status: str = "queued"
    sent_at: datetime | None = None
    error_code: int | None = None

    @property
    def segments(self) -> int:
        """Parts that the carrier bills: 160/153 characters of the GSM alphabet, 70/67 UTF-16 units of any other."""
        if set(self.body) <= GSM7:
            units = sum(2 if c in "^{}\\[~]|€" else 1 for c in self.body)
            single, several = 160, 153
        else:
            units = len(self.body.encode("utf-16-le")) // 2
            single, several = 70, 67
        return 1 if units <= single else -(-units // several)

    def become(self, status: str, error_code: int | None = None) -> None:
        self.status = status
        self.error_code = error_code or ERROR_CODES.get(status)
        if status == "sent":
            self.sent_at = self.network.clock.now()
        self.network.ledger.text_changed(self.sid, status)
        self.network.note("message", "", {"sid": self.sid, "to": self.to, "status": status})
        if self.callback is None:
            return
        params = {
            "AccountSid": self.network.account_sid,
            "ApiVersion": "2010-04-01",
            "MessageSid": self.sid,
            "SmsSid": self.sid,
            "From": self.from_,
            "To": self.to,
            "MessageStatus": status,
            "SmsStatus": status,
        }
        if self.error_code is not None:
            params["ErrorCode"] = str(self.error_code)
        self.network.tell("", self.callback, params)


def send(network: Network, from_: str, to: str, body: str, callback: str | None) -> Message:
    """Accept a message; it is sent after a second and delivered (or not) after three."""
    message = Message(network, network.sids.new("SM"), from_, to, body, callback, network.clock.now())
    network.messages[message.sid] = message
    network.ledger.texted(message.sid, from_, to, body)
    network.note("message", "", {"sid": message.sid, "from": from_, "to": to, "body": body, "status": "queued"})
    person = network.people.get(to)
    network.clock.after(1.0, message.become, "sent")
    if person is None:
        network.clock.after(3.0, message.become, "delivered")
    else:
        network.clock.after(3.0, message.become, person.texts, person.text_error)
    return message
