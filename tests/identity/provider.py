"""A small OpenID provider with an HTTP server and keys of its own, which can be told to misbehave."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from helpdesk.kernel import clock

CLIENT, SECRET = "helpdesk", "a secret of the provider's"


class _Silent(WSGIRequestHandler):
    def log_request(self, *_args: object) -> None:
        pass


@dataclass
class Provider:
    """`spoil` changes the claims before they are signed, `signs` makes the token out of them."""

    email: str = ""
    spoil: Callable[[dict[str, Any]], None] = lambda claims: None
    signs: Callable[["Provider", dict[str, Any]], str] | None = None
    kid: str = "one"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    issuer: str = ""

    def start(self) -> None:
        """Listen on a free port."""
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Silent)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}/realm"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def lets_in(self, address: str) -> str:
        """What the person does there: the query with which the browser is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"code={code}&state={asked['state']}"

    def _answer(self, environ: dict[str, Any], start: Any) -> Any:
        request = Request(environ)
        pages = {
            "/realm/.well-known/openid-configuration": self._described,
            "/realm/keys": self._keys,
            "/realm/token": lambda: self._token(request),
        }
        status, said = pages[request.path]() if request.path in pages else (404, {})
        return Response(json.dumps(said), status, mimetype="application/json")(environ, start)

    def _described(self) -> tuple[int, dict[str, Any]]:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return 200, {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in places.items()}}

    def _keys(self) -> tuple[int, dict[str, Any]]:
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return 200, {"keys": [public | {"kid": self.kid, "alg": "ES256", "use": "sig"}]}

    def _token(self, request: Request) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(request.form.get("code", ""), None)
        verifier = request.form.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        known = request.authorization is not None and request.authorization.password == SECRET
        if asked is None or not known or challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if request.form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(clock.now().timestamp())
        claims = {"iss": self.issuer, "sub": "42", "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], "email": self.email, "email_verified": True}
        self.spoil(claims)
        signed = self.signs(self, claims) if self.signs else self.signed(claims)
        return 200, {"id_token": signed, "access_token": "x", "token_type": "Bearer"}

    def signed(self, claims: dict[str, Any]) -> str:
        """By the provider's own key."""
        return jwt.encode(claims, self.key, algorithm="ES256", headers={"kid": self.kid})
