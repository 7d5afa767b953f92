"""Articles that every installation starts with; written by hand beside this file, a text a language."""

import re
from pathlib import Path

from sqlalchemy import select

from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.kernel.words import EDITION
from helpdesk.knowledge.actions import content, find_anew, words_of
from helpdesk.knowledge.models import Article, ArticleVersion
from helpdesk.knowledge.rules import ArticleState, Audience

FOLDER = Path(__file__).with_name("articles")
_PART = re.compile(r"^--- (kk|ru|en)\n# (.+)\n", re.MULTILINE)


def load_articles() -> None:
    """Add those that are missing and leave alone what is there: it is edited by pages. May run again any time.

    Runs inside the caller's transaction, after the categories are there.
    """
    known = set(session().scalars(select(Article.key).where(Article.key.is_not(None))))
    now = clock.now()
    for file in sorted(FOLDER.glob("*.txt")):
        if file.stem in known:
            continue
        article = read(file)
        article.created_at = article.changed_at = now
        article.words, article.edition = words_of(article), EDITION
        session().add(article)
        session().flush()
        session().add(
            ArticleVersion(article_id=article.id, version=1, saved_at=now, saved_by=None, content=content(article))
        )
    session().flush()
    while find_anew():
        pass


def read(file: Path) -> Article:
    """One article: lines of what it is, then `--- language`, `# title` and the text of each. Raises ValueError."""
    head, *parts = _PART.split(file.read_text(encoding="utf-8"))
    given = dict(line.split(": ", 1) for line in head.strip().splitlines())
    texts = {parts[at]: (parts[at + 1], parts[at + 2].strip()) for at in range(0, len(parts), 3)}
    if set(texts) != set(LANGUAGES):
        raise ValueError(f"{file.name} speaks {sorted(texts)}")
    values = {f"title_{code}": title for code, (title, _) in texts.items()}
    values |= {f"body_{code}": body for code, (_, body) in texts.items()}
    return Article(
        key=file.stem,
        audience=Audience(given.get("audience", Audience.PUBLIC)),
        state=ArticleState.PUBLISHED,
        category_codes=given["categories"].split(", "),
        version=1,
        **values,
    )
