"""The worker and the clock process."""

import json
import os
import signal
import time
from types import FrameType
from typing import cast

import structlog
from flask import Flask, current_app
from redis.client import PubSub
from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy import Connection, text

from helpdesk.audit.journal import CHANNEL
from helpdesk.intake import language
from helpdesk.jobs import queues
from helpdesk.jobs.dispatch import Dispatcher
from helpdesk.jobs.failures import remember_failure
from helpdesk.jobs.work import JOBS
from helpdesk.kernel.db import db, let_go
from helpdesk.kernel.garbage import all_is_loaded
from helpdesk.kernel.logs import bound
from helpdesk.kernel.redis import Line

log = structlog.get_logger()

_CLOCK_LOCK = 1450_1
# A busy house commits hundreds of times a second: what comes so soon after a tick is looked at together.
TOGETHER_SECONDS = 0.1


def run(name: str, ids: list[int]) -> None:
    """What RQ calls in a forked work-horse. The app was pushed before the fork."""
    with bound(job=name, ids=ids):
        try:
            JOBS[name](ids)
        except Exception as error:
            remember_failure(name, ids, error)
            raise
        finally:
            let_go()


class _Persistent(Worker):
    """An RQ worker that looks for Redis every two seconds at the latest: promises wait in its queues."""

    max_connection_wait_time = 2.0


def work(app: Flask, burst: bool = False) -> None:
    """Work on the queues until told to stop. The house is loaded; each job is a fork of it.

    RQ waits for Redis while it listens, but gives up when Redis goes away in the middle of a job: then we begin anew.
    """
    with app.app_context():
        db.engine.dispose(close=False)  # no connection may be shared with a fork
        language.identifier()  # loaded here once, not in each job
        all_is_loaded()
        line = cast(Line, app.extensions["redis"])
        pool = line.client.connection_pool.__class__.from_url(app.extensions["settings"].redis_url)
        connection = line.client.__class__(connection_pool=pool)  # a worker may be patient, a request may not
        while True:
            try:
                worker = _Persistent(list(queues.NAMES), connection=connection, serializer=JSONSerializer)
                worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)
            except RedisError as error:
                log.warning("the worker lost Redis and begins anew", error=str(error))
                time.sleep(1)
            else:
                return


def dispatcher() -> Dispatcher:
    """The dispatcher of this app: gives work to RQ, or does it here."""
    line = cast(Line, current_app.extensions["redis"])
    return Dispatcher(
        lambda name, ids: queues.enqueue(line, name, ids), JOBS, is_full=lambda name: queues.is_full(line, name)
    )


class _Ears:
    """Listens for commits, at most a given time; silent while Redis is away."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._pubsub: PubSub | None = None

    def wait(self, seconds: float) -> bool:
        """Whether something was committed within `seconds`."""
        try:
            pubsub = self._pubsub
            if pubsub is None:
                pubsub = self._line.client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
                pubsub.subscribe(self._line.channel(CHANNEL))
                self._pubsub = pubsub
                return True  # whatever was committed while we were deaf is looked for now
            heard = pubsub.get_message(timeout=seconds)
            while heard and pubsub.get_message(timeout=0):
                continue
            return heard is not None
        except RedisError:
            self._pubsub = None
            time.sleep(min(seconds, 0.5))
            return False


def keep_time(app: Flask) -> None:
    """The clock process: dispatch what is due until told to stop. A second one waits idle for the first one's lock."""
    stopped: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopped.append(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    all_is_loaded()
    with app.app_context():
        line = cast(Line, app.extensions["redis"])
        ears, give = _Ears(line), dispatcher()
        lock: Connection | None = None
        woken = True
        while not stopped:
            try:
                lock = lock or _lock()
                if lock is None:
                    time.sleep(0.5)
                    continue
                lock.execute(text("SELECT 1"))  # the lock lives as long as its connection
                lock.rollback()
                began = time.monotonic()
                pause = give.tick(woken)
                line.publish("helpdesk:clock", json.dumps({"pid": os.getpid()}))
                woken = ears.wait(min(1.0, max(0.01, pause)))
                if woken:
                    time.sleep(max(0.0, began + TOGETHER_SECONDS - time.monotonic()))
            except Exception:
                log.exception("the clock stumbled")
                let_go()
                lock = None
                time.sleep(0.5)


def _lock() -> Connection | None:
    connection = db.engine.connect()
    if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _CLOCK_LOCK}).scalar():
        connection.rollback()
        return connection
    connection.close()
    return None
