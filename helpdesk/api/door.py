"""The way in for other systems: a token, its scopes, and each operation in one transaction. No cookies, no forms."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_origin

from flask import Blueprint, Response, g, json, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from werkzeug.routing import PathConverter

from helpdesk.api import callbacks, contacts, messages, organizations, reports, tickets
from helpdesk.api.once import Answer, once, read_key, request_hash
from helpdesk.api.openapi import document
from helpdesk.api.operations import OPERATIONS, Operation
from helpdesk.api.problems import Problem, answer, attach, mistakes
from helpdesk.identity import tokens
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import LANGUAGES, N_, gettext, speak

PREFIX = "/api/v1"
LIMIT = "600 per minute"
LARGEST_BODY = 1024 * 1024
# All of them: what an address does not know is said by us, not by the router in HTML.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
PARTS = (tickets, messages, contacts, organizations, callbacks, reports)

View = Callable[..., ResponseReturnValue]


class Anything(PathConverter):
    """The rest of an address, with line breaks too: nothing below /api/v1 is answered by the router in HTML."""

    regex = r"[\s\S]*"
    part_isolating = False


@cache
def make_door(limit: Callable[..., Callable[[View], View]]) -> Blueprint:
    """The blueprint; `limit` is the decorator that counts requests of all operations together, by a key."""
    door = Blueprint("api", __name__, url_prefix=PREFIX)
    attach(door)
    door.record(lambda state: state.app.url_map.converters.update(anything=Anything))
    door.before_request(_enter)
    by_path: dict[str, dict[str, Operation]] = defaultdict(dict)
    for one in OPERATIONS:
        by_path[one.path][one.method] = one
    counted = limit(lambda: LIMIT, scope="api", key_func=lambda: f"api-token:{g.caller.token_id}")
    for path, operations in by_path.items():
        name = "_or_".join(one.name for one in operations.values())
        view = counted(_view(operations, name))
        door.add_url_rule(_rule(path, operations), name, view, methods=METHODS, provide_automatic_options=False)
    door.add_url_rule("/openapi.json", "openapi", _openapi, methods=["GET"])
    for path in ("/", "/<anything:anything>"):
        door.add_url_rule(path, "nothing", _nothing, methods=METHODS, provide_automatic_options=False)
    return door


def _enter() -> None:
    request.max_content_length = LARGEST_BODY
    speak(request.accept_languages.best_match(LANGUAGES) or "en")
    if request.endpoint == "api.openapi":
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = tokens.caller(token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Problem(401, headers={"WWW-Authenticate": 'Bearer realm="1450"'})
    if tokens.needs_note(found):
        with transaction():
            tokens.note_use(found)
    g.caller = found


def _openapi() -> ResponseReturnValue:
    return Response(json.dumps(document(PREFIX), ensure_ascii=False), content_type="application/json")


def _nothing(anything: str = "") -> ResponseReturnValue:
    del anything
    return answer(404)


def _rule(path: str, operations: Mapping[str, Operation]) -> str:
    kinds = {name: schema["type"] for one in operations.values() for name, schema in one.parameters.items()}
    return re.sub(r"{(\w+)}", lambda m: f"<{'int:' if kinds[m[1]] == 'integer' else ''}{m[1]}>", path)


def _view(operations: Mapping[str, Operation], name: str) -> View:
    allowed = ", ".join(sorted(operations))

    def view(**values: Any) -> ResponseReturnValue:
        asked = operations.get("GET" if request.method == "HEAD" else request.method)
        if asked is None:
            raise Problem(405, headers={"Allow": allowed})
        if asked.scope not in g.caller.scopes:
            words = gettext(N_("This token lacks a scope: %(scope)s"), scope=asked.scope.value)
            raise Problem(403, words)
        return _do(asked, values)

    # the limiter knows views by their names: two alike would be counted together, each twice
    view.__name__ = name
    return view


def _do(asked: Operation, values: dict[str, Any]) -> ResponseReturnValue:
    for name, schema in asked.parameters.items():
        fits = (
            1 <= values[name] <= schema["maximum"]
            if schema["type"] == "integer"
            else re.fullmatch(schema["pattern"], values[name], re.ASCII)
        )
        if not fits:
            raise NotFound
    given = dict(values)
    if asked.query is not None:
        given["query"] = _query(asked.query)
    elif request.args:
        raise Problem(422, "", [(name, gettext(N_("There is no such field"))) for name in request.args])
    if asked.body is not None:
        given["body"] = _body(asked.body)
    if not asked.writes:
        reply = asked.handler(g.caller, **given)
        return _told((asked.status, reply.body.model_dump(mode="json"), {}))
    key = read_key(request.headers.get("Idempotency-Key")) if asked.keyed else None
    after: list[Callable[[], None]] = []

    def do() -> Answer:
        reply = asked.handler(g.caller, **given)
        if reply.after is not None:
            after.append(reply.after)
        headers = {"Location": f"{PREFIX}{reply.location}"} if reply.location else {}
        return asked.status, reply.body.model_dump(mode="json"), headers

    with transaction():
        hashed = request_hash(request.method, request.path, request.get_data())
        found, again = once(g.caller.token_id, key, hashed, do)
    for leave in after:
        leave()
    return _told(found, {"Idempotent-Replayed": "true"} if again else {})


def _told(found: Answer, more: Mapping[str, str] | None = None) -> Response:
    status, body, headers = found
    told = Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json")
    told.headers.extend({**headers, **(more or {})})
    return told


def _query(model: type[BaseModel]) -> BaseModel:
    """Repeated values only where several are meant. Raises Problem."""
    given: dict[str, Any] = {}
    twice = []
    for name, several in request.args.lists():
        known = model.model_fields.get(name) or model.model_fields.get(f"{name}_")
        many = known is not None and get_origin(known.annotation) is list
        if not many and len(several) > 1:
            twice.append(name)
        given[name] = several if many else several[0]
    try:
        if twice:
            repeated = PydanticCustomError("repeated", "given twice")
            raise ValidationError.from_exception_data(
                "query", [InitErrorDetails(type=repeated, loc=(name,), input=None) for name in twice]
            )
        return model.model_validate(given)
    except ValidationError as error:
        raise mistakes(error) from None


def _body(model: type[BaseModel]) -> BaseModel:
    """What was sent, in strict JSON. Raises Problem."""
    if request.mimetype != "application/json":
        raise Problem(415)
    try:
        return model.model_validate_json(request.get_data(), strict=True)
    except ValidationError as error:
        raise mistakes(error) from None
