"""CSRF, and the headers that every answer carries."""

from flask import Flask, Response, request
from flask_wtf import CSRFProtect

from helpdesk.kernel.settings import Settings

csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    """Attach both."""
    csrf.init_app(app)
    settings: Settings = app.extensions["settings"]
    headers = _headers(settings)

    def protect(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.after_request(protect)


def _headers(settings: Settings) -> dict[str, str]:
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
    return {
        "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(), camera=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
