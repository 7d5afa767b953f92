"""The network as a server of its own beside an application that listens on a port of this machine."""

import json
import threading
import urllib.request
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server

from phonesim import HttpTransport, Network, RealClock
from phonesim.server import Server

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-for-tests"
BASE = "https://helpdesk.example"


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code="-", size="-"):
        pass


@contextmanager
def listening(app):
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


@contextmanager
def serving(app, tmp_path, speed=40):
    """`speed` simulated seconds in one; the application believes to be at BASE and listens somewhere else."""
    with listening(app) as real:
        network = Network(
            RealClock(speed), ACCOUNT, TOKEN, HttpTransport(BASE, real), cps=100, ledger_file=tmp_path / "ledger.jsonl"
        )
        network.number("1450", voice_url="/voice")
        running = Server(network, client_voice_url="/operator").start()
        yield running
        running.stop()


def ask(server, path, body=None, method=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    head = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(server.url + path, data, head, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
        return json.loads(text) if text and answer.headers["Content-Type"].startswith("application/json") else text


def until(happened, watch):
    """Wait for a line of the trace after which `happened()` is true; lines come from the clock's own thread."""
    reached = threading.Event()
    stop = watch.network.trace.listen(lambda line: reached.set() if happened() else None)
    try:
        if not happened():
            assert reached.wait(20), "it did not happen"
    finally:
        stop()


def events(server, path, wanted):
    """Read a stream of events until one of that name comes; its data."""
    with urllib.request.urlopen(server.url + path, timeout=20) as lines:
        name = ""
        for raw in lines:
            line = raw.decode().strip()
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: ") and name == wanted:
                return json.loads(line[6:])
    raise AssertionError(f"no {wanted}")
