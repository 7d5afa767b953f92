"""Every test holds the house to Twilio's rules: what it asks of the carrier, and what it answers to it."""

from flask import Response, request

from phonesim import Network
from phonesim.twiml import CONTENT_TYPE, PARSE_FAILURE, SCHEMA, TOO_LARGE, Manner, check

REFUSED_DOCUMENT = frozenset({CONTENT_TYPE, PARSE_FAILURE, SCHEMA, TOO_LARGE})
WAITING_ROOM = frozenset({"/twilio/voice/wait", "/twilio/voice/wait-key"})


def assert_kept(network: Network) -> None:
    """No request that the network got and no document that it fetched broke a rule."""
    requests = [str(violation) for violation in network.violations]
    assert not requests, requests
    refused = [f"{alert.url}: {alert.message}" for alert in network.alerts if alert.code in REFUSED_DOCUMENT]
    assert not refused, refused


class Documents:
    """Reads what the application answers, whoever asked: a test's own client too."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def read(self, response: Response) -> Response:
        """Note the mistakes of a document, where it may be executed: in the waiting room, or wherever it fits."""
        if response.mimetype == "text/xml":
            manners = [Manner.QUEUE_WAIT] if request.path in WAITING_ROOM else list(Manner)
            found = [list(check(response.get_data(), manner, response.content_type)) for manner in manners]
            if all(found):
                self.mistakes.append(f"{request.path}: {found[0][0]}")
        return response

    def assert_right(self) -> None:
        """There was none; those of the next test are counted anew."""
        found, self.mistakes = self.mistakes, []
        assert not found, found


documents = Documents()
