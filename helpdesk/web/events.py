"""Server-sent events: open pages hear what was committed. Kinds and ids only; the page asks for what it may see."""

from collections.abc import Callable, Mapping
from typing import cast

from flask import Blueprint, Flask, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from helpdesk.identity.queries import Asker
from helpdesk.kernel import settings
from helpdesk.kernel.db import let_go
from helpdesk.organizations.queries import desks
from helpdesk.telephony.queries import LineNow, line_by_desk
from helpdesk.web.access import current, staff_only
from helpdesk.web.hub import Hub, stream
from helpdesk.web.listeners import Listener

door = Blueprint("events", __name__)


@door.record_once
def _open_hub(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    app.extensions["events"] = Hub(app.extensions["redis"], _line_of(app), settings.current().event_streams)


def _line_of(app: Flask) -> Callable[[], Mapping[int, LineNow]]:
    """The question after the line for a thread that serves no request."""

    def ask() -> Mapping[int, LineNow]:
        with app.app_context():
            return line_by_desk()

    return ask


@door.get("/events")
@staff_only()
def events() -> Response:
    """The stream of the person who is signed in. `ticket`: the one that the page shows; `calls`: it follows others'."""
    listener = Listener(
        current().id,
        desks_of(current()),
        ticket_id=request.args.get("ticket", type=int),
        follows_calls="calls" in request.args,
    )
    hub = cast(Hub, current_app.extensions["events"])
    let_go()  # a stream lives for minutes: it must not keep a connection to the database
    answer = Response(stream(hub, listener), mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def desks_of(asker: Asker) -> frozenset[int]:
    """The desks in the asker's part of the tree. Costs no statement while desks are remembered."""
    roots = asker.roots()
    return frozenset(one.id for one in desks().values() if one.organization.path.startswith(roots))
