"""The network as a server of its own: REST, booth and softphones on one port, real time, HTTP both ways."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

from phonesim.booth import booth_app
from phonesim.clock import RealClock
from phonesim.world import Interactive

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from phonesim.network import Network


class _Quiet(WSGIRequestHandler):
    """Keeps connections open and says nothing about single requests: the trace does."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


class Server:
    """`start()` runs the clock and answers on threads of this process; `stop()` ends both.

    `port` 0 takes a free one; `url` says which. A port that is taken raises OSError.
    """

    def __init__(
        self, network: Network, host: str = "127.0.0.1", port: int = 0, client_voice_url: str = "/twilio/voice/operator"
    ) -> None:
        self.network = network
        parts = urlsplit(network.transport.base_url)
        rest, booth = network.rest_app, booth_app(network, f"{parts.scheme}://{parts.netloc}", client_voice_url)
        with socket.create_server((host, port)) as taken:
            self.url = f"http://{host}:{taken.getsockname()[1]}"
            self._server = make_server(
                host, port, _either(rest, booth), threaded=True, request_handler=_Quiet, fd=taken.fileno()
            )
        network.public_url = self.url
        if network.telephone is None:
            network.telephone = lambda number: Interactive()
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="phonesim-server", daemon=True
        )

    def start(self) -> Server:
        if isinstance(self.network.clock, RealClock):
            self.network.clock.run()
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(timeout=5)
        if isinstance(self.network.clock, RealClock):
            self.network.clock.stop()
        self._server.server_close()
        self.network.close()


def _either(rest: WSGIApplication, booth: WSGIApplication) -> WSGIApplication:
    def app(environ, start_response):  # type: ignore[no-untyped-def]  # the signature is WSGI's
        chosen = rest if environ["PATH_INFO"].startswith("/2010-04-01") else booth
        return chosen(environ, start_response)

    return app
