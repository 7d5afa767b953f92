"""What proves that a ticket is one's own: a secret of digits for people, a token for links. Neither is stored.

Both are derived from the ticket's id by HMAC with the installation's ticket key, so that a form sent twice shows the
same secret again, and the database alone opens no ticket.
"""

import base64
import hashlib
import hmac

SECRET_DIGITS = 8


def secret(ticket_id: int, key: str) -> str:
    """Eight digits, that can be keyed on a telephone."""
    number = int.from_bytes(_mac(f"secret:{ticket_id}", key)[:8])
    return f"{number % 10**SECRET_DIGITS:0{SECRET_DIGITS}d}"


def is_secret(ticket_id: int, given: str, key: str) -> bool:
    """Whether these digits open the ticket, whatever stands between them."""
    digits = "".join(filter(str.isdigit, given))
    return hmac.compare_digest(digits, secret(ticket_id, key))


def token(ticket_id: int, key: str) -> str:
    """A short word for links: the id and 60 bits that nobody can guess."""
    proof = base64.b32encode(_mac(f"link:{ticket_id}", key)[:8]).decode().lower()[:12]
    return f"{ticket_id:x}-{proof}"


def read_token(given: str, key: str) -> int | None:
    """The ticket's id out of a link's word, or None when it was not made here."""
    head = given.partition("-")[0]
    try:
        ticket_id = int(head, 16)
    except ValueError:
        return None
    return ticket_id if ticket_id > 0 and hmac.compare_digest(given.encode(), token(ticket_id, key).encode()) else None


def _mac(text: str, key: str) -> bytes:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
