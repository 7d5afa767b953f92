"""What the desk of school 905 has that is nobody else's business, with a word in it that no stranger may ever read."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from helpdesk.administration import imports, tokens
from helpdesk.administration.models import FailedJob
from helpdesk.administration.tokens import Wanted
from helpdesk.audit.actor import SYSTEM, Actor, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.contacts.actions import meet
from helpdesk.contacts.rules import RequesterRole
from helpdesk.identity.models import Staff
from helpdesk.identity.passkey_models import Passkey
from helpdesk.identity.queries import asker
from helpdesk.intake import mailboxes, mailroom
from helpdesk.intake.incoming import IncomingFile
from helpdesk.intake.mailbox_rules import Encryption
from helpdesk.intake.models import Mailbox
from helpdesk.jobs.mail import file_mail
from helpdesk.kernel import clock, settings, store
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.kernel.sealed import seal
from helpdesk.knowledge import actions as articles
from helpdesk.knowledge.actions import Draft
from helpdesk.knowledge.models import ArticleUse
from helpdesk.notifications import hooks, notices
from helpdesk.notifications.hook_rules import DeliveryState
from helpdesk.notifications.notice_models import Notice
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desk
from helpdesk.privacy.models import Breach, Erasure
from helpdesk.privacy.rules import Basis
from helpdesk.routing.rules import Queue
from helpdesk.search import view_actions
from helpdesk.search.view_rules import Scope
from helpdesk.telephony import danger, number_rules
from helpdesk.telephony.conversation_models import NumberEntry, Recording
from helpdesk.telephony.conversation_rules import NumberRule, RecordingKind, RecordingState
from helpdesk.telephony.models import Call, Presence, QueueEntry
from helpdesk.telephony.rules import CallState, EntryKind, Outcome, PresenceState
from helpdesk.telephony.voice_models import VoiceRecording
from helpdesk.tickets import actions, bulk, handovers, linking, merging, tags
from helpdesk.tickets.answer_models import CannedAnswer
from helpdesk.tickets.board_rules import Order
from helpdesk.tickets.bulk_rules import BulkVerb
from helpdesk.tickets.handover_rules import Way
from helpdesk.tickets.handovers import Errand
from helpdesk.tickets.models import Attachment, Ticket
from helpdesk.tickets.opinion_models import Opinion
from helpdesk.tickets.tag_models import Tag
from helpdesk.tickets.tie_rules import LinkKind
from tests.callbacks.promises import promised
from tests.factories import filed
from tests.people import Town

# Stands in every text below, as one Kazakh word that no page of ours has.
SECRET = "қызғалдақша"
PHONE = "+77090000905"
RUDE = "+77090000666"
SOUND = b"RIFF a voice message"

LETTER = f"""From: {SECRET}@parents.test
To: 905@1450.test
Message-ID: <one@parents.test>
Subject: =?utf-8?q?Platform?=
Content-Type: text/plain; charset=utf-8

Kundelik ашылмайды, {SECRET}.
"""


@dataclass(frozen=True)
class Belongings:
    """One of each, by the id that stands in addresses and forms."""

    ticket: str
    ticket_id: int
    linked: str
    merged: str
    restricted: str
    file: int
    callback: int
    message: int
    conversation: int
    letter: int
    alarm: int
    rule: int
    waiting: int
    talking: int
    written_up: int
    operator: int
    desk: int
    district: int
    contact: int
    waits_since: int
    bulk: int
    colleague: int
    import_run: int
    voice: int
    passkey: int
    failed_job: int
    other_job: int
    mailbox: int
    answer: int
    token: int
    hook: int
    delivery: int
    article: int
    draft_article: int
    country_article: int
    view: int
    shared_view: int
    handover: int
    notice: int
    tag: int
    erasure: int
    breach: int

    @property
    def words(self) -> tuple[str, ...]:
        """What betrays one of them on a page that no stranger has any business with."""
        return (SECRET, self.ticket, self.restricted, self.linked, self.merged, PHONE[2:], RUDE[2:])


def belongings(town: Town) -> Belongings:
    """Bring the desk what a day brings, committed."""
    file = IncomingFile(f"{SECRET}.txt", "text/plain", store.put(settings.current().var_dir, b"a file"), 6)
    about = {
        "organization_id": town.school905.id,
        "name": f"Жанар {SECRET}",
        "phones": (PHONE,),
        "text": f"{SECRET} Kundelik құпиясөзі",
    }
    ticket = filed(**about, files=(file,)).ticket
    restricted, linked, merged = (filed(**about).ticket for _ in range(3))
    by = staff(town.aigul.id)
    with transaction():
        actions.note(session().get_one(Ticket, ticket.id), f"ескертпе {SECRET}", by)
        actions.reply(session().get_one(Ticket, ticket.id), f"жауап {SECRET}", by)
        actions.recategorise(session().get_one(Ticket, restricted.id), "T44", by)
        up = Errand(Way.UP, f"себеп {SECRET}", desk(town.district.id))
        handover = handovers.hand_on(session().get_one(Ticket, linked.id), up, staff(town.svetlana.id)).id
        actions.assign(session().get_one(Ticket, linked.id), town.aigul.id, by)
        linking.link(session().get_one(Ticket, ticket.id), session().get_one(Ticket, linked.id), LinkKind.RELATED, by)
        merging.merge(session().get_one(Ticket, merged.id), session().get_one(Ticket, ticket.id), by)
    token, hook, delivery = _other_systems(town)
    callback = promised(session().get_one(Ticket, ticket.id), PHONE)
    letter = _letter()
    _opinion(ticket)
    with transaction():
        ended = _call(ticket, "ended", CallState.ENDED, town.aigul)
        message = _recording(ended, ticket, RecordingKind.VOICEMAIL)
        conversation = _recording(ended, ticket, RecordingKind.CONVERSATION)
        _call(restricted, "restricted", CallState.ENDED, town.aigul)
        waiting = _call(ticket, "waiting", CallState.QUEUED)
        _place(waiting)
        talking = _call(ticket, "talking", CallState.CONNECTED, town.svetlana)
        _presence(town.svetlana, PresenceState.TALKING, talking)
        written_up = _call(ticket, "written-up", CallState.ENDED, town.aigul)
        _presence(town.aigul, PresenceState.WRAPUP, written_up)
        alarm = danger.raise_alarm(talking, by)
        supervisor = asker(town.erlan.id)
        assert supervisor is not None
        number_rules.add(supervisor, RUDE, NumberRule.BLOCKED, f"себеп {SECRET}", None)
    return Belongings(
        ticket=ticket.number,
        ticket_id=ticket.id,
        linked=linked.number,
        merged=merged.number,
        restricted=restricted.number,
        file=session().scalars(select(Attachment.id)).one(),
        callback=callback.id,
        message=message.id,
        conversation=conversation.id,
        letter=letter,
        alarm=alarm.id,
        rule=session().scalars(select(NumberEntry.id)).one(),
        waiting=waiting.id,
        talking=talking.id,
        written_up=written_up.id,
        operator=town.aigul.id,
        desk=town.school905.id,
        district=town.district.id,
        contact=ticket.contact_id or 0,
        waits_since=int(waiting.started_at.timestamp()),
        bulk=_work(town, ticket),
        colleague=town.svetlana.id,
        import_run=_list(town),
        voice=_voice(town),
        passkey=_passkey(town),
        failed_job=_broken_job("one"),
        other_job=_broken_job("two"),
        mailbox=_mailbox(town),
        answer=_answer(town),
        token=token,
        hook=hook,
        delivery=delivery,
        article=_article(town.district.id, published=True),
        draft_article=_article(town.district.id, published=False),
        country_article=_used_article(ticket),
        view=_view(town, Scope.DESK, town.erlan),
        shared_view=_view(town, Scope.BELOW, town.erlan),
        handover=handover,
        notice=_notice(town, linked),
        tag=_tag(ticket, by),
        erasure=_erased(town),
        breach=_breach(town),
    )


def _tag(ticket: Ticket, by: Actor) -> int:
    with transaction():
        tags.put_on(session().get_one(Ticket, ticket.id), f"{SECRET}белгі", by)
    return session().scalars(select(Tag.id)).one()


def _notice(town: Town, ticket: Ticket) -> int:
    with transaction():
        actions.note(session().get_one(Ticket, ticket.id), f"@{town.aigul.name} {SECRET}", staff(town.svetlana.id))
    with transaction():
        query = select(JournalEntry).where(JournalEntry.ticket_id == ticket.id, JournalEntry.kind == "ticket.noted")
        notices.mention(session().scalars(query.order_by(JournalEntry.id)).all())
    return session().scalars(select(Notice.id).where(Notice.staff_id == town.aigul.id)).one()


def _letter() -> int:
    with transaction():
        raw_id = mailroom.store(LETTER.encode(), f"{SECRET}@parents.test", ["905@1450.test"])
    file_mail([raw_id])
    return raw_id


def _work(town: Town, ticket: Ticket) -> int:
    operator = asker(town.aigul.id)
    assert operator is not None
    with transaction():
        return bulk.begin(operator, BulkVerb.ASSIGN, {"staff_id": None}, [ticket.number]).id


def _list(town: Town) -> int:
    administrator = asker(town.admin.id)
    assert administrator is not None
    with transaction():
        return imports.check(administrator, f"{SECRET}.csv", "\r\n".join(imports.template()).encode()).id


def _voice(town: Town) -> int:
    row = VoiceRecording(
        organization_id=town.school905.id,
        piece_id="P00",
        language="kk",
        digest="0" * 64,
        file_name=f"{SECRET}.wav",
        seconds=1.0,
        by_id=town.admin.id,
        made_at=clock.now(),
    )
    with transaction():
        session().add(row)
    return row.id


def _passkey(town: Town) -> int:
    row = Passkey(
        staff_id=town.asel.id,
        credential_id=b"a device",
        public_key=b"of hers",
        sign_count=0,
        name=SECRET,
        made_at=clock.now(),
    )
    with transaction():
        session().add(row)
    return row.id


def _broken_job(key: str) -> int:
    row = FailedJob(key=key, job="file_mail", ids={"ids": [1]}, error=SECRET, failed_at=clock.now())
    with transaction():
        session().add(row)
    return row.id


def _mailbox(town: Town) -> int:
    row = Mailbox(
        desk_id=town.school905.id,
        address=f"{SECRET}@school.test",
        host="127.0.0.1",
        port=143,
        encryption=Encryption.NONE,
        login=SECRET,
        password=seal(settings.current().ticket_key, mailboxes.PURPOSE, "a password"),
        folder="INBOX",
        takes_old=False,
        active=False,
        created_at=clock.now(),
        next_attempt_at=clock.now(),
    )
    with transaction():
        session().add(row)
    return row.id


def _other_systems(town: Town) -> tuple[int, int, int]:
    """A token, a webhook, and what was sent there."""
    administrator = asker(town.admin.id)
    assert administrator is not None
    reads = Wanted(f"Портал {SECRET}", town.aigul.email, town.district.id, ("tickets:read",), None)
    with transaction():
        token, _ = tokens.make(administrator, reads)
        hook, _ = hooks.add(
            administrator, hooks.Wanted("https://hooks.example.org/", town.district.id, ("ticket.created",))
        )
        hooks.switch(administrator, hook.id, False)
        delivery = hooks.test(administrator, hook.id)
        delivery.state = DeliveryState.FAILED
    return token.id, hook.id, delivery.id


def _answer(town: Town) -> int:
    titles = {f"title_{language}": SECRET for language in LANGUAGES}
    bodies = {f"body_{language}": f"{SECRET} {language}" for language in LANGUAGES}
    row = CannedAnswer(organization_id=town.district.id, changed_at=clock.now(), **titles, **bodies)
    with transaction():
        session().add(row)
    return row.id


def _article(organization_id: int, published: bool) -> int:
    texts = {code: f"{SECRET} құпиясөз" for code in LANGUAGES}
    draft = Draft(texts, texts, published=published, category_codes=("T03",))
    with transaction():
        return articles.save(None, session().get_one(Organization, organization_id), draft, SYSTEM)


def _opinion(ticket: Ticket) -> None:
    row = Opinion(entry_id=1, ticket_id=ticket.id, desk_id=ticket.desk_id, queue=ticket.queue, words=SECRET)
    # a week later, when the walk begins
    row.asked_at = clock.now() + timedelta(days=6)
    with transaction():
        session().add(row)


def _used_article(ticket: Ticket) -> int:
    texts = dict.fromkeys(LANGUAGES, "Платформа")
    with transaction():
        made = articles.save(None, None, Draft(texts, texts, published=True, category_codes=("T03",)), SYSTEM)
        session().add(ArticleUse(article_id=made, ticket_id=ticket.id, at=clock.now()))
        session().flush()
    return made


def _view(town: Town, scope: Scope, by: Staff) -> int:
    draft = view_actions.Draft(f"{SECRET} {scope}", "lang:kk", Order.DUE, scope, clock.now().date(), set())
    with transaction():
        return view_actions.save(None, town.district, draft, staff(by.id), None).id


def _erased(town: Town) -> int:
    """The act of somebody else who had asked at the same school."""
    with transaction():
        other = meet("Бұрынғы", RequesterRole.PARENT, "kk")
        session().flush()
        row = Erasure(contact_id=other.id, organization_id=town.district.id, staff_id=town.dana.id)
        row.basis, row.created_at = Basis.DEMAND, clock.now()
        session().add(row)
    return row.id


def _breach(town: Town) -> int:
    row = Breach(organization_id=town.school905.id, what=SECRET, noticed_at=clock.now(), report_by=clock.now())
    with transaction():
        session().add(row)
    return row.id


def _call(ticket: Ticket, sid: str, state: CallState, operator: Staff | None = None) -> Call:
    now = clock.now()
    ended = state is CallState.ENDED
    call = Call(
        sid=f"CA{sid}",
        from_number=PHONE,
        to_number="+77272000905",
        desk_id=ticket.desk_id,
        contact_id=ticket.contact_id,
        ticket_id=ticket.id,
        language="kk",
        queue=Queue.TECHNICAL,
        state=state,
        outcome=Outcome.HANDLED if ended else None,
        operator_id=operator.id if operator else None,
        conference=f"call-{sid}" if operator else None,
        started_at=now,
        queued_at=now,
        connected_at=now if operator else None,
        ended_at=now if ended else None,
    )
    session().add(call)
    session().flush()
    return call


def _place(call: Call) -> None:
    now = clock.now()
    place = QueueEntry(
        kind=EntryKind.LIVE,
        desk_id=call.desk_id,
        queue=Queue.TECHNICAL,
        language="kk",
        call_id=call.id,
        virtual_at=now,
        joined_at=now,
    )
    session().add(place)
    session().flush()


def _presence(person: Staff, state: PresenceState, call: Call) -> None:
    now = clock.now()
    session().add(Presence(staff_id=person.id, state=state, since=now, heartbeat_at=now, call_id=call.id))
    session().flush()


def _recording(call: Call, ticket: Ticket, kind: RecordingKind) -> Recording:
    now = clock.now()
    row = Recording(
        call_id=call.id,
        ticket_id=ticket.id,
        kind=kind,
        state=RecordingState.IMPORTED,
        stored=store.put(settings.current().var_dir, SOUND),
        created_at=now,
        completed_at=now,
        imported_at=now,
    )
    session().add(row)
    session().flush()
    return row
