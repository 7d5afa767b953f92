"""What a password must be. Length is what counts (NIST SP 800-63B); no letters are prescribed."""

from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_

SHORTEST = 10
LONGEST = 200
_FEWEST_SIGNS = 4


def check(password: str, again: str, name: str, email: str) -> None:
    """Raises Refused for a password that is too short, typed differently the second time, or easy to guess."""
    if len(password) < SHORTEST:
        raise Refused(N_("Choose a longer password, at least so many signs: %(least)s"), "password", least=SHORTEST)
    if len(password) > LONGEST:
        raise Refused(N_("This password is too long"), "password")
    own = {email.lower(), email.partition("@")[0].lower(), *name.lower().split()}
    plain = password.lower()
    guessable = len(set(plain)) < _FEWEST_SIGNS or any(
        (len(word) > 3 and plain.replace(word, "").isdigit()) or plain == word for word in own if word
    )
    if guessable or "1450" * 2 in plain or plain.startswith(("123456", "qwerty", "password", "құпиясөз", "пароль")):
        raise Refused(N_("This password is easy to guess: choose another one"), "password")
    if password != again:
        raise Refused(N_("The two passwords differ"), "again")
