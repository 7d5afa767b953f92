"""CSRF, and the headers that every answer carries."""

from flask import Flask, Response, current_app, request
from flask_wtf import CSRFProtect

from helpdesk.kernel.settings import Settings

csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    """Attach both."""
    csrf.init_app(app)
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    settings: Settings = current_app.extensions["settings"]
    softphone = f" {settings.simulator_url}" if settings.simulator_url else " https://*.twilio.com wss://*.twilio.com"
    policy = {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "style-src": "'self'",
        "script-src": "'self'",
        "connect-src": f"'self'{softphone}",
        "media-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    text = "; ".join(f"{name} {sources}" for name, sources in policy.items())
    response.headers.setdefault("Content-Security-Policy", text)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "geolocation=(), camera=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
