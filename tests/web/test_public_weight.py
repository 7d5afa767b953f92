"""J5: the parents' pages on a slow line. Bytes as they travel compressed, page by page with all that it links."""

import gzip
import re

import pytest
from flask.testing import FlaskClient

from helpdesk.tickets.queries import ticket_by_token
from tests.people import Town
from tests.web.forms import press

LIMIT = 60 * 1024


def weight(client: FlaskClient, html: str) -> int:
    """Gzip bytes of a page and of every stylesheet, script and picture that it links; each must be ours."""
    total = len(gzip.compress(html.encode()))
    for address in re.findall(r'<(?:link|script|img)[^>]*?(?:href|src)="([^"]+)"', html):
        assert address.startswith("/static/"), address
        content = client.get(address).data
        total += len(gzip.compress(content))
        assert b"url(" not in content
    return total


def test_every_public_page_weighs_at_most_60_kb(
    client: FlaskClient, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = {"/": client.get("/"), "what": client.get("/kk/"), "find": client.get("/kk/status")}
    pages["school"] = press(client, pages["what"], ("choice", "1"))
    pages["schools"] = press(client, pages["school"], ("go", "next"), school_text="9")
    pages["child"] = press(client, pages["schools"], ("go", "skip"))
    pages["words"] = press(client, pages["child"], ("go", "next"))
    pages["answer"] = press(client, pages["words"], ("go", "next"), words="Балам кіре алмай отыр. " * 200)
    pages["error"] = press(client, pages["answer"], ("go", "next"))
    sent = press(client, pages["error"], ("go", "next"), answer_by="web")
    pages["thanks"] = client.get(sent.location)
    token = sent.location.rsplit("/", 1)[1]
    assert ticket_by_token(token)
    pages["status"] = client.get(f"/kk/t/{token}")
    weights = {name: weight(client, page.text) for name, page in pages.items()}
    with capsys.disabled():
        print("\nbytes, compressed:", ", ".join(f"{name} {size:,}" for name, size in weights.items()))
    assert max(weights.values()) <= LIMIT, weights


def test_the_sheet_of_the_public_pages_stays_small_and_so_does_the_script(client: FlaskClient) -> None:
    sheets = sum(len(gzip.compress(client.get(f"/static/css/{name}.css").data)) for name in ("tokens", "public"))
    script = len(gzip.compress(client.get("/static/js/combobox.js").data))
    assert sheets <= 15 * 1024
    assert script <= 3 * 1024
