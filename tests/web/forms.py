"""Filling in the pages' forms as a browser without script does: by what stands in the HTML."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class Form:
    """One <form>: where it goes, its fields with their values, and its named buttons."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    offered: dict[str, list[str]] = field(default_factory=dict)

    def values(self) -> dict[str, list[str]]:
        """All fields by name, as they would be sent."""
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open = False
        self._area: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
            self._open = True
        if not self._open:
            return
        form, name, value = self.forms[-1], given.get("name", ""), given.get("value", "")
        if tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "input" and name and given.get("type") not in ("file",):
            form.offered.setdefault(name, []).append(value)
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                form.fields.append((name, value))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self.forms[-1].fields.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        if tag == "form":
            self._open = False


def forms(page: TestResponse) -> list[Form]:
    """Every form of a page."""
    reader = _Reader()
    reader.feed(page.text)
    return reader.forms


def without_tokens(page: TestResponse) -> str:
    """The text of a page but for what differs from second to second."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page.text)


def press(
    client: FlaskClient, page: TestResponse, button: tuple[str, str] | None = None, nth: int = 0, **typed: object
) -> TestResponse:
    """Type into the nth form of a page and press a button (None: the one that Enter presses)."""
    form = forms(page)[nth]
    data: dict[str, object] = {**form.values(), **typed}
    pressed = button or (form.buttons[0] if form.buttons else None)
    if pressed:
        assert pressed in form.buttons, f"there is no button {pressed}, only {form.buttons}"
        data[pressed[0]] = pressed[1]
    return client.post(form.action or page.request.path, data=data)
