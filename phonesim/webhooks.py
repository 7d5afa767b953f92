"""Carries webhooks to the application: signed, with retries, faults and the 15 s limit; tells who asked how it went."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from random import Random

from twilio.request_validator import HMAC_SHA1

from phonesim.clock import Clock
from phonesim.faults import DOCUMENT, MEDIA, STATUS, Faults
from phonesim.script import Answer
from phonesim.signature import Overrides, overrides_of, signed_headers
from phonesim.transport import Incoming, Outgoing, Transport, absolute, outgoing

LIMIT = 15.0
LATENCY = 0.03
MOVED, MOVED_WITH_FIELDS, MOST_HOPS = frozenset({301, 302, 303}), frozenset({307, 308}), 10
TOO_MANY_HOPS = 11215
Note = Callable[[str, str, dict[str, object]], None]
Done = Callable[[Answer], None]


@dataclass(frozen=True)
class Hook:
    """One thing to tell or to ask the application. `kind`: document, status or media. `hops`: HTTP redirects so far."""

    call_sid: str
    url: str
    params: Mapping[str, str]
    method: str = "POST"
    kind: str = STATUS
    hops: int = 0


class Courier:
    """`note` writes trace lines, `alert` gets (call sid, error code, url, message).

    `algorithm`: HMAC_SHA1, or HMAC_SHA256 as webhooks with a shared key are signed (the account's token is the key).
    """

    def __init__(
        self,
        clock: Clock,
        transport: Transport,
        token: str,
        faults: Faults,
        note: Note,
        alert: Callable[[str, int, str, str], None],
        seed: int | None = None,
    ) -> None:
        self._clock = clock
        self._transport = transport
        self._token = token
        self.algorithm = HMAC_SHA1
        self.faults = faults
        self._note = note
        self._alert = alert
        self._random = Random(seed)
        self._pool = None if transport.in_process else ThreadPoolExecutor(32, thread_name_prefix="phonesim-webhook")

    def carry(self, hook: Hook, done: Done | None = None) -> None:
        """Deliver a hook; `done` gets the answer by the clock, never at once."""
        overrides = overrides_of(hook.url)
        if overrides.mistake:
            self._alert(hook.call_sid, 11243, hook.url, f"connection override not understood: {overrides.mistake}")
        token = self._new_token()
        if hook.kind == STATUS:
            if self.faults.strikes("drop"):
                self._note("fault", hook.call_sid, {"what": "drop", "url": hook.url})
                return
            if self.faults.strikes("duplicate"):
                again = token if self._random.random() < 0.5 else self._new_token()
                self._clock.after(self.faults.jitter(), self._attempt, hook, overrides, again, 0, None)
            if late := self.faults.hold_back():
                self._clock.after(late, self._attempt, hook, overrides, token, 0, done)
                return
        elif hook.kind == DOCUMENT and self.faults.strikes("duplicate"):
            self._clock.after(self.faults.jitter(), self._attempt, hook, overrides, token, 0, None)
        self._attempt(hook, overrides, token, 0, done)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _new_token(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _attempt(self, hook: Hook, overrides: Overrides, token: str, tried: int, done: Done | None) -> None:
        request = self._signed(hook, token)
        request = replace(request, connect_timeout=overrides.connect, read_timeout=min(overrides.read, overrides.total))
        began = self._clock.seconds()
        if self._pool is None:
            self._came(hook, overrides, token, tried, done, began, self._transport.send(request))
        else:
            self._pool.submit(self._elsewhere, request, hook, overrides, token, tried, done, began)

    def _elsewhere(
        self,
        request: Outgoing,
        hook: Hook,
        overrides: Overrides,
        token: str,
        tried: int,
        done: Done | None,
        began: float,
    ) -> None:
        incoming = self._transport.send(request)
        self._clock.after(0, self._came, hook, overrides, token, tried, done, began, incoming)

    def _signed(self, hook: Hook, token: str) -> Outgoing:
        bare = outgoing(hook.method, hook.url, hook.params, {})
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "I-Twilio-Idempotency-Token": token,
            **signed_headers(self._token, bare.url, {} if hook.method == "GET" else hook.params, self.algorithm),
        }
        return replace(bare, headers={**headers, **bare.headers})

    def _came(
        self,
        hook: Hook,
        overrides: Overrides,
        token: str,
        tried: int,
        done: Done | None,
        began: float,
        incoming: Incoming,
    ) -> None:
        latency = LATENCY if self._pool is None else 0.0
        if hook.kind == DOCUMENT and self.faults.strikes("slow_document"):
            incoming, latency = Incoming(failure="rt", error_code=11200), overrides.read
        failure = incoming.failure or _failure(incoming.status)
        self._trace(hook, token, tried, began, incoming, failure)
        if (elsewhere := _moved(hook, incoming)) is not None:
            if elsewhere.hops <= MOST_HOPS:
                self._clock.after(latency, self._attempt, elsewhere, overrides, token, tried, done)
                return
            incoming = replace(incoming, error_code=TOO_MANY_HOPS)
        if failure and tried < overrides.retries and overrides.wants_retry(failure):
            self._clock.after(latency + 0.1, self._attempt, hook, overrides, token, tried + 1, done)
            return
        code = 0
        if failure:
            code = incoming.error_code or 11200
            said = f"HTTP {incoming.status}" if incoming.status else {"ct": "no connection", "rt": "no answer"}[failure]
            self._alert(hook.call_sid, code, hook.url, said)
        if done is not None:
            kind = incoming.headers.get("content-type", "")
            answer = Answer(incoming.status, incoming.body, kind, failure, code, hook.url)
            self._clock.after(latency, done, answer)

    def _trace(self, hook: Hook, token: str, tried: int, began: float, incoming: Incoming, failure: str) -> None:
        if hook.kind == MEDIA and not failure:
            return
        data: dict[str, object] = {
            "what": hook.kind,
            "method": hook.method,
            "url": hook.url,
            "params": dict(hook.params),
            "status": incoming.status,
            "failure": failure,
            "token": token,
            "attempt": tried + 1,
            "ms": round((self._clock.seconds() - began) * 1000),
        }
        if hook.kind == DOCUMENT:
            data["body"] = incoming.body.decode("utf-8", "replace")[:4000]
        self._note("webhook", hook.call_sid, data)


def _moved(hook: Hook, incoming: Incoming) -> Hook | None:
    """Where an HTTP redirect leads. After 301 and 302 Twilio asks with GET and leaves the fields behind."""
    target = incoming.headers.get("location")
    if target is None or incoming.failure:
        return None
    url = absolute(hook.url, target)
    if incoming.status in MOVED:
        return replace(hook, url=url, method="GET", params={}, hops=hook.hops + 1)
    if incoming.status in MOVED_WITH_FIELDS:
        return replace(hook, url=url, hops=hook.hops + 1)
    return None


def _failure(status: int) -> str:
    if 400 <= status < 500:
        return "4xx"
    return "" if 200 <= status < 300 else "5xx"
