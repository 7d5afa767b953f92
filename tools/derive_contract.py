"""Derives phonesim's contract from what Twilio publishes: `python tools/derive_contract.py`, see CONTRIBUTING.md.

Two documents are read and neither is kept: the OpenAPI document of the REST interface, which @twilio/cli-core ships,
and the types of TwiML in the npm package `twilio`. What follows from them is `phonesim/contract.json`, so that requests
and documents are checked without Node. `--check` writes nothing and fails when the table would become another one.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "tools/prism/node_modules"
TABLE = ROOT / "phonesim/contract.json"
DOCUMENT = "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"
TYPES = "twilio/lib/twiml/VoiceResponse.d.ts"

PREFIX = "/2010-04-01/Accounts/{AccountSid}"
RESOURCES = (
    "Applications(/{Sid})?",
    "Calls(/{Sid})?",
    "(Calls/{CallSid}|Conferences/{ConferenceSid})/Recordings(/{Sid})?",
    "Conferences(/{Sid})?",
    "Conferences/{ConferenceSid}/Participants(/{CallSid})?",
    "IncomingPhoneNumbers(/{Sid})?",
    "Messages(/{Sid})?",
    "Queues(/{Sid})?",
    "Queues/{QueueSid}/Members(/{CallSid})?",
    "Recordings(/{Sid})?",
)
METHODS = ("get", "post", "delete")
FORM = "application/x-www-form-urlencoded"
# Words that many hundred kinds of voices make: a pattern says the same.
NOT_LISTED = {"SayVoice": "voice"}
PLAIN = {"string": "string", "number": "integer", "boolean": "boolean"}

_TICKS = r"`([^`]+)`"
_WORDS = re.compile(rf"Can be:? ?{_TICKS}(?:(?:, and |, or | and | or |, )?{_TICKS})*")
_RANGES = (
    re.compile(r"between `?(\d+)`? and `?(\d+)`?"),
    re.compile(r"from `?(\d+)`? to `?(\d+)`?"),
    re.compile(r"Possible Values: (\d+)-(\d+)"),
    re.compile(r"()maximum is `?(\d+)`?"),
)
_LENGTHS = re.compile(r"(?:up to|Max|maximum length of) ([\d,]+) (?:characters|digits)")
_SID = re.compile(r"\^\(?([A-Z]{2}(?:\|[A-Z]{2})*)\)?\[0-9a-fA-F\]\{32\}\$")


def contract(modules: Path) -> dict[str, Any]:
    """The whole table."""
    text = (modules / DOCUMENT).read_text()
    document = json.loads(text)
    return {
        "derived by": "tools/derive_contract.py",
        "from": [_source(modules, DOCUMENT), _source(modules, TYPES)],
        "prefix": PREFIX,
        "operations": dict(sorted(_operations(document))),
        "twiml": _twiml((modules / TYPES).read_text()),
    }


def _source(modules: Path, file: str) -> dict[str, str]:
    package = "/".join(file.split("/")[: 2 if file.startswith("@") else 1])
    return {
        "package": package,
        "version": json.loads((modules / package / "package.json").read_text())["version"],
        "file": file.removeprefix(f"{package}/"),
        "sha256": hashlib.sha256((modules / file).read_bytes()).hexdigest(),
    }


# -- requests ----------------------------------------------------------------------------------------------------------


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    wanted = re.compile("|".join(rf"{re.escape(PREFIX)}/(?:{_escaped(one)})\.json" for one in RESOURCES))
    for path, item in document["paths"].items():
        if not wanted.fullmatch(path):
            continue
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path.removeprefix(PREFIX)}", _operation(document, item[method])


def _escaped(resource: str) -> str:
    return resource.replace("{", r"\{").replace("}", r"\}")


def _operation(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    form = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
    fields = {name: _kind(document, schema, schema) for name, schema in form.get("properties", {}).items()}
    required = list(form.get("required", []))
    path = {}
    for parameter in operation.get("parameters", []):
        kind = _kind(document, parameter["schema"], parameter)
        if parameter["in"] == "path":
            path[parameter["name"]] = kind
        else:
            fields[parameter["name"]] = kind
            required += [parameter["name"]] if parameter.get("required") else []
    return {"path": path, "fields": fields, "required": required}


def _kind(document: dict[str, Any], schema: dict[str, Any], described: dict[str, Any]) -> str:
    """The kind of a value, in the words of phonesim/kinds.py: from its schema, else from what is written about it."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    if "enum" in schema:
        return f"one of {'|'.join(schema['enum'])}"
    if "pattern" in schema:
        found = _SID.fullmatch(schema["pattern"])
        if found is None:
            raise ValueError(f"a pattern that is no sid: {schema['pattern']}")
        return f"sid {found[1]}"
    said = described.get("description", "")
    kind = schema.get("type", "string")
    if kind == "array":
        words = _words(said)
        return f"words of {'|'.join(words)}" if words else f"list of {_kind(document, schema['items'], {})}"
    if kind == "integer":
        least, most = schema.get("minimum"), schema.get("maximum")
        return _integer(least, most) if least is not None or most is not None else _integer(*_range(said))
    if kind == "string" and schema.get("format") in (None, "twiml"):
        words, most = _words(said), _LENGTHS.search(said)
        if words:
            return f"one of {'|'.join(words)}"
        return f"string ..{most[1].replace(',', '')}" if most else "string"
    return str(schema.get("format", kind)) if kind == "string" else str(kind)


def _words(said: str) -> list[str]:
    found = _WORDS.search(said)
    return re.findall(_TICKS, found[0]) if found else []


def _range(said: str) -> tuple[int | None, int | None]:
    for pattern in _RANGES:
        if found := pattern.search(said):
            return int(found[1]) if found[1] else None, int(found[2])
    return None, None


def _integer(least: int | None, most: int | None) -> str:
    if least is None and most is None:
        return "integer"
    return f"integer {'' if least is None else least}..{'' if most is None else most}"


# -- TwiML -------------------------------------------------------------------------------------------------------------


def _twiml(types: str) -> dict[str, dict[str, str]]:
    """The attributes of every element, by the name of its class (which is the same in Python)."""
    choices = {
        name: "|".join(re.findall(r'"([^"]+)"', words))
        for name, words in re.findall(r"^ +type (\w+) = (.*);$", types, re.MULTILINE)
    }
    elements: dict[str, dict[str, str]] = {}
    for name, body in re.findall(
        r"^ +export interface (\w+)Attributes \{\n(.*?)^ +\}", types, re.MULTILINE | re.DOTALL
    ):
        elements.setdefault(name, {}).update(
            (attribute.strip("\"'"), _attribute(kind, choices))
            for attribute, kind in re.findall(r"^ +([\w\"':-]+)\?: ([\w\[\]]+);", body, re.MULTILINE)
        )
    return dict(sorted(elements.items()))


def _attribute(kind: str, choices: dict[str, str]) -> str:
    name, several = kind.removesuffix("[]"), kind.endswith("[]")
    if name in NOT_LISTED:
        return NOT_LISTED[name]
    if name in PLAIN:
        return "string" if several else PLAIN[name]
    return f"{'words' if several else 'one'} of {choices[name]}"


def main(arguments: list[str] | None = None) -> int:
    """Write the table, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the table differs")
    parser.add_argument("--modules", type=Path, default=MODULES, help="where npm put the packages")
    parser.add_argument("--table", type=Path, default=TABLE)
    given = parser.parse_args(arguments)
    if not (given.modules / DOCUMENT).exists():
        print(
            f"{given.modules}: the packages are missing; run `npm ci --ignore-scripts` in tools/prism", file=sys.stderr
        )
        return 2
    derived = json.dumps(contract(given.modules), indent=1, ensure_ascii=False) + "\n"
    if not given.check:
        given.table.write_text(derived)
        return 0
    if derived == given.table.read_text():
        return 0
    for line in differences(json.loads(given.table.read_text()), json.loads(derived)):
        print(line, file=sys.stderr)
    return 1


def differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """What stands differently in two tables, a line each."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from differences(old.get(key), new.get(key), f"{place} > {key}" if place else key)
    elif old != new:
        yield f"{place}: {json.dumps(old)} in the table, {json.dumps(new)} at Twilio"


if __name__ == "__main__":
    sys.exit(main())
