"""Which articles there are for somebody: the public of a place, or staff with their part of the tree."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import joinedload
from sqlalchemy.types import String

from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.knowledge.actions import today
from helpdesk.knowledge.models import Article, ArticleVersion
from helpdesk.knowledge.rules import REVIEW_AHEAD, ArticleState, Audience, all_of, any_of, some_of
from helpdesk.organizations.models import Organization
from helpdesk.routing.queries import categories

# Who writes articles: over the organization that they are for.
WRITERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
# More than this no page lists.
MOST = 300
FOUND = 20
SUGGESTED = 3
# A category counts for more than any word.
_OF_THE_CATEGORY = 10.0


# ── the public ────────────────────────────────────────────────────────────────────────────────────────────────────


def public_by_choice(path: str = "") -> dict[int, list[Article]]:
    """What the public of a place reads, by the plain choices of the form; 12 (something else) has the rest.

    One statement.
    """
    choice_of = {one.code: one.choice for one in categories()}
    found: dict[int, list[Article]] = defaultdict(list)
    query = _of(Audience.PUBLIC).where(_there(path)).order_by(Article.id).limit(MOST)
    for article in session().scalars(query):
        choices = {choice_of.get(code) or 12 for code in article.category_codes} or {12}
        for choice in choices:
            found[choice].append(article)
    return dict(found)


def public_found(text: str, path: str = "") -> tuple[list[Article], bool]:
    """What the public of a place finds, best first, and whether all the words are in it; where no article has all of
    them, those with any. Two statements at most."""
    for query, whole in ((all_of(text), True), (any_of(text), False)):
        if query:
            words = _tsquery(query)
            looked = _of(Audience.PUBLIC).where(_there(path), Article.words.op("@@")(words))
            rows = list(session().scalars(looked.order_by(_rank(words).desc(), Article.id).limit(FOUND)))
            if rows:
                return rows, whole
    return [], True


def public_article(article_id: int) -> Article:
    """A published article for everybody, also one whose time is over: letters lead to it. Raises NotFound."""
    begun = or_(Article.valid_from.is_(None), Article.valid_from <= today())
    public = and_(Article.state == ArticleState.PUBLISHED, Article.audience == Audience.PUBLIC, begun)
    found = session().scalars(select(Article).where(Article.id == article_id, public)).first()
    if found is None:
        raise NotFound
    return found


def places() -> list[Organization]:
    """Organizations that have public articles of their own, for whoever looks for those of a place."""
    own = select(Article.organization_id).where(_current(), Article.audience == Audience.PUBLIC)
    query = select(Organization).where(Organization.id.in_(own), Organization.parent_id.is_not(None))
    return list(session().scalars(query.order_by(Organization.sort_key).limit(50)))


def suggested(
    codes: Collection[str], text: str, path: str, public_only: bool = True, limit: int = SUGGESTED
) -> list[Article]:
    """What may answer a request of one of these categories in these words, at a place: of the category first.

    Without a common category a word of the title, or enough of the text, must be among the words. One statement, none
    when nothing is known.
    """
    chosen = sorted(codes)
    heavy, light = any_of(text, heavy=True), any_of(text)
    of_it = (
        Article.category_codes.bool_op("&&")(cast(literal(chosen, ARRAY(String)), ARRAY(String))) if chosen else None
    )
    enough = some_of(text)
    said = Article.words.op("@@")(_tsquery(f"{heavy} | {enough}")) if heavy else None
    either = [one for one in (of_it, said) if one is not None]
    if not either:
        return []
    rank: ColumnElement[float] = literal(0.0)
    if of_it is not None:
        rank = rank + case((of_it, _OF_THE_CATEGORY), else_=0.0)
    if light:
        rank = rank + _rank(_tsquery(light))
    query = _of(Audience.PUBLIC if public_only else None).where(_there(path), or_(*either))
    return list(session().scalars(query.order_by(rank.desc(), Article.id).limit(limit)))


def codes_of_choice(choice: str) -> list[str]:
    """The categories behind a plain choice of the form."""
    return [one.code for one in categories() if choice.isdecimal() and one.choice == int(choice) and not one.off]


def path_of(organization_id: int | None) -> str:
    """Where an organization stands in the tree; "" for none."""
    if organization_id is None:
        return ""
    return session().scalar(select(Organization.path).where(Organization.id == organization_id)) or ""


# ── staff ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def listed(asker: Asker, text: str = "", only_due: bool = False) -> Sequence[Article]:
    """Articles that the asker may read, drafts only of their own part: found by words, or by title. One statement."""
    query = _joined().where(readable(asker))
    if only_due:
        query = query.where(_due(today()), _writable(asker))
    looked = all_of(text)
    if looked:
        words = _tsquery(looked)
        query = query.where(Article.words.op("@@")(words)).order_by(_rank(words).desc())
    query = query.order_by(Article.title_kk, Article.id).limit(MOST).options(joinedload(Article.organization))
    return session().scalars(query).all()


def article_for(asker: Asker, article_id: int) -> Article:
    """One that the asker may read. Raises NotFound."""
    return _one(_joined().where(Article.id == article_id, readable(asker)).options(joinedload(Article.organization)))


def article_to_write(asker: Asker, article_id: int, lock: bool = False) -> Article:
    """One that the asker may change, locked for it when `lock`. Raises NotFound."""
    query = _joined().where(Article.id == article_id, _writable(asker))
    return _one(query.with_for_update(of=Article) if lock else query.options(joinedload(Article.organization)))


def may_write(asker: Asker, article: Article) -> bool:
    """Whether the asker may change an article that they read (loaded with its organization)."""
    roots = asker.roots(*WRITERS)
    if article.organization is None:
        return any(is_root(one) for one in roots)
    return article.organization.path.startswith(roots) if roots else False


def place_for(asker: Asker, organization_id: int) -> Organization:
    """An organization for which the asker may write. Raises NotFound."""
    found = session().scalars(select(Organization).where(Organization.id == organization_id, _own(asker))).first()
    if found is None:
        raise NotFound
    return found


def versions(article: Article) -> Sequence[ArticleVersion]:
    """What the article said before, newest first; the caller has checked the asker's right."""
    query = select(ArticleVersion).where(ArticleVersion.article_id == article.id)
    return session().scalars(query.order_by(ArticleVersion.version.desc()).limit(100)).all()


def due_count(asker: Asker) -> int:
    """How many of the articles that the asker may change are due for review."""
    query = (
        select(func.count()).select_from(Article).outerjoin(Organization, Organization.id == Article.organization_id)
    )
    return session().scalar(query.where(_due(today()), _writable(asker))) or 0


def readable(asker: Asker) -> ColumnElement[bool]:
    """Articles of the asker's part of the tree and of everything above it; drafts for those who may change them."""
    roots = asker.roots()
    above = {root[: end + 1] for root in roots for end, sign in enumerate(root) if sign == "/" and end}
    there = or_(Article.organization_id.is_(None), Organization.path.in_(above), _below(roots))
    return or_(and_(Article.state == ArticleState.PUBLISHED, there), _writable(asker))


def is_root(path: str) -> bool:
    """Whether the path is that of the organization above all."""
    return "/" not in path.strip("/")


def _writable(asker: Asker) -> ColumnElement[bool]:
    roots = asker.roots(*WRITERS)
    country = Article.organization_id.is_(None) if any(is_root(one) for one in roots) else literal(False)
    return or_(country, _below(roots))


def _own(asker: Asker) -> ColumnElement[bool]:
    return _below(asker.roots(*WRITERS))


def _below(roots: Collection[str]) -> ColumnElement[bool]:
    return or_(literal(False), *(Organization.path.startswith(root, autoescape=True) for root in roots))


def _there(path: str) -> ColumnElement[bool]:
    """For the whole country, or for a part of the tree in which `path` lies."""
    above = [path[: end + 1] for end, sign in enumerate(path) if sign == "/" and end]
    country = or_(Article.organization_id.is_(None), Organization.parent_id.is_(None))
    return or_(country, Organization.path.in_(above)) if above else country


def _current() -> ColumnElement[bool]:
    day = today()
    begun = or_(Article.valid_from.is_(None), Article.valid_from <= day)
    lasts = or_(Article.valid_until.is_(None), Article.valid_until >= day)
    return and_(Article.state == ArticleState.PUBLISHED, begun, lasts)


def _due(day: date) -> ColumnElement[bool]:
    return and_(Article.state == ArticleState.PUBLISHED, Article.valid_until < day + REVIEW_AHEAD)


def _joined() -> Select[Article]:
    return select(Article).outerjoin(Organization, Organization.id == Article.organization_id)


def _of(audience: Audience | None) -> Select[Article]:
    query = _joined().where(_current())
    return query if audience is None else query.where(Article.audience == audience)


def _one(query: Select[Article]) -> Article:
    found = session().scalars(query).unique().first()
    if found is None:
        raise NotFound
    return found


def _tsquery(words: str) -> ColumnElement[str]:
    return cast(literal(words), TSQUERY)


def _rank(words: ColumnElement[str]) -> ColumnElement[float]:
    return func.ts_rank(Article.words, words)


def names_of(codes: Collection[str], language: str) -> Mapping[str, str]:
    """Categories by code with their names, for those that are known."""
    return {one.code: one.name(language) for one in categories() if one.code in codes}
