"""Letters that come back: which of ours, and whether it can never arrive, from what different servers write."""

import pytest

from helpdesk.intake.bounces import Returned, returned
from helpdesk.tickets.thread_token import message_id

KEY = "a key of the house"
OURS = message_id(KEY, 31, 7, "1450.test")

POSTFIX = """From: MAILER-DAEMON@mx.test (Mail Delivery System)
To: 905@1450.test
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

<nobody@parents.test>: host mx.parents.test said: 550 5.1.1 User unknown
--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test

Final-Recipient: rfc822; nobody@parents.test
Action: {action}
Status: {status}
--b1
Content-Type: text/rfc822-headers

From: 1450 <905@1450.test>
Message-ID: {ident}
--b1--
"""

EXIM = """From: Mail Delivery System <Mailer-Daemon@exim.test>
To: 905@1450.test
Subject: Mail delivery failed: returning message to sender
References: {ident}
Content-Type: text/plain; charset=utf-8

A message that you sent could not be delivered to one or more of its recipients.

  nobody@parents.test
    host mx.parents.test: {reason}
"""

# Exchange wraps the letter itself, with its lines in base64.
EXCHANGE = """From: Postmaster <postmaster@edu.test>
To: 905@1450.test
Subject: =?utf-8?B?0J3QtSDQtNC+0YHRgtCw0LLQu9C10L3Qvg==?=
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PGI+0J3QtSDQtNC+0YHRgtCw0LLQu9C10L3QvjwvYj4=
--x
Content-Type: message/delivery-status

Final-recipient: RFC822; nobody@edu.test
Action: failed
Status: 5.7.1
Remote-MTA: dns; mx.edu.test

--x
Content-Type: message/rfc822

From: 1450 <905@1450.test>
Message-ID: {ident}
Subject: hello

Text
--x--
"""


def postfix(action: str = "failed", status: str = "5.1.1", ident: str = OURS) -> bytes:
    return POSTFIX.format(action=action, status=status, ident=ident).encode()


@pytest.mark.parametrize(
    ("letter", "status", "for_good"),
    [
        (postfix(), "5.1.1", True),
        (postfix("delayed", "4.4.1"), "4.4.1", False),
        (postfix("failed", "4.4.7"), "4.4.7", False),
        (postfix("relayed", "2.0.0"), "2.0.0", False),
        (EXIM.format(ident=OURS, reason="550 5.1.1 no such user").encode(), "5.1.1", True),
        (EXIM.format(ident=OURS, reason="550 mailbox unavailable").encode(), "550", True),
        (EXIM.format(ident=OURS, reason="retry timeout exceeded").encode(), "", False),
        (EXCHANGE.format(ident=OURS).encode(), "5.7.1", True),
    ],
)
def test_what_a_server_says_of_a_letter_of_ours(letter: bytes, status: str, for_good: bool) -> None:
    assert returned(letter, KEY) == Returned(7, status, for_good)


@pytest.mark.parametrize("ident", ["<other@1450.test>", message_id("another key", 31, 7, "1450.test"), ""])
def test_what_names_no_letter_of_ours_marks_nobody(ident: str) -> None:
    assert returned(postfix(ident=ident), KEY) is None


def test_broken_reports_are_no_reports() -> None:
    for cut in range(0, len(postfix()), 40):
        back = returned(postfix()[:cut], KEY)
        assert back is None or not back.for_good or b"Action: failed" in postfix()[:cut]
