"""An application written in a few lines per test, a network around it, and the real twilio client.

Nothing here knows the helpdesk, a database or Redis: `pytest --confcutdir=tests/phonesim tests/phonesim` needs neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.wrappers import Request, Response

from phonesim import InProcessHttpClient, Network, VirtualClock, WsgiTransport
from phonesim.server import Server
from phonesim.wave import wave_of_silence
from tests.phonesim.served import ACCOUNT, BASE, TOKEN, serving

Answer = str | int | Callable[[dict[str, str]], str | int | Response]


@dataclass
class Post:
    """One request that reached the application."""

    path: str
    form: dict[str, str]
    token: str
    method: str
    genuine: bool


@dataclass
class App:
    """`pages`: path -> verbs inside <Response>, an HTTP status, or a function of the form, which may return a whole
    response; `audio`: path -> seconds."""

    pages: dict[str, Answer] = field(default_factory=dict)
    audio: dict[str, float] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)

    def __call__(self, environ, start_response):  # type: ignore[no-untyped-def]
        request = Request(environ)
        raw = environ["RAW_URI"]
        form = request.form.to_dict()
        signature = request.headers.get("X-Twilio-Signature", "")
        genuine = RequestValidator(TOKEN).validate(BASE + raw, form, signature)
        token = request.headers.get("I-Twilio-Idempotency-Token", "")
        if request.path in self.audio:
            return Response(wave_of_silence(self.audio[request.path]), mimetype="audio/wav")(environ, start_response)
        self.posts.append(Post(request.path, {**request.args.to_dict(), **form}, token, request.method, genuine))
        answer = self.pages.get(request.path, 404)
        if callable(answer):
            answer = answer(self.posts[-1].form)
        if isinstance(answer, Response):
            return answer(environ, start_response)
        if isinstance(answer, int):
            return Response(status=answer)(environ, start_response)
        body = answer if answer.startswith("<?xml") else f"<Response>{answer}</Response>"
        return Response(body, mimetype="text/xml")(environ, start_response)

    def to(self, path: str) -> list[dict[str, str]]:
        """The forms that were posted to a path, in order."""
        return [post.form for post in self.posts if post.path == path]


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def net(app: App, clock: VirtualClock) -> Network:
    network = Network(clock, ACCOUNT, TOKEN, WsgiTransport(app, BASE), seed=1)
    network.number("1450", voice_url="/voice")
    return network


@pytest.fixture
def client(net: Network) -> Client:
    return Client(ACCOUNT, TOKEN, http_client=InProcessHttpClient(net.rest_app))


@pytest.fixture
def server(app: App, tmp_path: Path) -> Iterator[Server]:
    """The same application and a network as two servers on this machine, in real time."""
    with serving(app, tmp_path) as running:
        yield running
