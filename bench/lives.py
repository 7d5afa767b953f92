"""What happened to each ticket of the figures: rows of every table that it leaves behind, from dice that repeat."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp
from pathlib import Path
from random import Random
from typing import Any

import helpdesk.demo
from bench.texts import Text, written
from helpdesk.audit.models import JournalEntry
from helpdesk.contacts.models import Contact, ContactEmail, ContactPhone
from helpdesk.demo.names import person, phone
from helpdesk.intake.models import Receipt
from helpdesk.kernel.db import Base
from helpdesk.kernel.i18n import fold, sort_key
from helpdesk.kernel.words import EDITION, lexemes, name_words
from helpdesk.organizations.models import Desk
from helpdesk.routing.rules import CategoryValues, Circumstances, Routed, route
from helpdesk.search.models import TicketWords
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.rules import Profile, Promise, promise
from helpdesk.telephony.models import Call, Leg
from helpdesk.telephony.rules import CallState, LegRole, LegState, Outcome
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import PAUSED, UNFINISHED, Channel, MessageKind, Resolution, TicketState, ticket_number

Rows = dict[type[Base], list[dict[str, Any]]]

UNFINISHED_SHARE = 0.04
CONTACTS_PER_TICKET = 0.4
# Five on average: many matters are settled with one question and an answer or two, others are talked about for weeks.
MESSAGES = ((1, 0.10), (2, 0.15), (3, 0.20), (4, 0.20), (6, 0.17), (10, 0.13), (20, 0.05))
CHANNELS = ((Channel.PHONE, 0.45), (Channel.WEB, 0.35), (Channel.EMAIL, 0.12), (Channel.MESSENGER, 0.08))
STATES = (
    (TicketState.NEW, 0.3),
    (TicketState.OPEN, 0.45),
    (TicketState.WAITING_REQUESTER, 0.2),
    (TicketState.WAITING, 0.05),
)
_STORIES = json.loads((Path(helpdesk.demo.__file__).parent / "tickets.json").read_text(encoding="utf-8"))


_SYLLABLES = [first + second for first in "bdgkmnrs" for second in "aiou"][:16]


def _words(subject: str, said: Iterable[Text]) -> dict[str, Any]:
    """What helpdesk/search/actions.py would write, without reading the same sentences again and again."""
    heavy = lexemes(subject)
    light = frozenset[str]().union(*(text.lexemes for text in said)) - heavy
    weighed = [f"'{one}':1A" for one in heavy] + [f"'{one}'" for one in light]
    return {"words": " ".join(weighed), "edition": EDITION}


@dataclass(frozen=True)
class Ground:
    """What the tickets stand on: desks with their calendars and staff, categories, profiles."""

    desks: Sequence[Desk]
    calendars: dict[int, Calendar]
    staff: dict[int, list[int]]
    categories: Sequence[CategoryValues]
    profiles: dict[str, Profile]


@dataclass
class Lives:
    """Deals lives to tickets 1 … `total` over the year before `now`; ids are numbered here, from one each."""

    ground: Ground
    total: int
    now: datetime
    dice: Random = field(default_factory=lambda: Random(1450))
    serials: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    ids: dict[type[Base], int] = field(default_factory=lambda: defaultdict(int))

    def contacts(self) -> Iterator[Rows]:
        """The people, each with a telephone and every second with an address."""
        for id_ in range(1, self.people + 1):
            language = self.dice.choice(("kk", "ru"))
            name = person(language, self.dice)
            rows: Rows = defaultdict(list)
            rows[Contact] = [
                {
                    "id": id_, "name": name, "sort_key": sort_key(name), "search": fold(name), "language": language,
                    "name_words": " ".join(name_words(name)),
                    "region_id": self.dice.choice(self.ground.desks).organization.region_id,
                    "created_at": self.now - timedelta(days=self.dice.randint(1, 700)),
                }
            ]  # fmt: skip
            rows[ContactPhone] = [{"id": id_, "contact_id": id_, "number": phone(id_)}]
            if id_ % 2:
                rows[ContactEmail] = [{"id": id_, "contact_id": id_, "address": f"person{id_}@bench.1450"}]
            yield rows

    @property
    def people(self) -> int:
        """How many contacts there are."""
        return max(1, int(self.total * CONTACTS_PER_TICKET))

    def tickets(self) -> Iterator[Rows]:
        """The tickets, oldest first, each with what was said and what happened."""
        year = timedelta(days=365)
        for id_ in range(1, self.total + 1):
            # an id later in the table came later, and the last of them just now
            at = self.now - year * (1 - id_ / (self.total + 1)) - timedelta(seconds=self.dice.random())
            yield self._ticket(id_, at)

    def _ticket(self, id_: int, at: datetime) -> Rows:
        dice, ground = self.dice, self.ground
        desk = dice.choice(ground.desks)
        category = dice.choice(ground.categories)
        channel, story = self._drawn(CHANNELS), dice.choice(_STORIES)
        routed = route(category, Circumstances(), None)
        promised = promise(ground.profiles[routed.profile], ground.calendars[desk.id], at, routed.statutory_days)
        state = self._state(id_)
        said = self._drawn(MESSAGES) if state is not TicketState.NEW else 1
        answered = at + timedelta(minutes=dice.expovariate(1 / 90)) if said > 1 else None
        settled = (answered or at) + timedelta(hours=dice.expovariate(1 / 20)) if state not in UNFINISHED else None
        worker = dice.choice(ground.staff[desk.id]) if state is not TicketState.NEW else None
        self.serials[at.year] += 1
        ticket: dict[str, Any] = {
            "id": id_, "number": ticket_number(at.year, self.serials[at.year]), "channel": channel, "state": state,
            "subject": story["text"][:79], "queue": routed.queue, "priority": routed.priority,
            "priority_reasons": {"reasons": [list(reason) for reason in routed.reasons]},
            "category_code": category.code, "profile": routed.profile, "level": routed.level,
            "language": story["language"], "desk_id": desk.id, "region_id": desk.organization.region_id,
            "organization_id": desk.id, "contact_id": dice.randint(1, self.people), "assignee_id": worker,
            "created_at": at, "updated_at": settled or answered or at, "first_responded_at": answered,
            "resolved_at": settled, "closed_at": settled if state is TicketState.CLOSED else None,
            "resolution": dice.choice(tuple(Resolution)) if settled else None,
        }  # fmt: skip
        ticket |= _clocks(promised, routed, state, answered, settled, self.now)
        rows: Rows = defaultdict(list, {Ticket: [ticket]})
        rows[Receipt].append({"key": f"bench:{id_}", "ticket_id": id_, "message_id": None, "received_at": at})
        texts = [written(story["language"], dice, f"{story['text']} Логин: {self._login()}")]
        texts += [written(story["language"], dice) for _ in range(said - 1)]
        self._speak(rows, ticket, texts, answered, settled)
        rows[TicketWords].append(_words(ticket["subject"], texts) | {"ticket_id": id_, "desk_id": desk.id})
        self._note(rows, ticket, answered, settled)
        if channel is Channel.PHONE:
            self._ring(rows, ticket, at)
        return rows

    def _login(self) -> str:
        """A word that few tickets share: one of 64,000."""
        return "".join(self.dice.choice(_SYLLABLES) for _ in range(4))

    def _state(self, id_: int) -> TicketState:
        """The older a matter, the rarer it is still open; with this fall, UNFINISHED_SHARE of all of them are."""
        age = 1 - id_ / self.total
        if self.dice.random() < exp(-age / UNFINISHED_SHARE):
            return self._drawn(STATES)
        return TicketState.RESOLVED if age < 0.02 else TicketState.CLOSED

    def _speak(
        self,
        rows: Rows,
        ticket: dict[str, Any],
        texts: Sequence[Text],
        answered: datetime | None,
        settled: datetime | None,
    ) -> None:
        end = settled or self.now
        begin = answered or ticket["created_at"]
        for turn, text in enumerate(texts):
            asks = turn % 2 == 0
            at = ticket["created_at"] if turn == 0 else begin + (end - begin) * ((turn - 1) / len(texts))
            kind = MessageKind.CALL if turn == 0 and ticket["channel"] is Channel.PHONE else MessageKind.PUBLIC
            rows[Message].append(
                {
                    "id": self._next(Message), "ticket_id": ticket["id"], "kind": kind, "from_requester": asks,
                    "staff_id": None if asks else ticket["assignee_id"], "created_at": at,
                    "body": text.body,
                }
            )  # fmt: skip

    def _note(self, rows: Rows, ticket: dict[str, Any], answered: datetime | None, settled: datetime | None) -> None:
        at, worker = ticket["created_at"], ticket["assignee_id"]
        happened = [("ticket.opened", at, "requester", ticket["contact_id"], {"channel": ticket["channel"].value})]
        if worker:
            happened.append(("ticket.assigned", answered or at, "staff", worker, {"staff_id": worker}))
        for message in rows[Message][1:]:
            kind = "ticket.heard" if message["from_requester"] else "ticket.replied"
            happened.append((kind, message["created_at"], "staff", worker, {"message_id": message["id"]}))
        if settled:
            reason = {"resolution": ticket["resolution"].value}
            happened.append(("ticket.resolved", settled, "staff", worker, reason))
        for kind, moment, actor, actor_id, details in happened:
            rows[JournalEntry].append(
                {
                    "id": self._next(JournalEntry), "at": moment, "kind": kind, "actor_kind": actor,
                    "actor_id": actor_id, "ticket_id": ticket["id"], "desk_id": ticket["desk_id"],
                    "details": details, "announced_at": moment,
                }
            )  # fmt: skip

    def _ring(self, rows: Rows, ticket: dict[str, Any], at: datetime) -> None:
        call_id = self._next(Call)
        sid, ended = f"CA{call_id:032x}", at + timedelta(minutes=4)
        rows[Call].append(
            {
                "id": call_id, "sid": sid, "from_number": phone(ticket["contact_id"]), "to_number": "1450",
                "desk_id": ticket["desk_id"], "contact_id": ticket["contact_id"], "ticket_id": ticket["id"],
                "language": ticket["language"], "queue": ticket["queue"], "state": CallState.ENDED,
                "outcome": Outcome.HANDLED, "started_at": at, "queued_at": at + timedelta(seconds=40),
                "connected_at": at + timedelta(seconds=70), "ended_at": ended,
            }
        )  # fmt: skip
        rows[Leg].append(
            {
                "id": self._next(Leg), "sid": sid, "call_id": call_id, "role": LegRole.CALLER,
                "state": LegState.COMPLETED, "started_at": at, "answered_at": at, "ended_at": ended, "heard_at": ended,
            }
        )  # fmt: skip

    def _drawn(self, shares: Sequence[tuple[Any, float]]) -> Any:
        values, weights = zip(*shares, strict=True)
        return self.dice.choices(values, weights)[0]

    def _next(self, model: type[Base]) -> int:
        self.ids[model] += 1
        return self.ids[model]


def _clocks(
    promised: Promise,
    routed: Routed,
    state: TicketState,
    answered: datetime | None,
    settled: datetime | None,
    now: datetime,
) -> dict[str, Any]:
    """The due times as `tickets.deadlines` would have left them."""
    first, resolution = promised.first_response_due_at, promised.resolution_due_at
    paused = state in PAUSED and promised.pausable
    running = state in UNFINISHED and not paused
    late_answer = first is not None and (answered or now) > first
    late_end = resolution is not None and (settled or now) > resolution and not paused
    due = first if answered is None and first is not None else resolution
    waiting = [first if answered is None and not late_answer else None, None if late_end else resolution]
    return {
        "first_response_due_at": first,
        "resolution_due_at": resolution,
        "statutory_due_at": promised.statutory_due_at,
        "control_due_at": promised.control_due_at,
        "derivation": promised.derivation,
        "due_at": due if running else None,
        "breach_at": min((moment for moment in waiting if moment), default=None) if running else None,
        "paused_at": now if paused else None,
        "resolution_left": 3600 if paused and resolution else None,
        "response_breached_at": first if late_answer else None,
        "resolution_breached_at": resolution if late_end else None,
    }
