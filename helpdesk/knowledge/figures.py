"""What came of articles: how often shown, used in answers, and whether they helped; each figure with what is behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import DEFAULT_ZONE
from helpdesk.knowledge.models import Article, ArticleUse, ArticleView, ArticleVote
from helpdesk.knowledge.queries import MOST, readable
from helpdesk.knowledge.rules import ShownAt
from helpdesk.organizations.models import Organization
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible

# Lines behind a figure; a longer list says so.
LINES = 500


@dataclass(frozen=True)
class Figures:
    """Of one article in a period. `avoided`: requests that were not sent because it answered."""

    article: Article
    shown: int
    used: int
    helped: int
    unhelped: int
    avoided: int


@dataclass(frozen=True)
class DayLine:
    """What was counted on one day in one place and language."""

    day: date
    shown_at: ShownAt
    language: str
    times: int


@dataclass(frozen=True)
class UseLine:
    """A ticket that was answered with it."""

    number: str
    subject: str
    at: datetime


def figures(asker: Asker, since: date, until: date) -> list[Figures]:
    """Of every article that the asker may read, the most shown first; both days belong to the period.

    Uses are counted on tickets that the asker may see. Four statements.
    """
    query = select(Article).outerjoin(Organization, Organization.id == Article.organization_id)
    query = query.where(readable(asker)).order_by(Article.id).limit(MOST).options(joinedload(Article.organization))
    articles = session().scalars(query).all()
    ids = [one.id for one in articles]
    views = select(ArticleView.article_id, func.sum(ArticleView.times))
    views = views.where(ArticleView.article_id.in_(ids), ArticleView.day.between(since, until))
    shown = {id_: int(times) for id_, times in session().execute(views.group_by(ArticleView.article_id))}
    uses = select(ArticleUse.article_id, func.count()).join(Ticket, Ticket.id == ArticleUse.ticket_id)
    uses = uses.where(ArticleUse.article_id.in_(ids), visible(asker), _at(since, until))
    used = {id_: int(times) for id_, times in session().execute(uses.group_by(ArticleUse.article_id))}
    votes = select(
        ArticleVote.article_id,
        func.count().filter(_is("helped")),
        func.count().filter(_is("unhelped")),
        func.count().filter(_is("avoided")),
    ).where(ArticleVote.article_id.in_(ids), ArticleVote.day.between(since, until))
    voted = {id_: counts for id_, *counts in session().execute(votes.group_by(ArticleVote.article_id))}
    found = [Figures(one, shown.get(one.id, 0), used.get(one.id, 0), *voted.get(one.id, (0, 0, 0))) for one in articles]
    return sorted(found, key=lambda one: (-one.shown, -one.used, one.article.id))


def shown_days(article: Article, since: date, until: date) -> list[DayLine]:
    """When and where an article that the asker was given was shown, newest first."""
    query = select(ArticleView).where(ArticleView.article_id == article.id, ArticleView.day.between(since, until))
    rows = session().scalars(
        query.order_by(ArticleView.day.desc(), ArticleView.shown_at, ArticleView.language).limit(LINES)
    )
    return [DayLine(one.day, one.shown_at, one.language, one.times) for one in rows]


def voted_days(article: Article, figure: str, since: date, until: date) -> list[DayLine]:
    """When and where people said what the figure ("helped", "unhelped", "avoided") counts, newest first."""
    key = (ArticleVote.day, ArticleVote.shown_at, ArticleVote.language)
    query = select(*key, func.count()).where(ArticleVote.article_id == article.id, _is(figure))
    query = query.where(ArticleVote.day.between(since, until)).group_by(*key)
    return [DayLine(*row) for row in session().execute(query.order_by(ArticleVote.day.desc()).limit(LINES))]


def used_on(asker: Asker, article: Article, since: date, until: date) -> Sequence[UseLine]:
    """The tickets that were answered with it and that the asker may see, newest first."""
    query = select(Ticket.number, Ticket.subject, ArticleUse.at).join(Ticket, Ticket.id == ArticleUse.ticket_id)
    query = query.where(ArticleUse.article_id == article.id, visible(asker), _at(since, until))
    return [UseLine(*row) for row in session().execute(query.order_by(ArticleUse.at.desc()).limit(LINES))]


def _is(figure: str) -> ColumnElement[bool]:
    """Whether a vote counts for the figure: at the form "it helped" means that nothing was sent."""
    if figure == "avoided":
        return and_(ArticleVote.helped, ArticleVote.shown_at == ShownAt.FORM)
    at_help = ArticleVote.shown_at == ShownAt.HELP
    return and_(at_help, ArticleVote.helped if figure == "helped" else ~ArticleVote.helped)


def _at(since: date, until: date) -> ColumnElement[bool]:
    begin = datetime.combine(since, time.min, DEFAULT_ZONE)
    return and_(
        ArticleUse.at >= begin, ArticleUse.at < datetime.combine(until + timedelta(days=1), time.min, DEFAULT_ZONE)
    )
