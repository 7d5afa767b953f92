"""How the figures sign in: as the operator of a region, who sees a third of all tickets."""

from bench.load import Visitor, hidden
from bench.places import OPERATOR, PASSWORD
from bench.servers import HOST, Grounds


def signed_in(grounds: Grounds) -> Visitor:
    """A browser with the cookie of a session."""
    one = Visitor(grounds.house, HOST)
    form = {"csrf_token": hidden(one.get("/sign-in"), "csrf_token"), "email": OPERATOR, "password": PASSWORD}
    one.post("/sign-in", form, "", 302, "/board")
    return one
