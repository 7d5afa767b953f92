"""The RQ queues, most urgent first, and which job goes where."""

from rq import Queue
from rq.serializers import JSONSerializer

from helpdesk.kernel.redis import Line, RedisError

# Named by how long somebody can wait: a caller hears silence, a reader waits for a letter.
URGENT, SOON = "urgent", "soon"
NAMES = (URGENT, SOON)
_URGENT_JOBS = frozenset(
    {"react", "dial", "place", "reconcile", "rejoin", "ring_operators", "call_service", "find_service"}
)
# So many jobs keep the workers of one machine busy until the clock looks again.
WAITING = 4

ENTRY = "helpdesk.jobs.runner.run"


def enqueue(line: Line, name: str, ids: list[int]) -> bool:
    """Queue the job `name` for these ids; False when Redis is away.

    No retry by RQ and no result kept: the row behind an id says whether there is still work, and the clock asks it.
    """
    try:
        _queue(line, name).enqueue(ENTRY, name, ids, job_timeout=60, ttl=120, result_ttl=0, failure_ttl=7 * 24 * 3600)
    except RedisError:
        return False
    return True


def is_full(line: Line, name: str) -> bool:
    """Whether enough jobs wait where the job `name` would; False when Redis is away."""
    try:
        return _queue(line, name).count >= WAITING
    except RedisError:
        return False


def _queue(line: Line, name: str) -> Queue:
    return Queue(URGENT if name in _URGENT_JOBS else SOON, connection=line.client, serializer=JSONSerializer)
