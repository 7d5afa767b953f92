"""The only importer of Twilio's REST client: what we ask of the carrier, each thing once.

Nothing here repeats a POST by itself: a call that was created twice rings twice. Whether a failed request may be made
again, and whether it may have worked after all, stands in the error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import requests
from flask import Flask, current_app
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.rest import Client

from helpdesk.kernel.settings import Settings
from helpdesk.telephony.carrier_conferences import Conferences
from helpdesk.telephony.carrier_errors import GONE, RETRIES, CarrierRefused, answers
from helpdesk.telephony.rules import LegState

TIMEOUT_SECONDS = 10.0
RING_SECONDS = 25
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
TOKEN_SECONDS = 3600


@dataclass(frozen=True)
class CarrierCall:
    """A leg as the carrier knows it."""

    sid: str
    state: LegState
    to: str
    from_: str
    created_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or another."""
        return self.state not in (LegState.QUEUED, LegState.INITIATED, LegState.RINGING, LegState.IN_PROGRESS)


class _Rebased(TwilioHttpClient):  # type: ignore[misc]  # twilio has no types
    """Sends every request to another address than https://*.twilio.com."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        self._base_url = base_url.rstrip("/")

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """As the client does, at the other address."""
        path = "/" + url.split("://", 1)[-1].partition("/")[2]
        return super().request(method, self._base_url + path, *args, **kwargs)


class Carrier(Conferences):
    """The account at Twilio, or at whoever speaks its protocol. Addresses are given as paths below our public URL."""

    def __init__(
        self,
        settings: Settings,
        http_client: HttpClient | None = None,
        fetch: Callable[[str], bytes] | None = None,
    ) -> None:
        """`fetch`: how the bytes behind a path of the REST interface are read; the client only reads texts."""
        self._settings = settings
        base = settings.twilio_api_base_url
        self._fetch = fetch or self._download
        self._client = Client(
            settings.twilio_account_sid or "AC" + "0" * 32,
            settings.twilio_auth_token or "none",
            http_client=http_client or (_Rebased(base) if base else TwilioHttpClient(timeout=TIMEOUT_SECONDS)),
        )

    def place_call(self, number: str, path: str, status_path: str, ring_seconds: int = RING_SECONDS) -> CarrierCall:
        """Dial `number`; when somebody answers, the document at `path` is executed. One POST, never repeated.

        `ring_seconds`: 25 is about five rings and gives up before most voicemails. Raises CarrierRefused, CarrierAway.
        """
        with answers():
            made = self._client.calls.create(
                to=number,
                from_=self._settings.twilio_from,
                url=self.url(path) + RETRIES,
                fallback_url=self.url("/twilio/voice/fallback"),
                status_callback=self.url(status_path) + RETRIES,
                status_callback_event=CALL_EVENTS,
                timeout=ring_seconds,
            )
        return _call(made)

    def redirect(self, call_sid: str, path: str) -> bool:
        """Make a live leg execute the document at `path`; False when the leg has ended."""
        return self._update(call_sid, url=self.url(path), method="POST")

    def hangup(self, call_sid: str) -> bool:
        """End a leg that is queued, ringing or talking; False when it had ended already."""
        return self._update(call_sid, status="completed")

    def find_calls(self, to: str, from_: str | None = None, limit: int = 50) -> list[CarrierCall]:
        """The newest legs to a number, queued ones too (they have no start, so nothing is filtered by it)."""
        with answers():
            return [_call(found) for found in self._client.calls.list(to=to, from_=from_, limit=limit)]

    def fetch_call(self, sid: str) -> CarrierCall | None:
        """A leg as it is now; None when the carrier does not know it."""
        try:
            with answers():
                return _call(self._client.calls(sid).fetch())
        except CarrierRefused as error:
            if error.code in GONE:
                return None
            raise

    def send_sms(self, number: str, text: str, dedupe: str) -> str:
        """Send a text and return its id. The carrier has no idempotency key; `dedupe` comes back with its statuses."""
        with answers():
            sent = self._client.messages.create(
                to=number,
                from_=self._settings.sms_from or self._settings.twilio_from,
                body=text,
                status_callback=self.url(f"/twilio/message/status?letter={dedupe}") + RETRIES,
            )
        return str(sent.sid)

    def softphone_token(self, staff_id: int) -> str:
        """A pass of one hour for an operator's browser, to connect out and nothing else."""
        settings = self._settings
        token = AccessToken(
            settings.twilio_account_sid,
            settings.twilio_api_key_sid,
            settings.twilio_api_key_secret,
            identity=identity(staff_id),
            ttl=TOKEN_SECONDS,
        )
        token.add_grant(VoiceGrant(outgoing_application_sid=settings.twilio_application_sid, incoming_allow=False))
        return str(token.to_jwt())

    def _download(self, path: str) -> bytes:
        base = self._settings.twilio_api_base_url or "https://api.twilio.com"
        pass_ = (self._settings.twilio_account_sid, self._settings.twilio_auth_token)
        answer = requests.get(base.rstrip("/") + path, auth=pass_, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        return answer.content

    def _update(self, call_sid: str, **changes: str) -> bool:
        try:
            with answers():
                self._client.calls(call_sid).update(**changes)
        except CarrierRefused as error:
            if error.code in GONE:
                return False
            raise
        return True


def identity(staff_id: int) -> str:
    """The name of an operator's softphone: letters, digits and underscore only."""
    return f"op_{staff_id}"


def staff_of(address: str) -> int | None:
    """The operator behind "client:op_7", or None when the address is no softphone of ours."""
    number = address.removeprefix("client:op_")
    return int(number) if address.startswith("client:op_") and number.isascii() and number.isdigit() else None


def _call(found: Any) -> CarrierCall:
    return CarrierCall(
        sid=str(found.sid),
        state=LegState(str(found.status)),
        to=str(found.to or ""),
        from_=str(found._from or ""),
        created_at=found.date_created,
        started_at=found.start_time,
        ended_at=found.end_time,
    )


def init_app(app: Flask, settings: Settings) -> None:
    """Attach the carrier that the settings name."""
    use(app, Carrier(settings))


def use(app: Flask, carrier: Carrier) -> None:
    """Talk to this carrier from now on."""
    app.extensions["carrier"] = carrier


def carrier() -> Carrier:
    """The carrier of the present app."""
    return cast(Carrier, current_app.extensions["carrier"])
