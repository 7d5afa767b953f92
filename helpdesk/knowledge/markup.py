"""The small markup of articles: headings, lists, links, bold. Everything else is the text that it is.

A block ends at an empty line. `## ` begins a heading, `- ` and `1. ` lines of lists, `**bold**`, `[words](address)`;
an address that stands alone becomes a link.
"""

import re
from collections.abc import Iterator

import nh3
from markupsafe import Markup, escape

_TAGS = {"h2", "h3", "p", "ul", "ol", "li", "a", "strong", "br"}
_SCHEMES = {"http", "https", "mailto", "tel"}
_INLINE = re.compile(
    r"\[(?P<words>[^\[\]\n]{1,200})\]\((?P<to>[^\s()]{1,500})\)"
    r"|\*\*(?P<bold>[^*\n]{1,500})\*\*"
    r"|(?P<bare>https?://[^\s<>\"']+[^\s<>\"'.,;:!?)])"
)
_LINK = re.compile(r"^(?:https?://|mailto:|tel:|/(?!/))")
_HEADING = re.compile(r"^(#{2,3}) +(.+)$")
_POINT = re.compile(r"^[-*] +(.+)$")
_MARK = re.compile(r"^(?:[-*]|\d{1,2}[.)]) +")
_STEP = re.compile(r"^\d{1,2}[.)] +(.+)$")


def html(text: str) -> Markup:
    """The article as HTML that can do no harm, whoever wrote it."""
    made = "\n".join(_blocks(text))
    return Markup(nh3.clean(made, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=_SCHEMES, link_rel="noopener"))  # noqa: S704


def plain(text: str) -> str:
    """The article as it stands in a letter: no stars and hashes, addresses after their words."""

    def without(match: re.Match[str]) -> str:
        if match["words"]:
            return f"{match['words']}: {match['to'].removeprefix('tel:').removeprefix('mailto:')}"
        return _INLINE.sub(without, match["bold"]) if match["bold"] else match["bare"]

    lines = (re.sub(r"^#{2,3} +", "", line) for line in text.strip().splitlines())
    return "\n".join(_INLINE.sub(without, line).rstrip() for line in lines)


def beginning(text: str, letters: int = 160) -> str:
    """The first sentences, in one line: no headings, and the points of a list without their marks."""
    sentences = (line for line in text.splitlines() if not _HEADING.match(line.strip()))
    points = (_MARK.sub("", line.strip()) for line in sentences)
    words = " ".join(plain("\n".join(points)).split())
    return words if len(words) <= letters else words[:letters].rsplit(" ", 1)[0] + "…"


def _blocks(text: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        while lines:
            taken, made = _one(lines)
            yield made
            lines = lines[taken:]


def _one(lines: list[str]) -> tuple[int, str]:
    """How many of the lines belong together, and what they are."""
    heading = _HEADING.match(lines[0])
    if heading:
        tag = f"h{len(heading[1])}"
        return 1, f"<{tag}>{_inline(heading[2])}</{tag}>"
    for pattern, tag in ((_POINT, "ul"), (_STEP, "ol")):
        points = []
        for line in lines:
            found = pattern.match(line)
            if not found:
                break
            points.append(f"<li>{_inline(found[1])}</li>")
        if points:
            return len(points), f"<{tag}>{''.join(points)}</{tag}>"
    said = [lines[0]]
    for line in lines[1:]:
        if _HEADING.match(line) or _POINT.match(line) or _STEP.match(line):
            break
        said.append(line)
    return len(said), "<p>" + "<br>".join(_inline(line) for line in said) + "</p>"


def _inline(text: str) -> str:
    done, at = Markup(""), 0
    for match in _INLINE.finditer(text):
        done += escape(text[at : match.start()]) + _mark(match)
        at = match.end()
    return str(done + escape(text[at:]))


def _mark(match: re.Match[str]) -> Markup:
    if match["bold"]:
        return Markup("<strong>{}</strong>").format(Markup(_inline(match["bold"])))  # noqa: S704
    if match["bare"]:
        return Markup('<a href="{0}">{0}</a>').format(match["bare"])
    if not _LINK.match(match["to"]):
        return escape(match[0])
    return Markup('<a href="{}">{}</a>').format(match["to"], match["words"])
