"""A parent sends the form: the POST of its last page, with CSRF token and limits, until the ticket is committed."""

import uuid

from bench.load import Visitor, hidden
from bench.servers import HOST, Grounds
from helpdesk.demo.names import phone

NAME = "create_by_form"
WHAT = "the form's last POST: a new ticket"
AIMS: dict[str, float] = {"ratio at 8": 0.15}

TEXT = (
    "Здравствуйте! Не можем войти в электронный журнал: пароль подходит, но страница снова просит войти. Школа № 905."
)


def visitor(grounds: Grounds) -> Visitor:
    """A browser that has opened the form once and keeps its cookie and token."""
    one = Visitor(grounds.house, HOST)
    one.token = hidden(one.get("/ru/", marker="<form"), "csrf_token")
    return one


def turn(one: Visitor, _serial: int) -> None:
    """A parent from an address and with a telephone of their own; every third one is known to us."""
    one.new_address()
    serial = one.dice.randrange(1, 40_000) if one.dice.random() < 1 / 3 else one.dice.randrange(1_000_000, 9_999_999)
    form = {
        "csrf_token": one.token,
        "step": "answer",
        "go": "next",
        "form_id": str(uuid.UUID(int=one.dice.getrandbits(128))),
        "choice": str(one.dice.randrange(1, 13)),
        "school": str(one.dice.randrange(15, 55)),
        "school_text": "№ 905",
        "role": "parent",
        "pupil": "4 «Ә»",
        "words": f"{TEXT} ({one.dice.getrandbits(32):x})",
        "answer_by": "phone",
        "phone": phone(serial),
        "email": "",
        "name": "",
    }
    one.post("/ru/request", form, "send", 303, "/ru/done/")
