"""Hand due work to the workers; do it ourselves, slower, while Redis is away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from helpdesk.audit import journal
from helpdesk.jobs.failures import remember_failure
from helpdesk.jobs.rounds import ROUNDS, Round
from helpdesk.kernel import clock, failpoints
from helpdesk.kernel.db import let_go

log = structlog.get_logger()

Enqueue = Callable[[str, list[int]], bool]
BATCH = 500
# A worker that got an id has this long before the id is handed out again: jobs are short and safe to run twice.
PATIENCE_SECONDS = 20.0
# Among jobs for one promise each, those for many get their turn after this long.
LONGEST_HOLD_SECONDS = 2.0


@dataclass
class Dispatcher:
    """Finds what is due and gives it away. One per house at a time: the clock process holds a lock for that.

    `enqueue` says False when nobody took the job; then it runs here. `is_full` says that enough jobs wait already: then
    ids stay in their table for a moment, and go into one larger job. Work that comes faster than workers fork makes
    larger jobs, not more of them.
    """

    enqueue: Enqueue
    jobs: Mapping[str, Callable[[list[int]], None]]
    rounds: Sequence[Round] = ROUNDS
    is_full: Callable[[str], bool] = lambda _name: False
    _held: dict[str, float] = field(default_factory=dict)
    _given: dict[tuple[str, int], float] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)

    def give(self, name: str, ids: Sequence[int], single: bool = False, patience: float = PATIENCE_SECONDS) -> None:
        """Give the job `name` these ids, without those that a worker has just got; one job for all, or one each.

        A job for one id alone never stands back: it keeps a promise to one person.
        """
        moment = clock.now().timestamp()
        self._given = {key: until for key, until in self._given.items() if moment < until}
        fresh = [id_ for id_ in ids if (name, id_) not in self._given]
        batches = [[id_] for id_ in fresh] if single else [fresh[i : i + BATCH] for i in range(0, len(fresh), BATCH)]
        for batch in batches:
            if not single and self._holds_back(name, moment):
                return
            if self.enqueue(name, batch):
                self._given.update({(name, id_): moment + patience for id_ in batch})
                continue
            try:
                self.jobs[name](batch)
            except Exception as error:
                log.exception("job failed in the clock process", job=name, ids=batch)
                remember_failure(name, batch, error)
            finally:
                let_go()

    def _holds_back(self, name: str, moment: float) -> bool:
        if not self.is_full(name):
            self._held.pop(name, None)
            return False
        if moment - self._held.setdefault(name, moment) < LONGEST_HOLD_SECONDS:
            return True
        del self._held[name]
        return False

    def react(self) -> None:
        """Give away every journal entry that waits for its reactions, until none is left."""
        after = 0
        while ids := journal.unannounced(BATCH, after):
            let_go()
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
                    let_go()
        return max(0.0, min(self._next.values(), default=moment + 1) - clock.now().timestamp())
