"""The document of the interface: OpenAPI 3.1, written from the same declarations that the door obeys."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from helpdesk.api.operations import OPERATIONS, Operation
from helpdesk.api.problems import MEDIA_TYPE
from helpdesk.api.schemas import ProblemOut
from helpdesk.identity.token_rules import Scope

VERSION = "1.0.0"
_REF = "#/components/schemas/{model}"
_ABOUT = """Tickets, messages, contacts, organizations, callbacks and figures of the helpdesk 1450.

A token acts for one member of staff, in one part of the tree, as far as its scopes go; what lies elsewhere does not
exist (404). Lists are read by cursor: send `next` of one page as `cursor` of the following one. A POST with an
`Idempotency-Key` is done once, however often it is sent within 24 hours. Errors are problem documents (RFC 9457)."""
_SCOPES = {
    Scope.TICKETS_READ: "read tickets and their messages",
    Scope.TICKETS_WRITE: "open, change and answer tickets",
    Scope.CONTACTS_READ: "find people by telephone",
    Scope.ORGANIZATIONS_READ: "read the tree",
    Scope.CALLBACKS_READ: "read promises to call back",
    Scope.CALLBACKS_WRITE: "promise and cancel callbacks",
    Scope.REPORTS_READ: "read figures",
    Scope.RESTRICTED_READ: "also see tickets that only named roles may read, as far as the member of staff may",
}
_PROBLEMS = {
    400: "The body is no JSON.",
    401: "No good token was sent.",
    403: "The token lacks the scope or the right.",
    404: "There is nothing here, or it is not in the token's part of the tree.",
    409: "Somebody else was faster.",
    413: "The body is larger than 1 MB.",
    415: "The body is not announced as application/json.",
    422: "Something that was sent cannot be taken; `errors` names the fields.",
    429: "Too many requests: 600 a minute for each token.",
    503: "Not available for a moment.",
}
_HEADERS: Mapping[int, Mapping[str, Any]] = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer"}}},
    503: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}},
}


@cache
def document(prefix: str) -> dict[str, Any]:
    """The whole document; `prefix` is where the interface stands."""
    models: set[type[BaseModel]] = {
        ProblemOut,
        *(one.answer for one in OPERATIONS),
        *(one.body for one in OPERATIONS if one.body),
    }
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, _mode(model)) for model in ordered], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    queries = dict[str, Any]()
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, queries)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Helpdesk 1450", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": prefix}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for one in OPERATIONS)],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Scopes: " + "; ".join(f"`{one.value}` {words}" for one, words in _SCOPES.items()),
                }
            },
            "responses": {str(status): _problem(status) for status in _PROBLEMS},
            "schemas": dict(sorted({**queries, **schemas["$defs"]}.items())),
        },
    }


def _mode(model: type[BaseModel]) -> Any:
    return "validation" if any(one.body is model for one in OPERATIONS) else "serialization"


def _operation(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": one.summary,
        "description": f"{one.description} Scope: `{one.scope.value}`.".strip(),
        "parameters": [*_path(one), *_query(one, schemas), *_key(one)],
        "responses": {str(one.status): _success(one), **_problems(one)},
    }
    if one.body is not None:
        content = {"application/json": {"schema": {"$ref": _REF.format(model=one.body.__name__)}}}
        found["requestBody"] = {"required": True, "content": content}
    return {key: value for key, value in found.items() if value}


def _path(one: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {key: value for key, value in schema.items() if key not in ("description", "example")},
            **{key: schema[key] for key in ("description", "example") if key in schema},
        }
        for name, schema in one.parameters.items()
    ]


def _query(one: Operation, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    whole = one.query.model_json_schema(ref_template=_REF)
    schemas.update(whole.get("$defs", {}))
    found = []
    for name, known in whole["properties"].items():
        schema = _without_null(known)
        description, examples = schema.pop("description", ""), schema.pop("examples", [])
        schema.pop("title", None)
        parameter = {"name": name, "in": "query", "required": name in whole.get("required", ()), "schema": schema}
        found.append(parameter | ({"description": description} if description else {}))
        if examples:
            found[-1]["example"] = examples[0]
    return found


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """In an address a value is there or is not: there is no null."""
    several = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default") or value not in (None, [])}
    if "anyOf" in schema and len(several) == 1:
        rest.pop("anyOf")
        return {**several[0], **rest}
    return rest


def _key(one: Operation) -> list[dict[str, Any]]:
    if not one.keyed:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"}
    words = "The same key within 24 hours gives the same answer again and does nothing twice."
    return [{"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema, "description": words}]


def _success(one: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": "Made." if one.status == 201 else "As asked.",
        "content": {"application/json": {"schema": {"$ref": _REF.format(model=one.answer.__name__)}}},
    }
    if one.keyed:
        replayed = {"description": "true: this is the answer of before.", "schema": {"type": "string"}}
        found["headers"] = {"Idempotent-Replayed": replayed}
        if one.status == 201:
            found["headers"]["Location"] = {"schema": {"type": "string"}}
    return found


def _problems(one: Operation) -> dict[str, Any]:
    possible = {401, 403, 422, 429, 503}
    possible |= {404} if one.parameters or one.query else set()
    possible |= {400, 413, 415} if one.body is not None else set()
    possible |= {409} if one.conflicts else set()
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(possible)}


def _problem(status: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": _PROBLEMS[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model=ProblemOut.__name__)}}},
    }
    return found | ({"headers": dict(_HEADERS[status])} if status in _HEADERS else {})
