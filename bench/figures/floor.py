"""The floors: a bare Flask view with one INSERT and its COMMIT, and the same behind the signature of a webhook."""

from bench.calls import Webhook, tell
from bench.load import Visitor
from bench.servers import HOST, Grounds

NAME = "floor"
SAID = {"said": "a sentence of usual length, about a journal that does not open"}


def visitor(grounds: Grounds) -> Visitor:
    """A client of the floor's server."""
    return Visitor(grounds.floor, HOST)


def turn(one: Visitor, _serial: int) -> None:
    """One request."""
    one.post("/insert", SAID, "insert", 200, "kept")


def signed(one: Visitor, _serial: int) -> None:
    """One webhook that does one INSERT."""
    form = {
        "CallSid": f"CA{one.dice.getrandbits(128):032x}",
        "AccountSid": "AC" + "0" * 32,
        "From": "+77010000000",
        "To": "1450",
        "CallStatus": "in-progress",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
    }
    tell(one, Webhook("webhook", "/webhook", form, "<Response>"))
