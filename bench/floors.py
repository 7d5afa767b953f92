"""What the same machine does when there is next to nothing to do: the floors that the figures are compared with.

`app` is a bare Flask view with one INSERT and its COMMIT, served by the same gunicorn as the house, into the same
database. The other floors leave out the web server, and the database.
"""

import itertools
import os
import threading
import time
from queue import SimpleQueue

import psycopg
from flask import Flask, Response, request
from redis import Redis
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

from bench.load import Sample, crowd
from helpdesk.kernel.settings import Settings
from helpdesk.telephony.signature import is_genuine

app = Flask(__name__)
_threads = threading.local()
_lock = threading.Lock()
_hearing: list[threading.Thread] = []
_pages: dict[int, SimpleQueue[str]] = {}
_SETTINGS = Settings(
    environment="test",
    public_base_url=os.environ.get("PUBLIC_BASE_URL", ""),
    twilio_auth_token=os.environ.get("TWILIO_AUTH_TOKEN", ""),
)
_DOCUMENT = "<Response><Hangup/></Response>"
SENTENCE = "a sentence of usual length, about a journal that does not open"
_INSERT = "INSERT INTO bench_floor (said) VALUES (%s)"


def _connection() -> psycopg.Connection:
    """One connection for each thread: what a pool does, without its price."""
    if not hasattr(_threads, "connection"):
        address = os.environ["DATABASE_URL"].replace("postgresql+psycopg", "postgresql")
        _threads.connection = psycopg.connect(address)
    found: psycopg.Connection = _threads.connection
    return found


@app.before_request
def check_signature() -> Response | None:
    """A webhook is nobody's but the carrier's."""
    if request.path == "/webhook" and not is_genuine(_SETTINGS, request.environ, request.form, request.headers):
        return Response(status=403)
    return None


@app.post("/webhook")
def webhook() -> Response:
    """Keep what the carrier said, as every webhook must at least."""
    connection = _connection()
    connection.execute(_INSERT, (request.form["CallSid"],))
    connection.commit()
    return Response(_DOCUMENT, mimetype="text/xml")


@app.get("/hello")
def hello() -> str:
    """The least page."""
    return "hello"


@app.get("/stream/<int:number>")
def stream(number: int) -> Response:
    """What is published for this page."""
    _hear()
    mine = _pages[number] = SimpleQueue()
    frames = (f"data: {mine.get()}\n\n" for _ in itertools.count())
    return Response(itertools.chain(["event: ready\ndata: {}\n\n"], frames), mimetype="text/event-stream")


def _hear() -> None:
    """Listen to Redis for all pages of this process, once."""
    with _lock:
        if _hearing:
            return
        heard = Redis.from_url(os.environ["REDIS_URL"]).pubsub(ignore_subscribe_messages=True)
        heard.subscribe("floor")

    def listen() -> None:
        for message in heard.listen():
            key = message["data"].decode()
            _pages[int(key.partition(".")[0])].put(key)

    _hearing.append(threading.Thread(target=listen, daemon=True))
    _hearing[0].start()


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


def inserts(conninfo: str, clients: int, seconds: float, said: str = SENTENCE) -> list[Sample]:
    """The INSERT and COMMIT alone, without a web server."""

    def client(start: threading.Barrier) -> list[Sample]:
        with psycopg.connect(conninfo) as connection:
            start.wait()
            deadline, samples = time.perf_counter() + seconds, []
            while (began := time.perf_counter()) < deadline:
                connection.execute(_INSERT, (said,))
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
