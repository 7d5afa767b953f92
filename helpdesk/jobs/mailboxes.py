"""The job that fetches letters from mailboxes elsewhere: many at once, each for itself."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import structlog
from flask import Flask, current_app

from helpdesk.intake import imap, mailboxes
from helpdesk.intake.mailbox_rules import LETTERS_A_VISIT
from helpdesk.kernel import failpoints, sealed
from helpdesk.kernel.db import let_go, transaction

log = structlog.get_logger()

# So many connections to mailboxes stand open at once in a job, and so many of those talk to the database.
AT_ONCE = 32
_DATABASE = threading.BoundedSemaphore(8)
# A job begins no further visit after this long: those that are left are due, and found by the next round.
BUDGET_SECONDS = 10.0
# So much is held in memory before it is kept.
PIECE_BYTES = 4 * 1024 * 1024
PIECE_LETTERS = 50


def fetch(ids: list[int]) -> None:
    """Visit these mailboxes, those that are due. One that fails or is slow is written down and stops no other."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    until = time.monotonic() + BUDGET_SECONDS
    with ThreadPoolExecutor(min(AT_ONCE, len(ids) or 1), "mailbox") as pool:
        for _ in pool.map(lambda mailbox_id: _visit(app, mailbox_id, until), ids):
            continue


def _visit(app: Flask, mailbox_id: int, until: float) -> None:
    if time.monotonic() > until:
        return
    with app.app_context():
        try:
            with _DATABASE, transaction():
                errand = mailboxes.claim(mailbox_id)
            if errand is None:
                return
            error, more = _fetched(errand)
            with _DATABASE, transaction():
                mailboxes.settle(mailbox_id, error, more)
        except sealed.BrokenSeal:
            with _DATABASE, transaction():
                mailboxes.settle(mailbox_id, "TICKET_KEY")
        except Exception:
            log.exception("mailbox not visited", mailbox_id=mailbox_id)
        finally:
            let_go()


def _fetched(errand: mailboxes.Errand) -> tuple[str, bool]:
    """What went wrong, if anything, and whether letters were left for the next visit."""
    try:
        with imap.opened(errand.access) as box:
            after = _begin(errand, box)
            uids = box.above(after)
            for uid, letters in _pieces(box, uids[:LETTERS_A_VISIT]):
                failpoints.hit("mailbox.fetched")
                with _DATABASE, transaction():
                    mailboxes.keep(errand.mailbox_id, box.validity, uid, letters)
            return "", len(uids) > LETTERS_A_VISIT
    except imap.MailboxAway as error:
        log.warning("mailbox away", mailbox_id=errand.mailbox_id, reason=str(error))
        return str(error) or "?", False


def _begin(errand: mailboxes.Errand, box: imap.Box) -> int:
    """The number above which everything is new. A new numbering is begun as on the first day."""
    if errand.uid_validity == box.validity:
        return errand.last_uid
    if errand.since is None:
        after = 0
    else:
        first = box.first_since(errand.since)
        after = (first or box.next_uid or 1) - 1
    with _DATABASE, transaction():
        mailboxes.keep(errand.mailbox_id, box.validity, after, [])
    return after


def _pieces(box: imap.Box, uids: list[int]) -> Iterator[tuple[int, list[bytes]]]:
    """Letters in pieces that fit into memory, each with the last number in it."""
    held: list[bytes] = []
    for uid in uids:
        content = box.letter(uid)
        if content:
            held.append(content)
        if sum(map(len, held)) > PIECE_BYTES or len(held) >= PIECE_LETTERS or uid == uids[-1]:
            yield uid, held
            held = []
