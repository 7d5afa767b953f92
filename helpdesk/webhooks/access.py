"""What every webhook goes through: the signature, a careful reading, one transaction, and never an answer of 500."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from helpdesk.kernel import failpoints, settings
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.logs import bound
from helpdesk.telephony import twiml, voices
from helpdesk.telephony.heard import Heard, Mangled, read
from helpdesk.telephony.signature import is_genuine

log = structlog.get_logger()

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
Answered = TypeVar("Answered")
Door = Callable[[], Response]


def carrier_door(name: str, import_name: str, prefix: str) -> Blueprint:
    """A blueprint that only the carrier may use: signed requests, no CSRF token (`app.py` exempts these doors)."""
    door = Blueprint(name, import_name, url_prefix=prefix)
    door.before_request(_check_signature)
    return door


def _check_signature() -> Response | None:
    form = request.form if request.method == "POST" else {}
    if is_genuine(settings.current(), request.environ, form, request.headers):
        return None
    log.warning("webhook with a wrong signature", path=request.path, address=request.remote_addr)
    return Response("wrong signature\n", 403, mimetype="text/plain")


def document(view: Callable[[Heard], str], away: Callable[[], str] = twiml.apology) -> Door:
    """A webhook that is answered with a document. When nothing can be looked up the caller hears `away`."""

    @wraps(view)
    def answer() -> Response:
        voices.answer_for(None)
        try:
            heard = read(request.form)
            with bound(call_sid=heard.sid):
                return _xml(_answered(lambda: view(heard), twiml.hang_up, away))
        except Mangled as error:
            return mangled(error)

    return answer


def status(view: Callable[[], None]) -> Door:
    """A webhook that only tells something: 204 when it is in the books, 503 when the carrier should tell it again."""

    @wraps(view)
    def answer() -> Response:
        try:
            return Response(status=_answered(lambda: _told(view), lambda: 204, lambda: 503))
        except Mangled as error:
            return mangled(error)

    return answer


def _told(view: Callable[[], None]) -> int:
    view()
    return 204


def _answered(work: Callable[[], Answered], unknown: Callable[[], Answered], away: Callable[[], Answered]) -> Answered:
    """`work` in one transaction. A connection that had died in the pool costs a second try, not a caller."""
    for last in (False, True):
        try:
            with transaction():
                answer = work()
            failpoints.hit("webhook.taken")
            return answer
        except NotFound:
            log.warning("webhook about nothing of ours", path=request.path)
            return unknown()
        except DATABASE_AWAY as error:
            log.error("database away", path=request.path, error=str(error).splitlines()[0], last=last)
        except Mangled:
            raise
        except Exception:
            log.exception("webhook failed", path=request.path)
            return away()
    return away()


def mangled(error: Mangled) -> Response:
    """Signed, but it makes no sense."""
    log.warning("mangled webhook", path=request.path, field=str(error))
    return Response("mangled request\n", 400, mimetype="text/plain")


def attempt() -> int:
    """The counter that a step's address carries, from 1."""
    number = request.args.get("n", 1, type=int)
    return min(max(number, 1), 1000)


def _xml(text: str) -> Response:
    return Response(text, mimetype="text/xml")
