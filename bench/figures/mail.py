"""Letters of 30 kB come in by SMTP; measured until the last of them is a ticket."""

import time
from email.message import EmailMessage
from multiprocessing.synchronize import Barrier
from random import Random
from smtplib import SMTP

import psycopg

from bench import floors, servers
from bench.load import Sample, Wrong, crowd
from bench.servers import Grounds
from bench.table import Row, percentile, rate
from bench.texts import people, written
from helpdesk.kernel.settings import read_settings

NAME = "mail"
WHAT = "letters of 30 kB, by SMTP until they are tickets"
AIMS: dict[str, float] = {"per_second at 8": 150}
CLIENTS = (8,)
SECONDS = 20.0

SIZE = 30_000
KNOWN = 40_000
LETTERS = 30
# What each letter gets of its own when it is sent.
SENDER, ID = b"sender@here", b"id-of-this-letter"
_WAITING = "SELECT count(*) FROM raw_mails WHERE state = 'waiting'"
_FILED = """
    SELECT r.state, extract(epoch FROM r.received_at), extract(epoch FROM j.at)
    FROM raw_mails r
    JOIN journal j ON j.kind IN ('mail.filed', 'mail.rejected') AND (j.details->>'raw_mail_id')::bigint = r.id
    WHERE j.at >= to_timestamp(%s)
"""


def measured(grounds: Grounds, clients: int, seconds: float, most: int | None) -> Row:
    """The figure: letters that became tickets a second, and for each the time from the door to its ticket."""
    before = rate(floors.inserts(grounds.conninfo, clients, min(seconds, 5.0), "x" * SIZE))
    to = read_settings(grounds.env).general_mailbox
    with servers.post(grounds) as port:
        for language in ("kk", "ru"):
            people(language)  # thought up once, not by each client
        began = time.time()
        taken = crowd(lambda start: _send(start, port, to, seconds, most), clients)
        _wait(grounds, len(taken) / 10 + 60)
    with psycopg.connect(grounds.conninfo) as connection:
        rows = connection.execute(_FILED, (began,)).fetchall()
    if len(rows) != len(taken) or any(state != "filed" for state, _, _ in rows):
        raise Wrong(f"{len(taken)} letters were taken, {sum(state == 'filed' for state, _, _ in rows)} filed")
    waits = [float(filed - received) for _, received, filed in rows]
    after = rate(floors.inserts(grounds.conninfo, clients, min(seconds, 5.0), "x" * SIZE))
    reached = len(rows) / float(max(filed for _, _, filed in rows) - min(received for _, received, _ in rows))
    door = [sample.took for sample in taken]
    return Row(
        figure=NAME,
        clients=clients,
        requests=len(rows),
        per_second=round(reached, 1),
        p50=percentile(waits, 50),
        p95=percentile(waits, 95),
        p99=percentile(waits, 99),
        floor_per_second=round((before + after) / 2, 1),
        floor_before=round(before, 1),
        floor_after=round(after, 1),
        ratio=round(reached / ((before + after) / 2), 4),
        steps={
            "at the door": (percentile(door, 50), percentile(door, 99)),
            "until filed": (percentile(waits, 50), percentile(waits, 99)),
        },
        notes={"taken at the door a second": round(rate(taken), 1)},
    )


def _send(start: Barrier, port: int, to: str, seconds: float, most: int | None) -> list[Sample]:
    dice, samples = Random(), []
    # written beforehand: a parent's mail program works on another machine
    letters = [_letter(dice, to) for _ in range(LETTERS)]
    start.wait()
    deadline = time.perf_counter() + seconds
    with SMTP("127.0.0.1", port) as connection:
        while time.perf_counter() < deadline if most is None else len(samples) < most:
            known = dice.random() < 1 / 3
            sender = (
                f"person{dice.randrange(1, KNOWN, 2)}@bench.1450" if known else f"{dice.getrandbits(40):x}@bench.1450"
            )
            content = dice.choice(letters).replace(SENDER, sender.encode()).replace(ID, b"%x" % dice.getrandbits(64))
            began = time.perf_counter()
            connection.sendmail(sender, [to], content)
            samples.append(Sample("letter", began, time.perf_counter() - began))
    return samples


def _letter(dice: Random, to: str) -> bytes:
    """As a parent's mail program writes it: text, the same as HTML, and a scanned page."""
    text = written(dice.choice(("kk", "ru")), dice).body
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Message-ID"] = SENDER.decode(), to, f"<{ID.decode()}@bench.1450>"
    letter["Subject"] = text[:60]
    letter.set_content(text)
    letter.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html")
    rest = max(0, SIZE - len(letter.as_bytes()))
    page = b"%PDF-1.4\n" + dice.randbytes(rest * 7 // 10)
    letter.add_attachment(page, maintype="application", subtype="pdf", filename="page.pdf")
    return letter.as_bytes()


def _wait(grounds: Grounds, patience: float) -> None:
    """Until no letter waits. Raises Wrong."""
    deadline = time.monotonic() + patience
    with psycopg.connect(grounds.conninfo, autocommit=True) as connection:
        while (connection.execute(_WAITING).fetchone() or (0,))[0]:
            if time.monotonic() > deadline:
                raise Wrong("letters still wait")
            time.sleep(0.1)
