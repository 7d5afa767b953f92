"""Articles are written, and what comes of them is counted."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.audit.models import JournalEntry
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Conflict, Refused
from helpdesk.kernel.i18n import DEFAULT_ZONE, LANGUAGES, N_
from helpdesk.kernel.words import EDITION
from helpdesk.knowledge.models import Article, ArticleUse, ArticleVersion, ArticleView, ArticleVote
from helpdesk.knowledge.rules import OF_THE_STATE, ArticleState, Audience, ShownAt, languages_of, vector
from helpdesk.organizations.models import Organization
from helpdesk.routing.queries import categories
from helpdesk.tickets.models import Message

LONGEST_TITLE = 160
LONGEST_BODY = 20_000
MOST_CATEGORIES = 20
# Our own link in an answer, whatever the address before it.
_LINK = re.compile(r"/(?:kk|ru|en)/help/(\d{1,18})\b")


@dataclass(frozen=True)
class Draft:
    """An article as it was typed; titles and bodies by language."""

    titles: Mapping[str, str]
    bodies: Mapping[str, str]
    audience: Audience = Audience.PUBLIC
    published: bool = False
    category_codes: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None


def save(known: Article | None, at: Organization | None, draft: Draft, by: Actor, version: int | None = None) -> int:
    """Write an article, new or `known` (locked), for everything below `at`; its id. The text before stays as a version.

    Raises Refused, and Conflict when somebody else changed it meanwhile.
    """
    _check(draft)
    if known is not None and version is not None and version != known.version:
        raise Conflict
    now = clock.now()
    row = known or Article(version=0, created_at=now, author_id=by.id)
    row.organization_id, row.changed_at, row.changed_by = at.id if at is not None else None, now, by.id
    for code in LANGUAGES:
        setattr(row, f"title_{code}", draft.titles[code].strip())
        setattr(row, f"body_{code}", draft.bodies[code].strip())
    row.audience = draft.audience
    row.state = ArticleState.PUBLISHED if draft.published else ArticleState.DRAFT
    row.category_codes = list(draft.category_codes)
    row.valid_from, row.valid_until = draft.valid_from, draft.valid_until
    row.version += 1
    row.words, row.edition = words_of(row), EDITION
    session().add(row)
    session().flush()
    session().add(
        ArticleVersion(article_id=row.id, version=row.version, saved_at=now, saved_by=by.id, content=content(row))
    )
    session().flush()
    journal.note(
        "article.saved", by=by, desk_id=row.organization_id, article_id=row.id, version=row.version, state=row.state
    )
    return row.id


def words_of(article: Article) -> str:
    """What it is found by, with the names of its categories."""
    known = {one.code: one for one in categories()}
    named = [known[code].name(language) for code in article.category_codes if code in known for language in LANGUAGES]
    return vector([*article.titles.values(), *named], article.bodies.values())


def content(article: Article) -> dict[str, object]:
    """Everything that a version keeps."""
    kept: dict[str, object] = {f"title_{code}": text for code, text in article.titles.items()}
    kept |= {f"body_{code}": text for code, text in article.bodies.items()}
    kept |= {"audience": article.audience.value, "state": article.state.value, "categories": article.category_codes}
    return kept | {
        name: day.isoformat() if day else None
        for name, day in (("valid_from", article.valid_from), ("valid_until", article.valid_until))
    }


def shown(article_ids: Sequence[int], where: ShownAt, language: str) -> None:
    """These were put before somebody's eyes. One statement."""
    day = today()
    rows = [
        {"article_id": id_, "day": day, "shown_at": where, "language": language, "times": 1}
        for id_ in sorted(set(article_ids))
    ]
    if rows:
        added = insert(ArticleView).values(rows)
        key = ["article_id", "day", "shown_at", "language"]
        session().execute(added.on_conflict_do_update(index_elements=key, set_={"times": ArticleView.times + 1}))


def vote(article_id: int, who: str, helped: bool, where: ShownAt, language: str) -> None:
    """Somebody says whether it helped; saying it again the same day changes it. `who` is anything that tells visitors
    apart for a day; it is not kept."""
    day = today()
    key = settings.current().ticket_key.encode()
    voter = hmac.new(key, f"article:{day}:{where}:{who}".encode(), hashlib.sha256).hexdigest()
    row = {
        "article_id": article_id,
        "voter": voter,
        "day": day,
        "shown_at": where,
        "language": language,
        "helped": helped,
    }
    said = insert(ArticleVote).values(row)
    session().execute(said.on_conflict_do_update(index_elements=["article_id", "voter"], set_={"helped": helped}))


def note_uses(entries: Sequence[JournalEntry]) -> None:
    """A reaction: answers that carry the link of an article used it. May run twice; two statements."""
    by_message = {entry.details["message_id"]: entry for entry in entries if entry.details.get("message_id")}
    if not by_message:
        return
    said = select(Message.id, Message.body).where(Message.id.in_(by_message), Message.body.contains("/help/"))
    used = [
        (int(id_), by_message[message_id])
        for message_id, body in session().execute(said)
        for id_ in dict.fromkeys(_LINK.findall(body))
    ]
    for id_, entry in used:
        staff_id = entry.actor_id if entry.actor_kind == "staff" else None
        there = select(Article.id, literal(entry.ticket_id), literal(staff_id), literal(entry.at)).where(
            Article.id == id_
        )
        columns = ["article_id", "ticket_id", "staff_id", "at"]
        session().execute(insert(ArticleUse).from_select(columns, there).on_conflict_do_nothing())


def find_anew(limit: int = 500) -> int:
    """Give articles whose words are of an older edition new ones; how many there were."""
    old = session().scalars(select(Article).where(Article.edition != EDITION).limit(limit)).all()
    for article in old:
        article.words, article.edition = words_of(article), EDITION
    session().flush()
    return len(old)


def today() -> date:
    """The day in the capital's time: articles are valid by days."""
    return clock.now().astimezone(DEFAULT_ZONE).date()


def _check(draft: Draft) -> None:
    known = {one.code for one in categories()}
    for code in LANGUAGES:
        title, body = draft.titles[code].strip(), draft.bodies[code].strip()
        if len(title) > LONGEST_TITLE:
            raise Refused(N_("The title is too long: at most %(most)s"), field=f"title_{code}", most=LONGEST_TITLE)
        if len(body) > LONGEST_BODY:
            raise Refused(N_("The text is too long: at most %(most)s characters"), f"body_{code}", most=LONGEST_BODY)
        if body and not title:
            raise Refused(N_("A text needs its title"), field=f"title_{code}")
        if draft.published and title and not body:
            raise Refused(N_("A title needs its text"), field=f"body_{code}")
    there = languages_of(draft.titles, draft.bodies)
    if not any(draft.titles[code].strip() for code in LANGUAGES):
        raise Refused(N_("Write at least one title"), field="title_kk")
    if draft.published and draft.audience is Audience.PUBLIC:
        for code in OF_THE_STATE:
            if code not in there:
                raise Refused(
                    N_("What parents read is published in Kazakh and in Russian, not in one of them"), f"body_{code}"
                )
    unknown = [code for code in draft.category_codes if code not in known]
    if unknown:
        raise Refused(N_("There is no such category: %(codes)s"), field="categories", codes=", ".join(unknown)[:80])
    if len(draft.category_codes) > MOST_CATEGORIES:
        raise Refused(N_("Too many categories: at most %(most)s"), field="categories", most=MOST_CATEGORIES)
    if draft.valid_from and draft.valid_until and draft.valid_until < draft.valid_from:
        raise Refused(N_("It ends before it begins"), field="valid_until")
