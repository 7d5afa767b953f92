"""Operators who write up after each call for as long as people do, and are ready again."""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from helpdesk.identity.models import Staff
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import db, transaction
from helpdesk.telephony import presence
from helpdesk.telephony.models import Presence
from helpdesk.telephony.rules import PresenceState
from tests.exchange import Exchange
from tests.people import Town, employ

_PROMPT = re.compile(r"\bP\d\d")
BACK_TO_WORK = (PresenceState.BREAK, PresenceState.OFFLINE)


class Manned(Exchange):
    """An exchange with `operators` people at the city's desk, who write for `writes` (least, most) seconds."""

    def __init__(
        self, app: Flask, town: Town, operators: int, seed: int, writes: tuple[float, float], **values: Any
    ) -> None:
        self.dice = random.Random(seed)
        self._writes = writes
        self._written: dict[int, datetime] = {}
        super().__init__(app, seed=seed, **values)
        with app.app_context(), transaction():
            self.crew = [self._employed(number, town) for number in range(operators)]

    def languages_of(self, _number: int) -> list[str]:
        """What each of them speaks."""
        return ["kk", "ru"]

    def _employed(self, number: int, town: Town) -> Staff:
        name, languages = f"Operator {number}", self.languages_of(number)
        return employ(name, f"operator{number}@1450.test", languages, (Role.OPERATOR, town.city))

    def _say_that_they_are_there(self) -> None:
        """Heartbeats; who has written up takes the next call."""
        now, ids = self.clock.now(), [person.id for person in self.operators]
        with transaction():
            there = update(Presence).where(Presence.staff_id.in_(ids), Presence.state != PresenceState.OFFLINE)
            db.session.execute(there.values(heartbeat_at=now))
            for row in db.session.scalars(
                select(Presence)
                .where(Presence.staff_id.in_(ids), Presence.state.in_((PresenceState.WRAPUP, *BACK_TO_WORK)))
                .execution_options(populate_existing=True)
            ).all():
                if row.state in BACK_TO_WORK or self._has_written(row, now):
                    presence.choose(row.staff_id, PresenceState.READY)

    def _has_written(self, row: Presence, now: datetime) -> bool:
        done = self._written.setdefault(row.staff_id, row.since + timedelta(seconds=self.dice.uniform(*self._writes)))
        if now >= done:
            del self._written[row.staff_id]
        return now >= done


def answers(language: str, topic: str, takes: bool) -> Callable[[int, list[str]], str]:
    """What a caller who listens types, by the last prompt that was heard.

    A language, a topic and its subtopic, a callback or not where one is offered, and 1 when we call back.
    """
    keys = {"P00": language, "P02": topic, "P03": "1", "P07": "1" if takes else "3", "P11": "1"}
    keys["P47"] = keys["P07"]

    def typed(_turn: int, heard: list[str]) -> str:
        last = next((found[0] for clip in reversed(heard) if (found := _PROMPT.search(clip))), "")
        return keys.get(last, "")

    return typed
