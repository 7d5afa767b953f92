"""Three hundred consoles in one web process: from the moment an offer is written until its card is on the screen.

Every page does what its scripts do: it says each ten seconds that it is there, fetches its card when it is told to, and
looks after tickets of its desks within the time that it is given. Calls come by signed webhooks into the same process,
two a second; the clock process holds them out; operators answer, talk, and are ready again.
"""

import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import psycopg

from bench import calls, crew, servers
from bench.calls import Script, Webhook
from bench.figures import webhooks
from bench.load import Wrong
from bench.servers import HOST, Grounds
from bench.streams import Asking, Streams
from bench.table import Row, percentile
from helpdesk.kernel.redis import Line

NAME = "consoles"
WHAT = "from an offer to its card, 300 consoles in one process, 2 offers a second"
AIMS: dict[str, float] = {"p99 at 300": 500, "memory MB at 300": 150}
CLIENTS = (300,)
SECONDS = 60.0

EVERY = 0.5
ANSWERS_AFTER, TALKS = 1.5, 8.0
HEARTBEAT = 10.0
_NUMBER = f"SELECT n.number FROM desk_numbers n JOIN organizations o ON o.id = n.desk_id WHERE o.id = ({crew.REGION})"
_OFFERS = "SELECT id, token, extract(epoch FROM created_at)::float FROM offers WHERE created_at >= to_timestamp(%s)"
_SHOWN = re.compile(r'data-offer="([^"]+)"')


def measured(grounds: Grounds, clients: int, seconds: float, _most: int | None) -> Row:
    """The figure: events and cards of all offers of `seconds`; memory and processor of the one web process."""
    bare = _floor(grounds, clients, min(seconds / 3, 10.0))
    operators = crew.at_work(grounds, clients, crew.REGION, "1 minute")
    with servers.web(grounds) as (port, (pid,)), servers.clock(grounds):
        pages = _Pages(port, operators)
        carrier = get_context("fork").Process(target=_bring, args=(grounds, port, operators, seconds), daemon=True)
        try:
            pages.all_open(clients)
            spent, began = servers.processor([pid]), time.time()
            carrier.start()
            time.sleep(seconds)
            used, memory = servers.processor([pid]) - spent, servers.memory(pid)
        finally:
            carrier.terminate()
            carrier.join()
            pages.close()
    if pages.streams.lost:
        raise Wrong(f"{pages.streams.lost} streams ended")
    with psycopg.connect(grounds.conninfo) as connection:
        # the last ones may still have been on their way
        offers = [row for row in connection.execute(_OFFERS, (began,)) if row[2] < began + seconds - 2]
    if not offers:
        raise Wrong("no offer was made")
    events, cards = _since(offers, 0, pages.events), _since(offers, 1, pages.cards)
    return Row(
        figure=NAME,
        clients=clients,
        requests=len(offers),
        per_second=round(len(offers) / (seconds - 2), 1),
        p50=percentile(cards, 50),
        p95=percentile(cards, 95),
        p99=percentile(cards, 99),
        floor_per_second=0,
        floor_before=0,
        floor_after=0,
        ratio=0,
        steps={
            "event": (percentile(events, 50), percentile(events, 99)),
            "card": (percentile(cards, 50), percentile(cards, 99)),
            **bare,
        },
        notes={
            "memory MB": memory,
            "processor %": round(used / seconds * 100, 1),
            "pages' requests a second": round(pages.asking.asked / seconds, 1),
        },
    )


def _since(offers: list[Any], column: int, moments: dict[Any, float]) -> list[float]:
    if missing := [row for row in offers if row[column] not in moments]:
        raise Wrong(f"{len(missing)} of {len(offers)} offers never came to a console")
    return [moments[row[column]] - row[2] for row in offers]


class _Pages:
    """The open pages, each with what its scripts do."""

    def __init__(self, port: int, operators: list[crew.Operator]) -> None:
        self.events: dict[int, float] = {}
        self.cards: dict[str, float] = {}
        self._opened: set[int] = set()
        self._planned: dict[int, float] = defaultdict(float)
        self._operators = operators
        self.asking = Asking(port)
        for number, one in enumerate(operators):
            self._alive(one, time.time() + HEARTBEAT * number / len(operators))
        self.streams = Streams(port, [("/events", one.cookie) for one in operators], self._hear)

    def all_open(self, count: int) -> None:
        """Wait until each page has its stream. Raises Wrong."""
        deadline = time.time() + 60
        while len(self._opened) < count:
            if time.time() > deadline:
                raise Wrong(f"{len(self._opened)} of {count} streams are open")
            time.sleep(0.1)

    def close(self) -> None:
        self.streams.close()
        self.asking.close()

    def _alive(self, one: crew.Operator, at: float) -> None:
        headers = {"Cookie": f"session={one.cookie}", "X-CSRFToken": one.csrf}
        self.asking.ask(at, "POST", "/calls/heartbeat", headers, lambda _page, _at: self._alive(one, at + HEARTBEAT))

    def _hear(self, number: int, event: str, data: str, at: float) -> None:
        if event == "ready":
            self._opened.add(number)
        elif event == "away":
            self.asking.wrong.append("a page was sent away")
        elif event == "desks":
            self._look(number, json.loads(data), at)
        elif event == "message":
            fact = json.loads(data)
            offered = fact["kind"] == "call.offered"
            if offered:
                self.events[fact["offer_id"]] = at
            self._card(number, at if offered else at + 0.08)

    def _card(self, number: int, at: float) -> None:
        def shown(page: str, when: float) -> None:
            if (found := _SHOWN.search(page)) is not None:
                self.cards.setdefault(found[1], when)

        self.asking.ask(at, "GET", "/calls/card", self._page(number), shown)

    def _look(self, number: int, said: dict[str, Any], at: float) -> None:
        """The board: tickets that it does not show are asked for later, those of one time together."""
        if not said.get("tickets") or self._planned[number] > at:
            return
        self._planned[number] = at + 0.3 + random.random() * said["spread"] * 5 / 1000
        only = ",".join(map(str, said["tickets"]))
        self.asking.ask(self._planned[number], "GET", f"/board/rows?only={only}", self._page(number))

    def _page(self, number: int) -> dict[str, str]:
        return {"Cookie": f"session={self._operators[number].cookie}", "X-Requested-With": "fetch"}


def _bring(grounds: Grounds, port: int, operators: list[crew.Operator], seconds: float) -> None:
    """The carrier: a new call every half second, each webhook at its moment."""
    one = webhooks.Carrier(port, HOST, operators={who.staff_id: who for who in operators}, conninfo=grounds.conninfo)
    with psycopg.connect(grounds.conninfo) as connection:
        (number,) = connection.execute(_NUMBER).fetchone() or ("",)
    began = time.time()
    going: list[tuple[float, Script, Webhook | None]] = []
    brought = 0
    while (now := time.time()) < began + seconds:
        if now >= began + brought * EVERY:
            script = calls.inbound(one.dice, one.seek, one.ready, number, give_up=0)
            going.append((now, script, next(script)))
            brought += 1
        ripe = [turn for turn in going if turn[0] <= now]
        going = [turn for turn in going if turn[0] > now]
        for _, script, webhook in ripe:
            answer = calls.tell(one, webhook) if webhook is not None else ""
            try:
                following = script.send(answer)
            except StopIteration:
                continue
            going.append((time.time() + _pause(webhook, following), script, following))
        time.sleep(0.01)


def _pause(before: Webhook | None, following: Webhook | None) -> float:
    """How long people and prompts take between two webhooks, in seconds."""
    if following is not None and following.step == "operator":
        return ANSWERS_AFTER
    if following is not None and following.form.get("StatusCallbackEvent") == "participant-leave":
        return TALKS if before is not None and before.form.get("StatusCallbackEvent") == "participant-join" else 0.05
    return 0.1


def _floor(grounds: Grounds, clients: int, seconds: float) -> dict[str, tuple[float, float]]:
    """The same with next to nothing to do: one INSERT, one bare stream among as many, one bare page."""
    heard: dict[str, float] = {}
    seen: dict[str, float] = {}
    with servers.web(grounds, "bench.floors:app") as (port, _):
        asking = Asking(port, threads=2)

        def hear(_number: int, event: str, data: str, at: float) -> None:
            if event == "message":
                heard[data] = at
                asking.ask(at, "GET", "/hello", {}, lambda _page, when: seen.update({data: when}))

        streams = Streams(port, [(f"/stream/{number}", "") for number in range(clients)], hear)
        time.sleep(2)
        told = _tell(grounds, clients, seconds)
        time.sleep(0.5)
        streams.close()
        asking.close()
    kinds: dict[str, Callable[[str], float]] = {"floor: event": heard.__getitem__, "floor: page": seen.__getitem__}
    found = {}
    for kind, moment in kinds.items():
        took = [moment(key) - at for key, at in told.items()]
        found[kind] = (percentile(took, 50), percentile(took, 99))
    return found


def _tell(grounds: Grounds, clients: int, seconds: float) -> dict[str, float]:
    told = {}
    with psycopg.connect(grounds.conninfo) as connection:
        line = Line(grounds.redis_url)
        deadline = time.time() + seconds
        while time.time() < deadline:
            number = random.randrange(clients)
            key = f"{number}.{len(told)}"
            told[key] = time.time()
            connection.execute("INSERT INTO bench_floor (said) VALUES (%s)", (key,))
            connection.commit()
            line.client.publish("floor", key)
            time.sleep(EVERY)
    return told
