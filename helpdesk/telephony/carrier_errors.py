"""What may go wrong between us and the carrier. Whether a request may be made again stands in the error."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException

# Appended to the addresses of status callbacks: tried again twice on 5xx, no connection or no answer.
RETRIES = "#rc=2&rp=ct,rt,5xx"

# "Not in progress" and "not found": what we wanted to change is over.
GONE = frozenset({21220, 404, 20404})
TOO_MANY = 429


class CarrierRefused(Exception):
    """The carrier answered with an error. `code` is Twilio's number, or the HTTP status where it named none.

    `retryable`: the same request may succeed later. `outcome_known`: it certainly had no effect.
    """

    def __init__(self, code: int, retryable: bool, outcome_known: bool, message: str = "") -> None:
        super().__init__(f"{code} {message}".strip())
        self.code = code
        self.retryable = retryable
        self.outcome_known = outcome_known


class CarrierAway(Exception):
    """The carrier did not answer. `outcome_known`: not even a connection was made, so nothing happened."""

    def __init__(self, outcome_known: bool, message: str = "") -> None:
        super().__init__(message)
        self.outcome_known = outcome_known


@contextmanager
def answers() -> Iterator[None]:
    """Translate what may go wrong between us and the carrier."""
    try:
        yield
    except TwilioRestException as error:
        too_many, broken = error.status == TOO_MANY, error.status >= 500
        raise CarrierRefused(
            int(error.code or error.status), retryable=too_many or broken, outcome_known=not broken, message=error.msg
        ) from error
    except (requests.exceptions.ConnectTimeout, requests.exceptions.ConnectionError) as error:
        # "Connection aborted" comes after the request was sent; a connect timeout and a refused connection before.
        never_sent = isinstance(error, requests.exceptions.ConnectTimeout) or "NewConnectionError" in repr(error)
        raise CarrierAway(never_sent, type(error).__name__) from error
    except (requests.exceptions.RequestException, TwilioException, ValueError) as error:
        raise CarrierAway(False, type(error).__name__) from error
