"""Kinds of values that the interface takes: each as exact in its schema as in its check."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEARS = range(1990, 2200)


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            found = datetime.fromisoformat(value.upper())
        except ValueError:
            found = None
        if found is not None and found.year in _YEARS:
            return found
    raise PydanticCustomError("moment", "no moment")


def _day(value: Any) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("day", "no day")


# A moment of RFC 3339, with its zone.
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
# The same as it is told: always in UTC.
At = Annotated[datetime, PlainSerializer(lambda moment: moment.astimezone(UTC), return_type=datetime)]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
# PostgreSQL keeps every sign but NUL.
_SIGNS = r"^[^\u0000]*$"
Words = Annotated[
    str, StringConstraints(pattern=r"^[^\x00]*$", max_length=20_000), Field(json_schema_extra={"pattern": _SIGNS})
]
Line = Annotated[
    str, StringConstraints(pattern=r"^[^\x00]*$", max_length=200), Field(json_schema_extra={"pattern": _SIGNS})
]
# At least one sign that is no white space.
Text = Annotated[
    str,
    StringConstraints(pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", min_length=1, max_length=20_000),
    Field(json_schema_extra={"pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"}),
]
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
Cursor = Annotated[
    str, Field(min_length=1, max_length=120, description="Where the page begins: `next` of the page before. Opaque.")
]
Limit = Annotated[int, Field(ge=1, le=100, description="How many at most.")]


class Given(BaseModel):
    """What a request says: no field that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True)
