"""Hand due work to the workers; do it ourselves, slower, while Redis is away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from helpdesk.audit import journal
from helpdesk.jobs.failures import remember_failure
from helpdesk.jobs.rounds import ROUNDS, Round
from helpdesk.kernel import clock, failpoints
from helpdesk.kernel.db import db

log = structlog.get_logger()

Enqueue = Callable[[str, list[int]], bool]
BATCH = 500
# A worker that got an id has this long before the id is handed out again: jobs are short and safe to run twice.
PATIENCE_SECONDS = 20.0


@dataclass
class Dispatcher:
    """Finds what is due and gives it away. One per house at a time: the clock process holds a lock for that.

    `enqueue` says False when nobody took the job; then it runs here.
    """

    enqueue: Enqueue
    jobs: Mapping[str, Callable[[list[int]], None]]
    rounds: Sequence[Round] = ROUNDS
    _given: dict[tuple[str, int], float] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)

    def give(self, name: str, ids: Sequence[int], single: bool = False, patience: float = PATIENCE_SECONDS) -> None:
        """Give the job `name` these ids, without those that a worker has just got; one job for all, or one each."""
        moment = clock.now().timestamp()
        self._given = {key: until for key, until in self._given.items() if moment < until}
        fresh = [id_ for id_ in ids if (name, id_) not in self._given]
        batches = [[id_] for id_ in fresh] if single else [fresh[i : i + BATCH] for i in range(0, len(fresh), BATCH)]
        for batch in batches:
            if self.enqueue(name, batch):
                self._given.update({(name, id_): moment + patience for id_ in batch})
                continue
            try:
                self.jobs[name](batch)
            except Exception as error:
                log.exception("job failed in the clock process", job=name, ids=batch)
                remember_failure(name, batch, error)
            finally:
                db.session.remove()

    def react(self) -> None:
        """Give away every journal entry that waits for its reactions, until none is left."""
        after = 0
        while ids := journal.unannounced(BATCH, after):
            db.session.remove()
            self.give("react", ids)
            after = ids[-1]

    def tick(self, woken: bool = False) -> float:
        """React, run every round whose time has come, and say in how many seconds the next one is due.

        `woken`: something was committed just now, so eager rounds run at once.
        """
        self.react()
        moment = clock.now().timestamp()
        for round_ in self.rounds:
            if moment >= self._next.get(round_.name, 0) or (woken and round_.eager):
                self._next[round_.name] = moment + round_.every
                try:
                    failpoints.hit("round.due")
                    round_.go(self.give)
                except Exception:
                    log.exception("round failed", round=round_.name)
                finally:
                    db.session.remove()
        return max(0.0, min(self._next.values(), default=moment + 1) - clock.now().timestamp())
