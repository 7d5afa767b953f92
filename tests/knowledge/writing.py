"""Articles for tests."""

from typing import Any

from helpdesk.audit.actor import SYSTEM
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.knowledge import actions
from helpdesk.knowledge.actions import Draft
from helpdesk.knowledge.models import Article
from helpdesk.organizations.models import Organization

TITLES = {"kk": "Құпиясөз ұмытылды", "ru": "Забыт пароль", "en": "Forgotten password"}
BODIES = {"kk": "Сынып жетекшісіне жазыңыз.", "ru": "Напишите классному руководителю.", "en": "Write to the teacher."}


def wrote(at: Organization | None = None, known: Article | None = None, **changes: Any) -> Article:
    """An article of three languages, published for everybody unless `changes` say otherwise; committed."""
    given: dict[str, Any] = {"titles": TITLES, "bodies": BODIES, "published": True, "category_codes": ("T03",)}
    with transaction():
        made = actions.save(known, at, Draft(**(given | changes)), SYSTEM)
    session().expire_all()
    return session().get_one(Article, made)


def only(language: str, text: str) -> dict[str, str]:
    """A title or text in one language alone."""
    return {code: text if code == language else "" for code in LANGUAGES}
