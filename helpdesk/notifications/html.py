"""The HTML side of a letter: the same words, with links that can be pressed. No picture and nothing from elsewhere."""

import re

from markupsafe import Markup, escape

from helpdesk.tickets.thread_token import REPLY_LINE

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
_FRAME = Markup(
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8"></head>'
    '<body style="font:16px/1.5 sans-serif;color:#1a1a1a;max-width:40em">{inside}</body></html>'
)
_PLAIN = Markup("<p>{}</p>")
_SOFT = Markup('<p style="color:#595959">{}</p>')


def page(text: str, language: str) -> str:
    """A letter's text as a page."""
    pieces = [_paragraph(piece) for piece in re.split(r"\n{2,}", text.strip())]
    return _FRAME.format(language=language, inside=Markup("\n").join(pieces))


def _paragraph(text: str) -> Markup:
    lines = Markup("<br>\n").join(_line(line) for line in text.split("\n"))
    return (_SOFT if text.startswith((REPLY_LINE, "--\n")) else _PLAIN).format(lines)


def _line(text: str) -> Markup:
    done, at = Markup(""), 0
    for link in _LINK.finditer(text):
        done += escape(text[at : link.start()]) + Markup('<a href="{0}">{0}</a>').format(link[0])
        at = link.end()
    return done + escape(text[at:])
