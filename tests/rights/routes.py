"""Every address of the house, and who may reach what behind it. A new route belongs into one of these tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.rights.belongings import PHONE, SECRET, Belongings

Values = Callable[[Belongings], dict[str, Any]]


def nothing(_: Belongings) -> dict[str, Any]:
    """No parameter at all."""
    return {}


@dataclass(frozen=True)
class Object:
    """A route to one thing: `by` (a name of the town) opens it, to everybody else's staff it does not exist.

    `address` fills the address, `form` what is sent. The owner opens them in the order of the table.
    """

    by: str
    address: Values = nothing
    form: Values = nothing


@dataclass(frozen=True)
class List:
    """A page of many things: `by` reads `shows` on it, nobody else's staff does, whichever `asks` they put to it."""

    by: str
    shows: Callable[[Belongings], str]
    asks: tuple[Values, ...] = field(default=(nothing,))


def _ticket(has: Belongings) -> dict[str, Any]:
    return {"number": has.ticket}


def _number(has: Belongings) -> str:
    return has.ticket


def _secret(_: Belongings) -> str:
    return SECRET


def _of(name: str, attribute: str) -> Values:
    return lambda has: {name: getattr(has, attribute)}


def _say(**form: Any) -> Values:
    return lambda _: form


def _in_that_week(**asked: str) -> Values:
    return _say(**{"from": "2026-11-23", "to": "2026-11-29"}, **asked)


OBJECTS: dict[str, Object] = {
    "tickets.ticket": Object("aigul", _ticket),
    "tickets.attachment": Object("aigul", lambda has: {"number": has.ticket, "attachment_id": has.file}),
    "tickets.act": Object("aigul", lambda has: {"number": has.ticket, "verb": "note"}, _say(note="x")),
    "drafts.show": Object("aigul", _ticket),
    "drafts.keep": Object("aigul", _ticket, _say(kind="note", body="x")),
    "bulk.begin": Object(
        "aigul", form=lambda has: {"which": "chosen", "number": has.ticket, "verb": "note", "note": "x"}
    ),
    "bulk.show": Object("aigul", _of("bulk_id", "bulk")),
    "bulk.act": Object("aigul", lambda has: {"bulk_id": has.bulk, "what": "undo"}),
    "saved_views.edit": Object("erlan", _of("view_id", "view")),
    "saved_views.change": Object("erlan", _of("view_id", "view"), _say(name="x", filter="", sorted_by="due")),
    "saved_views.arrange": Object("aigul", form=lambda has: {"up": has.shared_view}),
    "saved_views.delete": Object("erlan", _of("view_id", "view")),
    "saved_views.restore": Object("erlan", _of("view_id", "view")),
    "shift.theirs": Object("erlan", _of("staff_id", "operator")),
    # nothing chosen: the page says so to whoever may see it
    "shift.give_back_theirs": Object("erlan", _of("staff_id", "operator")),
    "callbacks.ask": Object("aigul", _ticket),
    "callbacks.promise": Object("aigul", _ticket, _say(number="+77090000001")),
    "callbacks.call_now": Object("aigul", _of("callback_id", "callback")),
    "callbacks.cancel": Object("aigul", _of("callback_id", "callback")),
    "conversations.wrap_up": Object("aigul", _of("call_id", "written_up"), _say(code="resolved")),
    "conversations.more_time": Object("aigul", _of("call_id", "written_up")),
    "danger.acknowledge": Object("erlan", _of("alarm_id", "alarm")),
    "mail.original": Object("erlan", _of("raw_id", "letter")),
    "mail.read_again": Object("erlan", _of("raw_id", "letter")),
    "numbers.lift": Object("erlan", _of("entry_id", "rule")),
    "recordings.recording": Object("aigul", _of("recording_id", "message")),
    "recordings.sound": Object("aigul", _of("recording_id", "message")),
    "recordings.say_why": Object("erlan", _of("recording_id", "conversation"), _say(reason="quality")),
    "floor.supervise": Object("erlan", _of("call_id", "talking"), _say(mode="listen")),
    "floor.move": Object("erlan", _of("call_id", "waiting"), _say(front="1")),
    "floor.end": Object("erlan", _of("call_id", "waiting")),
    "floor.send": Object("erlan", _of("staff_id", "operator"), _say(state="break", note="lunch")),
    # the desk stands in the form
    "floor.close_queue": Object(
        "erlan", form=lambda has: {"desk": has.desk, "queue": "technical", "reason": "the platform is down"}
    ),
    "floor.reopen_queue": Object(
        "erlan",
        form=lambda has: {"desk": has.desk, "queue": "technical"},
    ),
    "articles.article": Object("erlan", _of("article_id", "draft_article")),
    "articles.for_ticket": Object("aigul", _ticket),
    "articles.into_reply": Object("aigul", _ticket, _of("article", "article")),
    "article_writing.edit": Object("erlan", _of("article_id", "article")),
    "article_writing.change": Object("erlan", _of("article_id", "article")),
    "article_writing.version": Object("erlan", lambda has: {"article_id": has.article, "version": 1}),
    "answers.edit": Object("erlan", _of("answer_id", "answer")),
    "answers.change": Object("erlan", _of("answer_id", "answer")),
    "answers.choose": Object("aigul", _ticket, _of("answer", "answer")),
    "answers.send": Object("aigul", lambda has: {"number": has.ticket, "answer_id": has.answer}, _say(body="x")),
    "ties.ask_about_family": Object("aigul", _ticket),
    "ties.file_family": Object("aigul", _ticket),
    "ties.link": Object("aigul", _ticket, lambda has: {"other": has.linked, "kind": "related"}),
    "ties.unlink": Object("aigul", _ticket, _of("other", "linked")),
    "ties.choose": Object("aigul", _ticket),
    "ties.merge": Object("aigul", _ticket, _of("other", "linked")),
    "ties.choose_messages": Object("aigul", _ticket),
    "ties.split": Object("aigul", _ticket),
    "tags.suggest": Object("aigul", _ticket),
    "tags.take_off": Object("aigul", _ticket),
    "tags.tag": Object("admin", _of("tag_id", "tag")),
    "tags.rename": Object("admin", _of("tag_id", "tag")),
    "tags.merge": Object("admin", _of("tag_id", "tag")),
    "notifications.colleagues": Object("aigul", _of("number", "linked")),
    "notifications.open_one": Object("aigul", _of("notice_id", "notice")),
    "notifications.read": Object("aigul", _of("notice_id", "notice")),
    "handovers.choose": Object("aigul", _of("number", "linked")),
    "handovers.suggest": Object("aigul", _of("number", "linked")),
    "handovers.acknowledge": Object("aigul", _of("number", "linked")),
    "handovers.show": Object("aigul", _of("handover_id", "handover")),
    "handovers.take_back": Object("aigul", _of("handover_id", "handover")),
    "handovers.send_back": Object("aigul", _of("number", "linked"), _say(return_reason="x")),
    "handovers.hand_on": Object("aigul", _of("number", "linked"), _say(way="up", reason="")),
    "ties.take_apart": Object("aigul", _ticket, _of("other", "merged")),
    # a person is erased last, so that the others find one
    "privacy.person": Object("dana", _of("contact_id", "contact")),
    "privacy.export": Object("dana", _of("contact_id", "contact")),
    "privacy.act": Object("dana", _of("erasure_id", "erasure")),
    "privacy.erase": Object("dana", _of("contact_id", "contact")),
    "breaches.breach": Object("dana", _of("breach_id", "breach")),
    "breaches.change": Object("dana", _of("breach_id", "breach"), _say(what="x", version="1")),
    "breaches.people_told": Object("dana", _of("breach_id", "breach")),
    # administration; whoever is sent away comes last
    "categories.category": Object("admin", _say(code="T03")),
    "categories.save": Object("admin", _say(code="T03")),
    "desks.desk": Object("admin", _of("desk_id", "desk")),
    "desks.save": Object("admin", _of("desk_id", "desk")),
    "desks.set_day": Object("admin", _of("desk_id", "desk"), _say(day="2026-12-31", intervals="09:00-12:00")),
    "desks.drop_day": Object("admin", _of("desk_id", "desk"), _say(day="2026-12-31")),
    "failed_jobs.retry": Object("admin", _of("job_id", "failed_job")),
    "failed_jobs.dismiss": Object("admin", _of("job_id", "other_job")),
    "hooks.edit": Object("admin", _of("hook_id", "hook")),
    "hooks.change": Object("admin", _of("hook_id", "hook")),
    "hooks.switch": Object("admin", _of("hook_id", "hook")),
    "hooks.test": Object("admin", _of("hook_id", "hook")),
    "hooks.redeliver": Object("admin", lambda has: {"hook_id": has.hook, "delivery_id": has.delivery}),
    "tokens.revoke": Object("admin", _of("token_id", "token")),
    "imports.run": Object("admin", _of("run_id", "import_run")),
    "imports.start": Object("admin", _of("run_id", "import_run")),
    "imports.undo": Object("admin", _of("run_id", "import_run")),
    "passkeys.remove": Object("asel", _of("passkey_id", "passkey")),
    "voices.prompts": Object("admin", _of("organization_id", "desk")),
    "voices.piece": Object("admin", lambda has: {"organization_id": has.desk, "piece_id": "P00", "said_in": "kk"}),
    "voices.record": Object("admin", lambda has: {"organization_id": has.desk, "piece_id": "P00", "said_in": "kk"}),
    "voices.drop": Object("admin", lambda has: {"organization_id": has.desk, "piece_id": "P00", "said_in": "kk"}),
    "voices.again": Object("admin", lambda has: {"organization_id": has.desk, "recording_id": has.voice}),
    "mailboxes.edit": Object("admin", _of("mailbox_id", "mailbox")),
    "mailboxes.change": Object("admin", _of("mailbox_id", "mailbox")),
    "mailboxes.switch": Object("admin", _of("mailbox_id", "mailbox")),
    "mailboxes.test": Object("admin", _of("mailbox_id", "mailbox")),
    "organizations.organization": Object("admin", _of("organization_id", "desk")),
    "organizations.addition": Object("admin", _of("organization_id", "desk")),
    "organizations.add": Object("admin", _of("organization_id", "desk")),
    "organizations.change": Object("admin", _of("organization_id", "desk")),
    "organizations.move": Object("admin", _of("organization_id", "desk")),
    "organizations.close": Object("admin", _of("organization_id", "desk")),
    "organizations.open_again": Object("admin", _of("organization_id", "desk")),
    "staff.person": Object("admin", _of("staff_id", "colleague")),
    "staff.change": Object("admin", _of("staff_id", "colleague")),
    "staff.give": Object("admin", _of("staff_id", "colleague")),
    "staff.take": Object(
        "admin", _of("staff_id", "colleague"), lambda has: {"role": "operator", "organization": has.district}
    ),
    "staff.link": Object("admin", _of("staff_id", "colleague")),
    "staff.remove_second_factor": Object("admin", _of("staff_id", "colleague")),
    "staff.sign_out": Object("admin", _of("staff_id", "colleague")),
    "staff.deactivate": Object("admin", _of("staff_id", "colleague")),
    "staff.activate": Object("admin", _of("staff_id", "colleague")),
}

_PLACE = _of("place", "desk")


def _in_that_week_of_the_journal(_: Belongings) -> dict[str, Any]:
    return {"since": "2026-11-23", "until": "2026-11-29"}


LISTS: dict[str, List] = {
    "board.board": List(
        "aigul",
        _number,
        (nothing, _of("desk", "desk"), _say(view="mine"), _say(view="breached"), _say(queue="technical")),
    ),
    "board.rows": List("aigul", _number, (nothing, _of("only", "ticket_id"))),
    "answers.answers": List("erlan", _secret),
    "articles.articles": List("erlan", _secret, (nothing, _say(q="құпиясөз"))),
    "articles.suggested": List("aigul", _secret, (_say(text="құпиясөз"), _say(category_text="T03"))),
    "article_figures.report": List("erlan", _secret),
    # an article of the whole country: everybody reads it, but not on whose tickets it was used
    "article_figures.behind": List(
        "erlan",
        _number,
        (lambda has: {"figure": "used", "article": has.country_article, "from": "2026-11-23", "to": "2026-11-29"},),
    ),
    "mailboxes.board": List("admin", _secret),
    "saved_views.views": List("aigul", _secret),
    "notifications.told": List("aigul", lambda has: has.linked, (_say(all="1"),)),
    "tags.tags": List("admin", _secret),
    "tags.suggest_own": List("admin", _secret),
    "handovers.sent": List("aigul", lambda has: has.linked),
    "shift.mine": List("aigul", lambda has: has.linked),
    "shift.people": List("erlan", lambda has: f'href="/shift/{has.operator}"'),
    "bulk.mine": List("aigul", lambda has: f'href="/bulk/{has.bulk}"'),
    "callbacks.board": List("aigul", _number, (nothing, _say(view="ended"))),
    "calls.card": List("aigul", lambda has: f'data-since="{has.waits_since}"'),
    "desks.desks": List("admin", lambda has: f'href="/desks/{has.desk}"'),
    "failed_jobs.failed_jobs": List("admin", _secret),
    "hooks.hooks": List("admin", lambda has: f'href="/hooks/{has.hook}"'),
    "tokens.tokens": List("admin", _secret),
    "imports.imports": List("admin", _secret),
    "privacy.people": List("dana", _secret, (_say(q=SECRET), _say(q=PHONE), _say(q=f"Жанар {SECRET}"))),
    "privacy.acts": List("dana", lambda has: f'href="/privacy/acts/{has.erasure}"'),
    "breaches.log": List("dana", _secret),
    "exports.file": List("admin", _secret, (_say(kind="contacts", form="csv"), _say(kind="staff", form="csv"))),
    "journal.journal": List("admin", _number, (_in_that_week_of_the_journal, _of("number", "ticket"))),
    "journal.export": List("admin", _number, (_in_that_week_of_the_journal,)),
    "opinions.report": List("erlan", lambda has: f"key={has.desk}&amp;figure=asked"),
    "opinions.behind": List("erlan", _number, (lambda has: {"figure": "asked", "by": "desk", "key": has.desk},)),
    "organizations.organizations": List(
        "admin", lambda has: f'href="/organizations/{has.desk}"', (nothing, _say(q="905"))
    ),
    "organizations.suggestions": List("admin", lambda has: f'"{has.desk}"', (_say(q="905"),)),
    "staff.staff": List("admin", lambda has: f'href="/staff/{has.colleague}"', (nothing, _say(q="Ким"))),
    "danger.alarms": List("erlan", lambda has: f'id="alarm-{has.alarm}"'),
    "danger.banner": List("erlan", lambda has: f'data-alarm="{has.alarm}"'),
    "mail.mail": List("erlan", _secret, (nothing, _say(state="filed"))),
    "numbers.numbers": List("erlan", _secret),
    "outbox.outbox": List("aigul", _number),
    "phone_report.behind": List("erlan", _number, (_in_that_week(figure="offered"),)),
    "reports.behind": List("erlan", _number, (_in_that_week(figure="tickets"),)),
    "search.search": List(
        "aigul",
        _secret,
        (
            _of("q", "ticket"),
            _of("q", "restricted"),
            _say(q=SECRET),
            _say(q="құпиясөз"),
            _say(q="Жанар"),
        ),
    ),
    "suggestions.contacts": List("aigul", _secret, (_say(q="Жанар"), _say(q=SECRET))),
    "supervisor.behind": List("erlan", _number, (_say(what="overdue"), _say(what="at_risk"), _say(what="waiting"))),
    "wallboard.wallboard": List("erlan", lambda has: f'id="call-{has.waiting}"'),
}

# Pages of a part of the tree: of another one they do not exist.
PLACES: dict[str, str] = {
    "phone_report.report": "erlan",
    "phone_report.export": "erlan",
    "reports.report": "erlan",
    "reports.export": "erlan",
    "supervisor.board": "erlan",
    "supervisor.behind": "erlan",
    "phone_report.behind": "erlan",
    "reports.behind": "erlan",
    "wallboard.wallboard": "erlan",
    "wallboard.wall": "erlan",
}

# What these do is about the asker alone, or about what they were given already: they name no object.
OWN = frozenset(
    {
        "account.new_codes",
        "passkeys.add",
        "passkeys.offer",
        "account.own",
        "account.password",
        "account.remove",
        "account.sign_out_everywhere",
        "administration.start",
        "answers.create",
        "answers.new",
        "article_writing.create",
        "article_writing.new",
        "bulk.choose",
        "by_hand.form",
        "callbacks.machine",
        "saved_views.create",
        "saved_views.new",
        "notifications.preferences",
        "notifications.read_all",
        "notifications.unread",
        "notifications.wish",
        "shift.give_back",
        "shift.take_next",
        "callbacks.promise_to_caller",
        "calls.change_device",
        "calls.change_presence",
        "calls.decline",
        "calls.hang_up",
        "calls.heartbeat",
        "calls.softphone_token",
        "conversations.cancel",
        "conversations.complete",
        "conversations.hold",
        "conversations.pause",
        "conversations.raise_alarm",
        "categories.categories",
        "floor.leave",
        "hooks.new",
        "imports.template",
        "breaches.new",
        "retention.rules",
        "retention.change",
        "voices.start",
        "tokens.new",
        "mailboxes.new",
        "staff.invitation",
        "numbers.add",
        "suggestions.categories",
        "suggestions.schools",
    }
)

# Shown by tests of their own: a walk cannot say what they must not do.
ELSEWHERE: dict[str, str] = {
    "events.events": "tests/web/test_events.py::test_a_page_hears_of_a_ticket_of_its_desk_and_of_no_other",
    "breaches.add": "tests/privacy/test_breaches.py::test_another_parts_breach_does_not_exist",
    "hooks.add": "tests/web/test_hooks.py::test_what_is_wrong_is_named_and_nothing_typed_is_lost",
    "tokens.make": "tests/web/test_tokens.py::test_what_is_wrong_is_named_and_nothing_typed_is_lost",
    "imports.check": "tests/web/test_imports.py::test_nothing_is_read_outside_ones_own_part",
    "staff.invite": "tests/web/test_staff.py::test_no_role_is_given_above_or_beside_ones_own_part",
    "by_hand.repeated": "tests/web/test_repeats.py::test_what_another_desk_has_is_not_shown",
    "mailboxes.add": "tests/web/test_mailboxes.py::test_another_regions_mailbox_does_not_exist",
    "mailboxes.suggest_desks": "tests/web/test_mailboxes.py::test_another_regions_mailbox_does_not_exist",
    "board.take": "tests/rights/test_walk.py::test_taking_a_strangers_ticket_takes_nothing",
    "by_hand.register": "tests/rights/test_walk.py::test_registering_for_somebody_elses_person_is_refused",
    "conversations.transfer": "tests/web/test_conversations.py::test_colleagues_queues_and_desks_are_found_by_typing",
    "conversations.suggested": "tests/web/test_conversations.py::test_colleagues_queues_and_desks_are_found_by_typing",
}

# Doors of the public, of carriers and of machines: a word of the link, a secret or a signature opens what is behind.
OPEN_BLUEPRINTS = frozenset(
    {
        "public",
        "public_status",
        "public_callbacks",
        "public_consent",
        "public_opinions",
        "help",
        "directory",
        "login",
        "languages",
        "health",
        "prompts",
        "styleguide",
    }
)
# A word that opens once, a code, a session that has yet to prove itself.
OPEN = frozenset(
    {
        "passkeys.ask",
        "oidc.back",
        "oidc.begin",
        "passkeys.sign_in",
        "account.choose",
        "account.code",
        "account.confirm",
        "account.prove",
        "account.set_up",
        "account.welcome",
    }
)
SIGNED_PREFIX = "/twilio/"
# Programs with tokens have a walk of their own: tests/rights/test_api_walk.py.
PROGRAMS_PREFIX = "/api/"
