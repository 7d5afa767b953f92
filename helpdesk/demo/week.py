"""A week at the desks: sixty matters that people brought, and what became of them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor, requester, staff
from helpdesk.callbacks import actions as callbacks
from helpdesk.contacts.rules import RequesterRole
from helpdesk.demo.names import person, phone
from helpdesk.demo.places import Places
from helpdesk.intake.accept import accept
from helpdesk.intake.incoming import Incoming
from helpdesk.kernel import clock
from helpdesk.kernel.db import db, session, transaction
from helpdesk.organizations.models import Organization
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState, Outcome
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Channel, MessageKind, Resolution

ZONE = ZoneInfo("Asia/Almaty")
DAYS = 7

ANSWERS = {
    "kk": (
        "Сәлеметсіз бе! Өтінішіңізді алдық, мектеп әкімшісіне тапсырдық. Бүгін жауап береміз.",
        "Мәселе шешілді: кіру деректері жаңартылды. Тағы сұрақ болса, 1450 нөміріне хабарласыңыз.",
    ),
    "ru": (
        "Здравствуйте! Мы получили ваше обращение и передали его администратору школы. Ответим сегодня.",
        "Вопрос решён: данные для входа обновлены. Если что-то не получится, позвоните по номеру 1450.",
    ),
}
QUESTIONS = {"kk": "Мектеп пен сыныпты жазып жіберіңізші.", "ru": "Напишите, пожалуйста, школу и класс."}
THANKS = {"kk": "Рақмет! Бәрі ашылды.", "ru": "Спасибо! Всё открылось."}


@dataclass(frozen=True)
class _Matter:
    serial: int
    language: str
    channel: Channel
    source: str
    category: str
    role: RequesterRole
    text: str


def build(places: Places, say: Callable[[str], None]) -> None:
    """Let the week happen, each step at its moment; the last hours are today's."""
    now = clock.now()
    dice = Random(1450)  # noqa: S311  (a story, not a secret)
    matters = _matters()
    for matter in matters:
        _happen(matter, places, _moment(matter.serial, len(matters), now), now, dice)
        if matter.serial % 20 == 19:
            say(f"  {matter.serial + 1} of {len(matters)} tickets")
    _urgent(places, matters, now)
    _promises(places, matters, now)


def _matters() -> list[_Matter]:
    rows = json.loads((Path(__file__).parent / "tickets.json").read_text(encoding="utf-8"))
    return [
        _Matter(
            serial,
            row["language"],
            Channel(row["channel"]),
            row["source"],
            row["category"],
            RequesterRole(row["role"]),
            row["text"],
        )
        for serial, row in enumerate(rows)
    ]


def _moment(serial: int, total: int, now: datetime) -> datetime:
    """Spread over the week before `now`, between 08:00 and 18:00 of each day, never in the future."""
    day = (now.astimezone(ZONE) - timedelta(days=DAYS - serial * DAYS // total)).date()
    minutes = 8 * 60 + (serial * 37) % 600
    return datetime.combine(day, time(minutes // 60, minutes % 60), ZONE)


def _place(matter: _Matter, places: Places) -> Organization:
    if matter.role is RequesterRole.STUDENT:
        return places.college if matter.serial % 2 else places.university
    return places.schools[matter.serial % len(places.schools)]


def _incoming(matter: _Matter, at: datetime, desk_id: int | None, place: Organization, key: str, name: str) -> Incoming:
    by_mail = matter.channel is Channel.EMAIL
    return Incoming(
        key=key,
        channel=matter.channel,
        received_at=at,
        language=matter.language,
        text=matter.text,
        name=name,
        role=matter.role,
        phones=() if by_mail else (phone(100 + matter.serial),),
        emails=(f"parent{matter.serial}@example.org",) if by_mail else (),
        organization_id=place.id,
        desk_id=desk_id,
        category_code=matter.category,
        source=matter.source,
        kind=MessageKind.CALL if matter.channel is Channel.PHONE else MessageKind.PUBLIC,
    )


def _happen(matter: _Matter, places: Places, at: datetime, now: datetime, dice: Random) -> None:
    place = _place(matter, places)
    # every third matter was brought to the city's own desk, where the demo's operators sit
    desk_id = places.city.id if matter.serial % 3 == 0 else None
    with clock.told_by(lambda: at), transaction():
        incoming = _incoming(matter, at, desk_id, place, f"demo:{matter.serial}", person(matter.language, dice))
        ticket = accept(incoming, requester()).ticket
        if matter.channel is Channel.PHONE:
            _call(ticket, phone(100 + matter.serial), at, places)
    worker = staff(places.staff["aruzhan" if matter.language == "kk" else "natalya"].id)
    _answer(ticket.id, matter, worker, at, now, dice)
    db.session.remove()


def _answer(ticket_id: int, matter: _Matter, worker: Actor, at: datetime, now: datetime, dice: Random) -> None:
    """What the desk did about it: what is older than a day is settled or waits for the requester, the rest is in work.

    Answers keep their terms: whatever is late in this town is late on purpose (`_urgent`).
    """
    fate = dice.random()
    fresh = now - at < timedelta(days=1)
    first = at + timedelta(minutes=dice.randint(3, 12))
    if first > now or (fresh and fate > 0.6):
        return
    with clock.told_by(lambda: first), transaction():
        ticket = session().get_one(Ticket, ticket_id)
        tickets.assign(ticket, worker.id, worker)
        if fate > 0.85:
            tickets.reply(ticket, QUESTIONS[matter.language], worker)
            tickets.wait(ticket, worker)
            return
        tickets.reply(ticket, ANSWERS[matter.language][0], worker)
    done = first + timedelta(minutes=dice.randint(5, 200))
    if fresh or done > now:
        return
    with clock.told_by(lambda: done), transaction():
        ticket = session().get_one(Ticket, ticket_id)
        solved = Resolution.ANSWERED if matter.category.startswith("M") else Resolution.SOLVED
        tickets.resolve(ticket, solved, worker, ANSWERS[matter.language][1])
    later = done + timedelta(minutes=20)
    if fate < 0.1:
        with clock.told_by(lambda: later), transaction():
            ticket = session().get_one(Ticket, ticket_id)
            tickets.add_message(ticket, MessageKind.PUBLIC, THANKS[matter.language], from_requester=True)


def _call(ticket: Ticket, number: str, at: datetime, places: Places) -> None:
    ended = at + timedelta(minutes=3, seconds=10)
    call = Call(
        sid=f"CAdemo{ticket.id:026d}",
        from_number=number,
        to_number="1450",
        desk_id=ticket.desk_id,
        contact_id=ticket.contact_id,
        ticket_id=ticket.id,
        language=ticket.language,
        queue=ticket.queue,
        state=CallState.ENDED,
        outcome=Outcome.HANDLED,
        started_at=at,
        queued_at=at + timedelta(seconds=31),
        connected_at=at + timedelta(seconds=55),
        ended_at=ended,
    )
    session().add(call)
    session().flush()
    about = {"ticket_id": ticket.id, "call_id": call.id, "desk_id": ticket.desk_id}
    answering = staff(places.staff["aruzhan" if ticket.language == "kk" else "natalya"].id)
    journal.note("call.started", by=requester(ticket.contact_id), at=at, **about)
    journal.note("call.answered", by=answering, at=at + timedelta(seconds=55), **about)
    journal.note("call.ended", by=requester(ticket.contact_id), at=ended, **about)


def _urgent(places: Places, matters: list[_Matter], now: datetime) -> None:
    """At the desk that never closes: one promise broken an hour ago, one about to break in ten minutes."""
    for text_of, ago in ((matters[1], timedelta(hours=5)), (matters[32], timedelta(hours=3, minutes=50))):
        at = now - ago
        matter = _Matter(text_of.serial + 1000, text_of.language, Channel.WEB, "", "T03", text_of.role, text_of.text)
        with clock.told_by(lambda moment=at: moment), transaction():  # type: ignore[misc]
            key = f"demo:urgent:{matter.serial}"
            accept(_incoming(matter, at, places.city.id, places.schools[4], key, ""), requester())
        db.session.remove()


def _promises(places: Places, matters: list[_Matter], now: datetime) -> None:
    """Callbacks that wait for tomorrow morning, as operators agreed with people."""
    tomorrow = datetime.combine((now.astimezone(ZONE) + timedelta(days=1)).date(), time(10), ZONE)
    phoned = [matter for matter in matters if matter.channel is Channel.PHONE][:4]
    for serial, matter in enumerate(phoned):
        with transaction():
            incoming = _incoming(matter, now, places.city.id, places.schools[0], f"demo:promise:{serial}", "")
            ticket = accept(incoming, requester()).ticket
            moment = tomorrow + timedelta(minutes=15 * serial)
            callbacks.request(callbacks.wish_about(ticket, phone(500 + serial), "operator", not_before=moment))
        db.session.remove()
