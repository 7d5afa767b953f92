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

ENTRY = "helpdesk.jobs.runner.run"


def enqueue(line: Line, name: str, ids: list[int]) -> bool:
    """Queue the job `name` for these ids; False when Redis is away.

    No retry by RQ and no result kept: the row behind an id says whether there is still work, and the clock asks it.
    """
    queue = Queue(URGENT if name in _URGENT_JOBS else SOON, connection=line.client, serializer=JSONSerializer)
    try:
        queue.enqueue(ENTRY, name, ids, job_timeout=60, ttl=120, result_ttl=0, failure_ttl=7 * 24 * 3600)
    except RedisError:
        return False
    return True
