"""The one Redis client of the house, with short patience: a phone webhook cannot wait for Redis."""

from typing import Any

import redis as redis_py
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from helpdesk.kernel import clock

__all__ = ["Line", "RedisError"]

# After a failure we do not even try for this long, so that an outage costs one short wait a second, not one a request.
REST_AFTER_FAILURE = 1.0


class Line:
    """A line to Redis that may be down. Every method says whether it worked, none raises RedisError."""

    def __init__(self, url: str) -> None:
        self.client: redis_py.Redis = redis_py.Redis.from_url(
            url or "redis://127.0.0.1:6379/0",
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=0.3,
            socket_timeout=1.0,
        )
        self._failed_at: float | None = None

    def _resting(self) -> bool:
        return self._failed_at is not None and clock.now().timestamp() - self._failed_at < REST_AFTER_FAILURE

    def channel(self, name: str) -> str:
        """What a channel of this house is called at the server: Redis gives each house keys of its own by the number of
        its database, but what is published is heard in all of them."""
        return f"{name}:{self.client.connection_pool.connection_kwargs.get('db', 0)}"

    def publish(self, name: str, message: str) -> bool:
        """Tell all listeners of a channel; False when Redis is away."""
        return self._try("PUBLISH", self.channel(name), message) is not None

    def evaluate(self, script: str, key: str, *values: object) -> Any:
        """What a script says about one key, in one step for all who ask at once; None when Redis is away."""
        return self._try("EVAL", script, 1, key, *values)

    def alive(self) -> bool:
        """Whether Redis answers now."""
        return self._try("PING") is not None

    def _try(self, *command: Any) -> Any:
        if self._resting():
            return None
        try:
            answer = self.client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py
        except RedisError:
            self._failed_at = clock.now().timestamp()
            return None
        self._failed_at = None
        return answer
