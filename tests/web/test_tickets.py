"""The page of a ticket: what it tells, whom it tells it to, and what its forms do."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import CARRIER, SYSTEM, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.intake.incoming import IncomingFile
from helpdesk.kernel import store
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.i18n import spoken
from helpdesk.routing.rules import Queue
from helpdesk.tickets import actions
from helpdesk.tickets.models import Attachment, Message, Ticket, TicketPause
from helpdesk.tickets.rules import MessageKind, Resolution, TicketState
from helpdesk.web.history import SENTENCES, sentence
from helpdesk.web.tickets import VERBS
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import GULNAR_PHONE, SignIn, Town


@pytest.fixture
def ticket(town: Town, set_clock: SetClock) -> Ticket:
    """Filed on Monday at 10:00 for school 905 by Гүлнар."""
    return filed(organization_id=town.school905.id, phones=(GULNAR_PHONE,), name="Гүлнар Ахметова").ticket


@pytest.fixture
def aigul(town: Town, sign_in: SignIn, set_clock: SetClock) -> FlaskClient:
    return sign_in(town.aigul)


def again(ticket: Ticket) -> Ticket:
    """The ticket as it stands in the database now."""
    session().expire_all()
    return session().get_one(Ticket, ticket.id)


def do(browser: FlaskClient, ticket: Ticket, verb: str, **form: object) -> int:
    """Send one form of the page; the status of the answer."""
    return browser.post(f"/tickets/{ticket.number}/{verb}", data=form).status_code


def looks(ticket: Ticket) -> list[JournalEntry]:
    """The looks at a ticket that were noted."""
    query = select(JournalEntry).where(JournalEntry.ticket_id == ticket.id, JournalEntry.kind == "ticket.viewed")
    return list(session().scalars(query.order_by(JournalEntry.id)))


# ── what the page tells ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_names_the_ticket_the_person_and_what_is_promised_and_why(aigul: FlaskClient, ticket: Ticket) -> None:
    with_language = aigul.get(f"/tickets/{ticket.number}")
    page = with_language.text
    assert with_language.status_code == 200
    assert ticket.number in page
    assert "Гүлнар Ахметова" in page
    assert "+7 (709) 000-00-01" in page
    assert "Бірінші жауап мерзімі: бүгін 14:00" in page
    assert "жұмыс минуты: 240" in page
    assert "Есептің басы: бүгін 10:00" in page


def test_the_title_and_the_address_say_the_number_and_never_a_name_or_a_telephone(
    aigul: FlaskClient, ticket: Ticket
) -> None:
    page = aigul.get(f"/tickets/{ticket.number}").text
    assert f"<title>{ticket.number} · 1450</title>" in page


def test_the_timeline_tells_messages_and_events_in_the_order_in_which_they_happened(
    aigul: FlaskClient, ticket: Ticket, town: Town, set_clock: SetClock
) -> None:
    by = staff(town.aigul.id)
    with transaction():
        found = session().get_one(Ticket, ticket.id)
        for act in (
            lambda: journal.note("call.started", by=CARRIER, ticket_id=ticket.id, call_id=1),
            lambda: journal.note("call.answered", by=by, ticket_id=ticket.id, call_id=1, staff_id=town.aigul.id),
            lambda: journal.note("call.ended", by=CARRIER, ticket_id=ticket.id, call_id=1, outcome="handled"),
            lambda: actions.reply(found, "Құпиясөз жаңартылды", by),
            lambda: actions.note(found, "Мектепке айту керек", by),
            lambda: actions.wait(found, by, "растау коды"),
            lambda: journal.note("callback.missed", by=SYSTEM, ticket_id=ticket.id, callback_id=1, result="busy"),
            lambda: actions.resolve(found, Resolution.SOLVED, by),
        ):
            set_clock.forward(minutes=1)
            act()
    page = aigul.get(f"/tickets/{ticket.number}").text
    told = [
        "Өтініш тіркелді, арна: веб-нысан",
        "Kundelik құпиясөзін",
        "Қоңырау түсті",
        "Қоңырауға жауап берген: Айгүл Қасымова",
        "Қоңырау аяқталды: оператор жауап берді",
        "Құпиясөз жаңартылды",
        "Мектепке айту керек",
        "Күйі: өтініш берушіден жауап күтілуде",
        "Кері қоңырау талпынысы сәтсіз: бос емес",
        "Шешілді: Мәселе шешілді",
    ]
    timeline = page[page.index('id="timeline"') :]
    places = [timeline.index(words) for words in told]
    assert places == sorted(places)
    assert "entry--note" in timeline
    assert "entry--in" in timeline
    assert "entry--out" in timeline
    assert "растау коды" in page


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_sentence_about_an_event_can_be_said_with_nothing_but_its_ids(app: Flask, language: str) -> None:
    with spoken(language):
        for kind in SENTENCES:
            said = sentence(JournalEntry(kind=kind, details={}, actor_kind="system", actor_id=None), {})
            assert said is not None
            assert "%(" not in said


def test_quoted_text_is_folded_and_what_was_typed_as_markup_stays_text(aigul: FlaskClient, town: Town) -> None:
    made = filed(organization_id=town.school905.id, text="<script>alert(1)</script>", quoted="> бұрынғы хат").ticket
    page = aigul.get(f"/tickets/{made.number}").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert '<details class="quoted">' in page


def test_of_a_persons_tickets_at_other_desks_only_the_number_of_them_is_known(
    aigul: FlaskClient, ticket: Ticket, town: Town, sign_in: SignIn
) -> None:
    earlier = filed(organization_id=town.school905.id, phones=(GULNAR_PHONE,), text="Бұрынғы сұрақ").ticket
    secret = filed(organization_id=town.school911.id, phones=(GULNAR_PHONE,), text="Басқа мектептегі іс").ticket
    page = aigul.get(f"/tickets/{ticket.number}").text
    assert earlier.number in page
    assert secret.number not in page
    assert "Басқа мектептегі іс" not in page
    assert "Басқа қызметтерде: 1" in page
    assert secret.number in sign_in(town.asel).get(f"/tickets/{ticket.number}").text


def test_a_ticket_of_ten_messages_costs_at_most_ten_statements_and_a_restricted_one_too(
    town: Town, sign_in: SignIn, set_clock: SetClock
) -> None:
    browser, by = sign_in(town.erlan), staff(town.aigul.id)
    for code in ("T03", "C07"):
        for number in range(30):
            filed(organization_id=town.school905.id, phones=(GULNAR_PHONE,), name=f"Ата-ана {number}")
        files = tuple(IncomingFile(f"{n}.png", "image/png", "0" * 64, 1000) for n in range(3))
        made = filed(organization_id=town.school905.id, phones=(GULNAR_PHONE,), category_code=code, files=files).ticket
        with transaction():
            found = session().get_one(Ticket, made.id)
            for number in range(10):
                actions.reply(found, f"Жауап {number}", by)
            actions.wait(found, by)
        browser.get(f"/tickets/{made.number}")
        with counted_statements() as seen:
            assert browser.get(f"/tickets/{made.number}").status_code == 200
        assert len(seen) <= 10, seen


# ── whom it tells it to ───────────────────────────────────────────────────────────────────────────────────────────


def test_another_desks_ticket_is_not_found_for_every_page_and_every_verb(
    ticket: Ticket, town: Town, sign_in: SignIn, app: Flask
) -> None:
    with transaction():
        digest = store.put(app.extensions["settings"].var_dir, b"x")
        message = session().scalars(select(Message).where(Message.ticket_id == ticket.id)).one()
        session().add(Attachment(message_id=message.id, digest=digest, name="a.txt", content_type="text/plain", size=1))
    file = session().scalars(select(Attachment)).one()
    bekzat = sign_in(town.bekzat)
    assert bekzat.get(f"/tickets/{ticket.number}").status_code == 404
    assert bekzat.get(f"/tickets/{ticket.number}/files/{file.id}").status_code == 404
    for verb in VERBS:
        form = {"body": "мен", "note": "мен", "resolution": "solved", "category": "T03", "version": ticket.version}
        assert do(bekzat, ticket, verb, **form) == 404, verb
    assert again(ticket).version == ticket.version
    assert session().scalars(select(Message).where(Message.ticket_id == ticket.id)).one() is message


def test_a_file_is_found_through_its_own_ticket_only_and_is_never_shown_inside_a_page(
    aigul: FlaskClient, ticket: Ticket, town: Town, app: Flask
) -> None:
    digest = store.put(app.extensions["settings"].var_dir, b"<html>hello</html>")
    file = IncomingFile("сурет.html", "text/html", digest, 18)
    other = filed(organization_id=town.school905.id, files=(file,)).ticket
    id_ = session().scalars(select(Attachment.id)).one()
    assert aigul.get(f"/tickets/{ticket.number}/files/{id_}").status_code == 404
    answer = aigul.get(f"/tickets/{other.number}/files/{id_}")
    assert answer.data == b"<html>hello</html>"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_whose_content_is_gone_is_not_found(aigul: FlaskClient, town: Town) -> None:
    other = filed(organization_id=town.school905.id, files=(IncomingFile("a.png", "image/png", "f" * 64, 1),)).ticket
    id_ = session().scalars(select(Attachment.id)).one()
    assert aigul.get(f"/tickets/{other.number}/files/{id_}").status_code == 404


@pytest.mark.parametrize("code", ["M28", "C01", "C07", "T44", "S06"])
def test_a_restricted_ticket_is_shown_to_named_roles_and_each_look_is_noted(
    town: Town, sign_in: SignIn, set_clock: SetClock, code: str
) -> None:
    made = filed(organization_id=town.school905.id, category_code=code).ticket
    assert sign_in(town.aigul).get(f"/tickets/{made.number}").status_code == 404
    assert looks(made) == []
    for _ in range(2):
        assert sign_in(town.erlan).get(f"/tickets/{made.number}").status_code == 200
    assert [one.actor_id for one in looks(made)] == [town.erlan.id] * 2


def test_a_look_at_an_ordinary_ticket_is_not_noted(aigul: FlaskClient, ticket: Ticket) -> None:
    aigul.get(f"/tickets/{ticket.number}")
    assert looks(ticket) == []


# ── what its forms do ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_is_said_to_the_requester_and_leads_back_to_the_ticket_in_its_list(
    aigul: FlaskClient, ticket: Ticket
) -> None:
    form = {"body": "Сәлеметсіз бе!", "version": 1, "view": "mine", "language": "kk"}
    answer = aigul.post(f"/tickets/{ticket.number}/reply", data=form)
    assert answer.status_code == 303
    assert answer.location == f"/tickets/{ticket.number}?view=mine&language=kk"
    said = session().scalars(select(Message).order_by(Message.id.desc())).first()
    assert said is not None
    assert (said.body, said.kind, said.from_requester) == ("Сәлеметсіз бе!", MessageKind.PUBLIC, False)
    assert again(ticket).first_responded_at is not None


def test_a_note_stays_inside(aigul: FlaskClient, ticket: Ticket) -> None:
    assert do(aigul, ticket, "note", note="Мектепке айту керек", version=1) == 303
    said = session().scalars(select(Message).order_by(Message.id.desc())).first()
    assert said is not None
    assert said.kind is MessageKind.NOTE
    assert again(ticket).first_responded_at is None


def test_a_ticket_is_taken_given_to_a_colleague_and_given_back(aigul: FlaskClient, ticket: Ticket, town: Town) -> None:
    do(aigul, ticket, "take")
    assert again(ticket).assignee_id == town.aigul.id
    do(aigul, ticket, "assign", staff_id=town.svetlana.id)
    assert again(ticket).assignee_id == town.svetlana.id
    do(aigul, ticket, "assign", staff_id="nobody")
    assert again(ticket).assignee_id is None


def test_a_ticket_is_not_given_to_somebody_of_another_desk(aigul: FlaskClient, ticket: Ticket, town: Town) -> None:
    assert do(aigul, ticket, "assign", staff_id=town.bekzat.id) == 404
    assert do(aigul, ticket, "assign", staff_id="x") == 404
    assert again(ticket).assignee_id is None


def test_waiting_stops_the_clock_with_its_reason_and_going_on_lets_it_run(
    aigul: FlaskClient, ticket: Ticket, set_clock: SetClock
) -> None:
    due = ticket.resolution_due_at
    assert due is not None
    do(aigul, ticket, "wait", reason="растау коды", waits_for="waiting_requester")
    assert again(ticket).state is TicketState.WAITING_REQUESTER
    assert session().scalars(select(TicketPause)).one().reason == "растау коды"
    set_clock.forward(hours=1)
    do(aigul, ticket, "resume")
    assert again(ticket).state is TicketState.OPEN
    assert again(ticket).resolution_due_at == due + timedelta(hours=1)
    do(aigul, ticket, "wait", waits_for="waiting")
    assert again(ticket).state is TicketState.WAITING


def test_a_ticket_is_resolved_with_a_reason_and_opened_again(aigul: FlaskClient, ticket: Ticket) -> None:
    assert do(aigul, ticket, "resolve", resolution="", body="Дайын") == 422
    assert again(ticket).state is TicketState.NEW
    assert do(aigul, ticket, "resolve", resolution="workaround", body="Дайын") == 303
    assert again(ticket).resolution is Resolution.WORKAROUND
    assert "Қайта ашу" in aigul.get(f"/tickets/{ticket.number}").text
    assert do(aigul, ticket, "reopen") == 303
    assert again(ticket).state is TicketState.OPEN


def test_a_ticket_settled_long_ago_stays_settled_and_a_new_one_goes_on_with_it(
    aigul: FlaskClient, ticket: Ticket, set_clock: SetClock
) -> None:
    do(aigul, ticket, "resolve", resolution="solved")
    set_clock.forward(days=8)
    assert do(aigul, ticket, "reopen") == do(aigul, ticket, "reopen") == 303
    assert again(ticket).state is TicketState.RESOLVED
    new = session().query(Ticket).filter(Ticket.id != ticket.id).one()
    assert (new.contact_id, new.subject, new.state) == (ticket.contact_id, ticket.subject, TicketState.NEW)
    assert new.number in aigul.get(f"/tickets/{ticket.number}").text


def test_the_category_changes_queue_priority_and_clock(aigul: FlaskClient, ticket: Ticket) -> None:
    do(aigul, ticket, "category", category="M14", within_24h="1")
    found = again(ticket)
    assert (found.category_code, found.queue, found.priority.value) == ("M14", Queue.METHODOLOGICAL, "P2")
    do(aigul, ticket, "queue")
    assert again(ticket).queue is Queue.TECHNICAL


def test_an_operator_may_say_that_a_child_is_in_danger_and_only_a_supervisor_that_none_is(
    aigul: FlaskClient, ticket: Ticket, town: Town, sign_in: SignIn
) -> None:
    assert do(aigul, ticket, "category", category="O05") == 303
    assert again(ticket).priority.value == "P0"
    assert do(aigul, ticket, "category", category="M14", lowered_because="all is well") == 422
    assert "lowered_because" not in aigul.get(f"/tickets/{ticket.number}").text
    erlan = sign_in(town.erlan)
    assert 'name="lowered_because"' in erlan.get(f"/tickets/{ticket.number}").text
    assert do(erlan, ticket, "category", category="M14") == 422
    assert again(ticket).priority.value == "P0"
    assert do(erlan, ticket, "category", category="M14", lowered_because="Баланың анасымен сөйлестік") == 303
    assert again(ticket).priority.value == "P3"
    assert "Баланың анасымен сөйлестік" in erlan.get(f"/tickets/{ticket.number}").text


def test_without_a_script_the_words_of_a_category_are_enough_when_only_one_fits(
    aigul: FlaskClient, ticket: Ticket
) -> None:
    assert do(aigul, ticket, "category", category="", category_text="прокторинг") == 303
    assert again(ticket).category_code == "T36"
    assert do(aigul, ticket, "category", category="", category_text="t03 құпиясөз") == 303
    assert again(ticket).category_code == "T03"
    for vague in ("мектеп", "", "жоқ нәрсе"):
        assert do(aigul, ticket, "category", category="", category_text=vague) == 422
    assert do(aigul, ticket, "category", category="T99") == 422
    assert again(ticket).category_code == "T03"


def test_who_makes_a_ticket_restricted_and_may_not_read_it_is_told_and_led_to_the_board(
    aigul: FlaskClient, ticket: Ticket
) -> None:
    answer = aigul.post(f"/tickets/{ticket.number}/category", data={"category": "C07", "view": "mine"})
    assert answer.location == "/board?view=mine"
    assert "тақырыбын оқуға құқығы барларға" in aigul.get("/board").text


def test_a_colleague_who_was_faster_is_a_conflict_and_the_text_is_kept(
    aigul: FlaskClient, ticket: Ticket, town: Town, sign_in: SignIn
) -> None:
    do(sign_in(town.svetlana), ticket, "reply", body="Мен жауап бердім", version=1)
    answer = aigul.post(f"/tickets/{ticket.number}/reply", data={"body": "Менің ұзақ жауабым", "version": 1})
    assert answer.status_code == 409
    assert "Менің ұзақ жауабым" in answer.text
    assert "Мен жауап бердім" in answer.text
    version = again(ticket).version
    assert f'name="version" value="{version}"' in answer.text
    assert do(aigul, ticket, "reply", body="Менің ұзақ жауабым", version=version) == 303


@pytest.mark.parametrize(
    ("verb", "form"),
    [
        ("resolve", {"resolution": "no such", "body": "Ұзақ түсіндірме"}),
        ("resume", {"body": "Ұзақ түсіндірме"}),
        ("reply", {"body": "  "}),
        ("note", {"note": ""}),
    ],
)
def test_what_the_rules_refuse_changes_nothing_and_says_why(
    aigul: FlaskClient, ticket: Ticket, verb: str, form: dict[str, str]
) -> None:
    answer = aigul.post(f"/tickets/{ticket.number}/{verb}", data=form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    if verb == "resolve":
        assert "Ұзақ түсіндірме" in answer.text
    assert again(ticket).version == 1


def test_a_verb_that_does_not_exist_is_not_found(aigul: FlaskClient, ticket: Ticket) -> None:
    assert do(aigul, ticket, "delete") == 404


def test_a_number_with_a_wrong_digit_is_not_found(aigul: FlaskClient, ticket: Ticket) -> None:
    wrong = ticket.number[:-1] + str((int(ticket.number[-1]) + 1) % 10)
    assert aigul.get(f"/tickets/{wrong}").status_code == 404
    assert aigul.get("/tickets/nonsense").status_code == 404
