"""The application beside the REST interface: the booth's page, its buttons, softphones, ledger and trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify, render_template, request

from phonesim.booth.handset import handset
from phonesim.booth.operators import operators

if TYPE_CHECKING:
    from phonesim.network import Network

HERE = Path(__file__).parent
TEXTS: dict[str, dict[str, str]] = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def booth_app(network: Network, app_origin: str, client_voice_url: str) -> Flask:
    """`app_origin`: the origin of the application's pages, whose softphones may talk to us from the browser."""
    app = Flask("phonesim.booth", root_path=str(HERE), static_url_path="/phonesim/static")
    app.register_blueprint(handset(network), url_prefix="/phonesim")
    app.register_blueprint(operators(network, client_voice_url), url_prefix="/phonesim/softphone")

    @app.get("/")
    def page() -> str:
        lang = request.args.get("lang", "kk")
        lang = lang if lang in TEXTS else "kk"
        numbers = [number for number in network.numbers if network.answering(number) is not None]
        return render_template("booth.html", lang=lang, langs=list(TEXTS), t=TEXTS[lang], numbers=numbers)

    @app.get("/phonesim/health")
    def health() -> dict[str, Any]:
        now = network.clock.now().isoformat()
        return {"ok": True, "now": now, "speed": network.clock.speed, "calls": len(network.calls)}

    @app.get("/phonesim/ledger")
    def ledger() -> Response:
        with network.clock.lock:
            return jsonify(network.ledger.as_json())

    @app.before_request
    def only_json() -> tuple[Response, int] | None:
        """A form of a foreign page cannot send JSON: that keeps the buttons to ourselves and the app."""
        if request.method in ("POST", "PUT", "DELETE") and not request.is_json:
            return jsonify({"error": "Content-Type must be application/json"}), 415
        return None

    @app.after_request
    def guarded(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        origin = request.headers.get("Origin", "")
        if origin and _of_this_machine(origin) == _of_this_machine(app_origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Headers"] = "Content-Type, Last-Event-ID"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE"
            response.headers["Vary"] = "Origin"
        return response

    return app


def _of_this_machine(origin: str) -> str:
    """People open the application as localhost or as 127.0.0.1; both are it."""
    return origin.replace("//localhost", "//127.0.0.1")
