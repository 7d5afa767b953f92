"""A request that is sent twice with one key is done once, and answered twice alike."""

import hashlib
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import Table, delete, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.api.problems import Problem
from helpdesk.identity.token_models import TokenAnswer
from helpdesk.identity.token_rules import ANSWERS_KEPT_FOR
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import N_, gettext

LONGEST_KEY = 255

_ANSWERS = cast(Table, TokenAnswer.__table__)

# Status, body, headers.
Answer = tuple[int, dict[str, Any], dict[str, Any]]


def read_key(given: str | None) -> str | None:
    """The key of a request; None where none was sent. Raises Problem."""
    if given is None:
        return None
    if not 1 <= len(given) <= LONGEST_KEY or not given.isascii() or not given.isprintable():
        words = gettext(N_("A key is 1 to 255 printable signs of ASCII"))
        raise Problem(422, words, [("Idempotency-Key", words)])
    return given


def request_hash(method: str, path: str, body: bytes) -> str:
    """What was asked, to be compared: 64 hex digits."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


def once(token_id: int, key: str | None, asked: str, do: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer of `do`, or the one that it gave to this key before (then True). Inside the door's transaction.

    Two at once meet at the row: the second waits for the first one's commit. What fails leaves no row, so that it may
    be tried again under the same key.
    """
    if key is None:
        return do(), False
    mine = (TokenAnswer.token_id == token_id) & (TokenAnswer.key == key)
    old = delete(TokenAnswer).where(mine, TokenAnswer.created_at <= clock.now() - ANSWERS_KEPT_FOR)
    session().execute(old.execution_options(synchronize_session=False))
    claim = insert(_ANSWERS).values(token_id=token_id, key=key, request=asked, created_at=clock.now())
    claimed = session().execute(claim.on_conflict_do_nothing().returning(_ANSWERS.c.key)).first()
    if claimed is None:
        return _known(token_id, key, asked), True
    answer = do()
    row = (_ANSWERS.c.token_id == token_id) & (_ANSWERS.c.key == key)
    session().execute(update(_ANSWERS).where(row).values(status=answer[0], body=answer[1], headers=answer[2]))
    return answer, False


def _known(token_id: int, key: str, asked: str) -> Answer:
    row = session().get_one(TokenAnswer, (token_id, key), populate_existing=True)
    if row.request != asked:
        words = gettext(N_("This key was used for another request"))
        raise Problem(422, words, [("Idempotency-Key", words)])
    return row.status or 200, row.body or {}, row.headers or {}
