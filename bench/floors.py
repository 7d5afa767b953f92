"""What the same machine does when there is next to nothing to do: the floors that the figures are compared with.

`app` is a bare Flask view with one INSERT and its COMMIT, served by the same gunicorn as the house, into the same
database. The other floors leave out the web server, and the database.
"""

import os
import threading
import time

import psycopg
from flask import Flask, request
from redis import Redis
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

from bench.load import Sample, crowd

app = Flask(__name__)
_threads = threading.local()
_INSERT = "INSERT INTO bench_floor (said) VALUES (%s)"


def _connection() -> psycopg.Connection:
    """One connection for each thread: what a pool does, without its price."""
    if not hasattr(_threads, "connection"):
        address = os.environ["DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
        _threads.connection = psycopg.connect(address)
    found: psycopg.Connection = _threads.connection
    return found


@app.get("/readyz")
def readyz() -> str:
    """This process answers."""
    return "ready"


@app.post("/insert")
def insert() -> str:
    """Keep what was said."""
    connection = _connection()
    connection.execute(_INSERT, (request.form["said"],))
    connection.commit()
    return "kept"


def inserts(conninfo: str, clients: int, seconds: float) -> list[Sample]:
    """The INSERT and COMMIT alone, without a web server."""

    def client(start: threading.Barrier) -> list[Sample]:
        with psycopg.connect(conninfo) as connection:
            start.wait()
            deadline, samples = time.perf_counter() + seconds, []
            while (began := time.perf_counter()) < deadline:
                connection.execute(_INSERT, ("a sentence of usual length, about a journal that does not open",))
                connection.commit()
                samples.append(Sample("insert", began, time.perf_counter() - began))
            return samples

    return crowd(client, clients)


def nothing(_name: str) -> None:
    """An empty job."""


def jobs(redis_url: str, count: int, forking: bool) -> float:
    """Empty RQ jobs done per second by one worker, in a fork each or without."""
    redis = Redis.from_url(redis_url)
    queue = Queue("bench", connection=redis, serializer=JSONSerializer)
    for _ in range(count):
        queue.enqueue(nothing, "nothing", result_ttl=0)
    kind = Worker if forking else SimpleWorker
    worker = kind([queue], connection=redis, serializer=JSONSerializer)
    began = time.perf_counter()
    worker.work(burst=True, logging_level="ERROR")
    return count / (time.perf_counter() - began)
