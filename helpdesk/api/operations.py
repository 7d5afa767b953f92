"""The operations of the interface: each is declared once, and both the door and its document read the declaration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from helpdesk.identity.token_rules import Scope


@dataclass(frozen=True)
class Reply:
    """What is answered: a document, the address of what was made, and what leaves the house after the commit."""

    body: BaseModel
    location: str = ""
    after: Callable[[], None] | None = None


@dataclass(frozen=True)
class Operation:
    """One method of one address. `path` is as in the document ("/tickets/{number}"), below /api/v1.

    `writes`: it runs in one transaction, and with a key of idempotency once. `parameters` say of each name in the path
    what it is (JSON Schema).
    """

    method: str
    path: str
    handler: Callable[..., Reply]
    scope: Scope
    tag: str
    summary: str
    description: str
    answer: type[BaseModel]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = 200
    writes: bool = False
    conflicts: bool = False
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def keyed(self) -> bool:
        """Whether it takes a key of idempotency."""
        return self.method == "POST"

    @property
    def name(self) -> str:
        """The name by which programs call it."""
        return self.handler.__name__


NUMBER = {
    "type": "string",
    "pattern": r"^[0-9]{2}-[0-9]{6,9}-[0-9]$",
    "description": "Number of the ticket as people read it: two digits of the year, a serial, a check digit.",
    "example": "26-000123-4",
}
ID = {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**63 - 1}
SMALL_ID = {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2**31 - 1}

OPERATIONS: list[Operation] = []

Handler = Callable[..., Reply]


def operation(method: str, path: str, scope: Scope, **declared: Any) -> Callable[[Handler], Handler]:
    """Declare an operation; its docstring is its summary and, after the first line, its description."""

    def decorate(handler: Handler) -> Handler:
        summary, _, description = (handler.__doc__ or "").strip().partition("\n\n")
        words = " ".join(description.split())
        OPERATIONS.append(
            Operation(method, path, handler, scope, summary=summary.rstrip("."), description=words, **declared)
        )
        return handler

    return decorate
