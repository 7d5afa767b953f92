"""The real carrier, Prism, and a running network: three ends of HTTP on free ports of this machine."""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Response
from twilio.http.response import Response as Answer
from twilio.rest import Client
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request as WebRequest
from werkzeug.wrappers import Response as WebResponse

from helpdesk.kernel.settings import Settings
from helpdesk.telephony.gateway import Carrier
from phonesim import HttpTransport, Network, Person, RealClock, RebasedHttpClient
from phonesim.contract import table
from phonesim.server import Server
from tests.prism.proxy import Prism, document
from tools.derive_contract import DOCUMENT, MODULES

ACCOUNT, TOKEN = "AC" + "0" * 32, "a-token-for-tests"
PARENT, OPERATOR, CALLER_ID = "+77090000001", "+77090000002", "+77272501450"
CONFERENCE, ALONE = "c-1", "c-2"
PRISM = "stoplight.io/prism/errors"
DOCUMENTS = {
    "/answer": f"<Dial><Conference>{CONFERENCE}</Conference></Dial>",
    "/alone": f"<Dial><Conference>{ALONE}</Conference></Dial>",
    "/queue": "<Enqueue waitUrl='/music'>general</Enqueue>",
    "/music": "<Pause length='60'/>",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs Node."""
    for item in items:
        if "tests/prism/" in str(item.path):
            item.add_marker(pytest.mark.node)


@pytest.fixture(scope="session")
def modules() -> Path:
    """Where npm put Twilio's documents and Prism; their absence is said, and is a failure with REQUIRE_NODE=1."""
    missing = None
    if shutil.which("node") is None:
        missing = "Node is not installed: nothing was held against Twilio's own documents"
    elif not (MODULES / DOCUMENT).exists():
        missing = "run `npm ci --ignore-scripts` in tools/prism: nothing was held against Twilio's own documents"
    if missing and os.environ.get("REQUIRE_NODE") == "1":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return MODULES


@dataclass
class Held:
    """A carrier and a bare client that reach the network through Prism. `spoiler` changes what the network answers."""

    network: Network
    prism: Prism
    http_client: "Listening"
    carrier: Carrier
    client: Client
    spoiler: "Spoiler"

    def complaints(self) -> list[str]:
        """What Prism objected to since it was asked last."""
        found, self.http_client.complaints = self.http_client.complaints, []
        return found


class Spoiler:
    """Lets the network answer wrongly on purpose."""

    def __init__(self) -> None:
        self._change: dict[str, Any] = {}

    @contextmanager
    def answering(self, change: dict[str, Any]) -> Iterator[None]:
        """As ever, but with this."""
        self._change = change
        try:
            yield
        finally:
            self._change = {}

    def __call__(self, response: Response) -> Response:
        if self._change and response.is_json:
            response.set_data(json.dumps({**response.get_json(), **self._change}))
        return response


class Listening(RebasedHttpClient):
    """Remembers what Prism objected to."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        self.complaints: list[str] = []

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Answer:
        """As ever."""
        answer = super().request(method, url, *args, **kwargs)
        if PRISM in answer.text:
            for found in json.loads(answer.text).get("validation", [{"message": answer.text}]):
                place = ".".join(map(str, found.get("location", ())))
                self.complaints.append(f"{method} {urlsplit(url).path}: {place} {found['message']}")
        return answer


class Silent(WSGIRequestHandler):
    """Writes no line for every request."""

    def log_request(self, *_args: object) -> None:
        pass


@WebRequest.application
def application(request: WebRequest) -> WebResponse:
    """A house of three documents."""
    verbs = DOCUMENTS.get(request.path, "")
    return WebResponse(f"<Response>{verbs}</Response>", mimetype="text/xml")


@pytest.fixture(scope="session")
def house_of_documents() -> Iterator[str]:
    """Its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


@pytest.fixture(scope="module")
def held(modules: Path, house_of_documents: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """Everything started, everybody at the telephones picks up at once."""
    directory = tmp_path_factory.mktemp("prism")
    network = Network(RealClock(20), ACCOUNT, TOKEN, HttpTransport(house_of_documents), cps=0, seed=1)
    spoiler = Spoiler()
    network.rest_app.after_request(spoiler)
    for number in (PARENT, OPERATOR):
        network.person(number, Person(rings=(0.5,), talk=None))
    network.number(CALLER_ID)
    server = Server(network).start()
    held_to = directory / "twilio.json"
    paths = {name.partition(" ")[2] for name in table()["operations"]}
    held_to.write_text(json.dumps(document(modules, paths)))
    prism = Prism(modules, held_to, server.url, directory / "prism.log")
    settings = Settings(
        environment="test",
        public_base_url=house_of_documents,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_from=CALLER_ID,
    )
    http_client = Listening(prism.url)
    # The sound of a recording is in no document of Twilio's, and Prism reads texts only.
    carrier = Carrier(settings, http_client, lambda path: sound(server.url + path))
    yield Held(network, prism, http_client, carrier, Client(ACCOUNT, TOKEN, http_client=http_client), spoiler)
    prism.stop()
    server.stop()


def sound(url: str) -> bytes:
    """The bytes behind an address of the network."""
    return requests.get(url, auth=(ACCOUNT, TOKEN), timeout=10).content
