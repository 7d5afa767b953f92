"""TwiML documents: parsed, and refused with Twilio's error code and a sentence when something in them is wrong."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from phonesim.grammar import Element, grammar

MAX_BYTES = 64 * 1024
MAX_SAY = 4096
LAST_WORDS = frozenset({"Redirect", "Hangup", "Leave", "Reject"})
LEAD_AWAY = frozenset({"Dial", "Enqueue"})
SIMULATED = frozenset(
    {"Say", "Play", "Pause", "Gather", "Enqueue", "Leave", "Dial", "Record", "Redirect", "Reject", "Hangup"}
)
SIMULATED_NOUNS = frozenset({"Conference", "Number", "Client", "Queue", "Sip"})
NEED_TEXT = frozenset({"Redirect", "Number", "Client", "Conference", "Queue", "Say"})

PARSE_FAILURE = 12100
SCHEMA = 12200
CONTENT_TYPE = 12300
TOO_LARGE = 11750


class Manner(Enum):
    """Where a document is executed; each value is the set of verbs that may stand in it, None for all."""

    LIVE = None
    QUEUE_WAIT = frozenset({"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"})
    CONFERENCE_WAIT = frozenset({"Play", "Say", "Pause", "Redirect"})
    WHISPER = frozenset({"Play", "Say", "Pause", "Gather", "Redirect", "Hangup"})


class TwimlError(Exception):
    """A document that Twilio would not execute."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Verb:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: tuple[Verb, ...] = ()

    def flag(self, name: str, default: bool) -> bool:
        value = self.attributes.get(name)
        return default if value is None else value == "true"

    def number(self, name: str, default: float) -> float:
        value = self.attributes.get(name)
        return default if value is None or value == "auto" else float(value)


@dataclass(frozen=True)
class Document:
    """The verbs of one `<Response>` and the URL against which its relative URLs are read."""

    verbs: tuple[Verb, ...]
    url: str = ""


def parse(body: bytes, manner: Manner = Manner.LIVE, content_type: str = "text/xml", url: str = "") -> Document:
    """Read and check a document; raises TwimlError with the first mistake found."""
    return Document(_verbs(body, manner, content_type), url)


@lru_cache(maxsize=1024)
def _verbs(body: bytes, manner: Manner, content_type: str) -> tuple[Verb, ...]:
    """Applications say the same things again and again: the same bytes are checked once."""
    for mistake in check(body, manner, content_type):
        raise mistake
    return tuple(_verb(child) for child in ET.fromstring(body))


def check(body: bytes, manner: Manner = Manner.LIVE, content_type: str = "text/xml") -> Iterator[TwimlError]:
    """Every mistake of a document, gravest first."""
    if content_type.partition(";")[0].strip() not in {"text/xml", "application/xml", "text/html"}:
        yield TwimlError(CONTENT_TYPE, f"content type {content_type or 'missing'} is no TwiML")
        return
    if len(body) > MAX_BYTES:
        yield TwimlError(TOO_LARGE, f"{len(body)} bytes, at most {MAX_BYTES} are read")
        return
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        yield TwimlError(PARSE_FAILURE, f"not well-formed: {error}")
        return
    if root.tag != "Response":
        yield TwimlError(PARSE_FAILURE, f"the root is <{root.tag}>, not <Response>")
        return
    if (root.text or "").strip():
        yield TwimlError(SCHEMA, "text directly inside <Response>")
    yield from _check_children(root, grammar())
    yield from (
        TwimlError(SCHEMA, f"<{noun.tag}> is not simulated")
        for noun in root.iterfind("Dial/*")
        if noun.tag not in SIMULATED_NOUNS and noun.tag in grammar().children["Dial"].children
    )
    yield from _check_order(root, manner)


def _verb(node: ET.Element) -> Verb:
    text = " ".join("".join(node.itertext()).split()) if node.tag == "Say" else (node.text or "").strip()
    return Verb(node.tag, dict(node.attrib), text, tuple(_verb(child) for child in node))


def _check_children(node: ET.Element, rule: Element) -> Iterator[TwimlError]:
    for child in node:
        allowed = rule.children.get(child.tag)
        if allowed is None:
            yield TwimlError(SCHEMA, f"<{child.tag}> may not stand inside <{node.tag}>")
            continue
        yield from _check_attributes(child, allowed)
        yield from _check_children(child, allowed)


def _check_attributes(node: ET.Element, rule: Element) -> Iterator[TwimlError]:
    for name, value in node.attrib.items():
        name = name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:")
        if name not in rule.attributes:
            yield TwimlError(SCHEMA, f"<{node.tag}> has no attribute {name}")
        elif name in ("language", "xml:lang") and value.lower().startswith("kk") and node.tag in ("Say", "lang"):
            yield TwimlError(SCHEMA, f"<{node.tag}> has no Kazakh voice: use <Play>")
        elif (problem := rule.wrong(name, value)) is not None:
            yield TwimlError(SCHEMA, f'<{node.tag} {name}="{value}"> {problem}')
    text = (node.text or "").strip()
    if node.tag in NEED_TEXT and not text and not len(node):
        yield TwimlError(SCHEMA, f"<{node.tag}> is empty")
    if node.tag == "Play" and not text and "digits" not in node.attrib:
        yield TwimlError(SCHEMA, "<Play> has neither a URL nor digits")
    if (problem := rule.wrong_text(text)) is not None:
        yield TwimlError(SCHEMA, f"<{node.tag}>{text[:80]}</{node.tag}> {problem}")
    if node.tag == "Say" and (said := len("".join(node.itertext()))) > MAX_SAY:
        yield TwimlError(SCHEMA, f"<Say> of {said} characters, at most {MAX_SAY} are spoken")
    if node.tag == "Dial" and not text and not len(node):
        yield TwimlError(SCHEMA, "<Dial> dials nobody")


def _ends_here(node: ET.Element) -> str | None:
    """Why nothing after this verb is ever executed, None when something may be."""
    if node.tag in LAST_WORDS:
        return f"<{node.tag}>"
    if node.tag in LEAD_AWAY and "action" in node.attrib:
        return f"<{node.tag}> with an action"
    if node.tag == "Gather" and node.attrib.get("actionOnEmptyResult") == "true":
        return "<Gather> that asks its action in any case"
    return None


def _check_order(root: ET.Element, manner: Manner) -> Iterator[TwimlError]:
    allowed = manner.value
    for place, node in enumerate(root):
        if allowed is not None and node.tag not in allowed:
            yield TwimlError(
                SCHEMA, f"<{node.tag}> may not stand in a {manner.name.lower().replace('_', ' ')} document"
            )
        elif node.tag == "Leave" and allowed is None:
            yield TwimlError(SCHEMA, "<Leave> outside a queue's wait document")
        elif node.tag not in SIMULATED and node.tag in grammar().children:
            yield TwimlError(SCHEMA, f"<{node.tag}> is not simulated")
        elif node.tag == "Enqueue" and ("workflowSid" in node.attrib or len(node)):
            yield TwimlError(SCHEMA, "<Enqueue> of a workflow is not simulated: name a queue")
        if node.tag == "Reject" and place:
            yield TwimlError(SCHEMA, "<Reject> must be the first verb: the call is already answered")
        if place + 1 < len(root) and (why := _ends_here(node)):
            yield TwimlError(SCHEMA, f"<{root[place + 1].tag}> after {why} is never reached")
            return
