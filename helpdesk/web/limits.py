"""How often one address may do what costs us something. Redis away: each process counts for itself."""

from flask import Flask, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from helpdesk.kernel import clock
from helpdesk.kernel.settings import Settings


class Limits(Limiter):
    """Counts where a view names a limit. There is no limit for all: asking for it before every request has a price."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


# Without the library's headers, which ask Redis twice more on every answer: only a refusal says when to come back.
limiter = Limits(get_remote_address, strategy="fixed-window")

# A school of 300 parents may sit behind one address; how their forms are taken in turn: helpdesk/web/turns.py.
FORM = "60 per minute; 600 per hour"
SIGN_IN = "10 per minute"
STATUS = "30 per minute; 200 per hour"
# Steps of the form before the last one, and type-ahead: cheap, and many for each form.
STEPS = "3000 per minute"


def init_app(app: Flask) -> None:
    """Attach the limits, counted in Redis across processes."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 0.3, "socket_timeout": 1} if settings.redis_url else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_SWALLOW_ERRORS=True,
    )
    limiter.init_app(app)
    app.after_request(_retry_after)


def _retry_after(response: Response) -> Response:
    limit = limiter.current_limit if response.status_code == 429 else None
    if limit is not None:
        seconds = int(limit.reset_at - clock.now().timestamp())
        response.headers.setdefault("Retry-After", str(max(1, seconds)))
    return response
