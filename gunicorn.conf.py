"""How the web server runs the house; gunicorn reads this in the folder where it is started.

Each open page of staff holds a thread until it is closed, and threads are made when they are needed: so there are as
many as pages may be open, and a few more for requests. How many processes is said by WEB_CONCURRENCY (1) or --workers.
"""

import contextlib
import ctypes
import os

from helpdesk.kernel.garbage import all_is_loaded
from helpdesk.kernel.settings import Settings

_STREAMS = int(os.environ.get("EVENT_STREAMS") or Settings.model_fields["event_streams"].default)

# glibc keeps memory apart for many threads at once; few of ours run at once (M_ARENA_MAX)
with contextlib.suppress(OSError, AttributeError):
    ctypes.CDLL(None).mallopt(-8, 2)

worker_class = "gthread"
threads = _STREAMS + int(os.environ.get("WEB_THREADS") or 16)
# connections that wait for their next request need no thread, but a place
worker_connections = 2 * threads + 1000
keepalive = 15
# streams never end by themselves: at a stop they are cut, and the browsers come again
graceful_timeout = 3
timeout = 60
# the tables, words and templates are loaded once and shared by all processes
preload_app = True
control_socket_disable = True


def when_ready(_arbiter: object) -> None:
    """The house is loaded, no process is made yet."""
    all_is_loaded()
