"""Where a ticket goes and how urgent it is: queues, the score, and the categories whose values hang on a condition."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from helpdesk.kernel.i18n import N_
from helpdesk.sla.rules import APPEAL_DAYS, LEAK_REPORT_DAYS, REDIRECT_DAYS


class Queue(StrEnum):
    """The two queues that the hotline's founding order names; every desk has both."""

    TECHNICAL = "technical"
    METHODOLOGICAL = "methodological"


class Priority(StrEnum):
    """P0 is a child in danger: handed over at once, never queued."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Condition(StrEnum):
    """What changes the base values of a category. Twelve categories have one, each its own."""

    LESSON_NOW = "lesson_now"
    LEAK = "leak"
    MORNING = "morning"
    END_OF_QUARTER = "end_of_quarter"
    DANGER = "danger"
    BY_SCORE = "by_score"
    WRITTEN_APPEAL = "written_appeal"
    WRITTEN_BESIDE = "written_beside"
    APPEAL_TERM = "appeal_term"
    HOT_TRANSFER = "hot_transfer"
    CLOSE_AT_ONCE = "close_at_once"
    REDIRECT = "redirect"


@dataclass(frozen=True)
class CategoryValues:
    """A category apart from its row: `level` is the way up in words, `fields` what else is asked, `search` folded."""

    code: str
    queue: Queue
    base_priority: Priority
    profile: str
    level: str = "L1"
    condition: Condition | None = None
    group: str = ""
    name_kk: str = ""
    name_ru: str = ""
    name_en: str = ""
    fields: tuple[str, ...] = ()
    choice: int | None = None
    search: str = ""
    restricted: bool = False
    off: bool = False

    def name(self, language: str) -> str:
        """The name in kk, ru or en."""
        return str(getattr(self, f"name_{language}"))


@dataclass(frozen=True)
class Circumstances:
    """What is known of a matter when it is routed. Everything unknown is as in the ordinary case."""

    lesson_now: bool = False
    within_24h: bool = False
    pupils_affected: int = 0
    whole_class: bool = False
    whole_school: bool = False
    vulnerable_household: bool = False
    no_other_channel: bool = False
    repeat_within_7_days: bool = False
    workaround_given: bool = False
    danger: bool = False
    written: bool = False
    in_morning: bool = False
    last_weeks_of_quarter: bool = False
    # the queue of the ticket that is complained about
    complained_about: Queue | None = None


@dataclass(frozen=True)
class Routed:
    """The outcome. `reasons` are keys of REASONS with their points, the base first; `statutory_days` is a term of the
    law in working days that runs beside the profile or sets its term."""

    queue: Queue
    priority: Priority
    reasons: tuple[tuple[str, int], ...]
    profile: str
    level: str
    statutory_days: int | None = None


@dataclass(frozen=True)
class Effect:
    """What a condition does to the base values while it holds; None leaves a value as it is."""

    holds: Callable[[Circumstances], bool] = lambda now: True
    priority: Priority | None = None
    profile: str | None = None
    statutory_days: int | None = None
    scored: bool = True


# The twelve categories whose values are composed, each with its own condition.
EFFECTS: dict[Condition, Effect] = {
    # T30 cannot join a lesson: urgent while it runs
    Condition.LESSON_NOW: Effect(lambda now: now.lesson_now, Priority.P1, "A"),
    # T44 data leak: beside the desk's profile the report to the authority
    Condition.LEAK: Effect(statutory_days=LEAK_REPORT_DAYS),
    # M02 is today remote: asked before children leave the house
    Condition.MORNING: Effect(lambda now: now.in_morning, Priority.P2),
    # M12 term assessment: the last two weeks of a quarter
    Condition.END_OF_QUARTER: Effect(lambda now: now.last_weeks_of_quarter, Priority.P2),
    # M28 psychological support
    Condition.DANGER: Effect(lambda now: now.danger, Priority.P1),
    # S01 device loan: the score alone leads to P2, and provision keeps its profile E
    Condition.BY_SCORE: Effect(),
    # C03 appeal against a mark: the school's commission in its own time; in writing it is an appeal by law
    Condition.WRITTEN_APPEAL: Effect(lambda now: now.written, profile="LAW"),
    # C05 complaint about a desk: in writing the law's term runs beside
    Condition.WRITTEN_BESIDE: Effect(lambda now: now.written, statutory_days=APPEAL_DAYS),
    # C09 proposal or thanks: the term of an appeal, whatever term complaints are given
    Condition.APPEAL_TERM: Effect(statutory_days=APPEAL_DAYS),
    # O05 child in danger: the ticket records what was done, no score
    Condition.HOT_TRANSFER: Effect(priority=Priority.P0, scored=False),
    # O06 wrong number, spam: nothing around it makes it urgent
    Condition.CLOSE_AT_ONCE: Effect(scored=False),
    # O07 out of competence: passed on within the law's three working days
    Condition.REDIRECT: Effect(statutory_days=REDIRECT_DAYS),
}
_NO_EFFECT = Effect()


REASONS: dict[str, str] = {
    "base_P0": N_("A child is in danger"),
    "base_P1": N_("Urgent by its subject"),
    "base_P2": N_("Important by its subject"),
    "base_P3": N_("Ordinary by its subject"),
    "base_P4": N_("Can wait by its subject"),
    "no_category": N_("Nobody has chosen a subject yet"),
    "danger": N_("Somebody may be in danger"),
    "school_or_settlement": N_("A whole school or settlement is affected"),
    "class_or_five_pupils": N_("A whole class or at least five pupils are affected"),
    "runs_now": N_("The lesson or exam is running now"),
    "within_24h": N_("The lesson, exam or deadline is within 24 hours"),
    "household": N_("The household has priority or no other way to learn"),
    "repeat": N_("Second contact about the same matter within 7 days"),
    "workaround": N_("A workaround has been given"),
}

# The score rule: base points, additions, thresholds. Danger is no matter of points: it makes anything at least P1.
BASE_POINTS = {Priority.P0: 5, Priority.P1: 4, Priority.P2: 3, Priority.P3: 2, Priority.P4: 1}

# A desk-hours profile goes with each priority. A ticket that its circumstances raise above its category's base gets
# the profile of the priority it has now; one that they lower keeps its category's: nobody is promised less.
PROFILE_OF = {Priority.P1: "A", Priority.P2: "B", Priority.P3: "C", Priority.P4: "D"}

# Until somebody chooses a category: P3 and the ordinary profile.
UNKNOWN_PRIORITY = Priority.P3
UNKNOWN_PROFILE = "C"

# Queue of a web form's choice whose category nobody has chosen yet: access, platform, internet, devices, lessons and
# broadcasts are technical, the e-journal too (four of its five categories are); learning itself is methodological.
TECHNICAL_CHOICES = frozenset({1, 2, 3, 4, 5, 6, 7})


def priority_of(points: int) -> Priority:
    """5 and more P1, 4 P2, 3 and 2 P3, 1 and less P4."""
    if points >= 5:
        return Priority.P1
    if points == 4:
        return Priority.P2
    return Priority.P3 if points >= 2 else Priority.P4


def additions(now: Circumstances) -> tuple[tuple[str, int], ...]:
    """What the circumstances add to the base points, in the order of the rule; of two of a kind the greater one."""
    found: list[tuple[str, int]] = []
    if now.whole_school:
        found.append(("school_or_settlement", 2))
    elif now.whole_class or now.pupils_affected >= 5:
        found.append(("class_or_five_pupils", 1))
    if now.lesson_now:
        found.append(("runs_now", 2))
    elif now.within_24h:
        found.append(("within_24h", 1))
    if now.vulnerable_household or now.no_other_channel:
        found.append(("household", 1))
    if now.repeat_within_7_days:
        found.append(("repeat", 1))
    if now.workaround_given:
        found.append(("workaround", -1))
    return tuple(found)


def route(
    category: CategoryValues | None, now: Circumstances, choice: int | None = None, queue: Queue | None = None
) -> Routed:
    """Queue, priority, profile and first level of a matter.

    `choice` is the form's, `queue` what the caller keyed in; they count only while nobody has chosen a category.
    """
    if category is None:
        category, reason = _unsorted(choice, queue), "no_category"
    else:
        reason = ""
    effect = EFFECTS[category.condition] if category.condition else _NO_EFFECT
    if not effect.holds(now):
        effect = _NO_EFFECT
    base = effect.priority or category.base_priority
    profile = effect.profile or category.profile
    reasons = [(reason or f"base_{base}", BASE_POINTS[base])]
    priority = base
    if effect.scored:
        reasons += additions(now)
        priority = priority_of(sum(points for _, points in reasons))
        if now.danger and priority > Priority.P1:
            priority = Priority.P1
            reasons.append(("danger", 0))
        if priority < base and profile in PROFILE_OF.values():
            profile = min(profile, PROFILE_OF[priority])
    return Routed(
        queue=now.complained_about or category.queue,
        priority=priority,
        reasons=tuple(reasons),
        profile=profile,
        level=starting_level(category.level),
        statutory_days=effect.statutory_days,
    )


def _unsorted(choice: int | None, queue: Queue | None) -> CategoryValues:
    if queue is None:
        technical = choice is None or choice in TECHNICAL_CHOICES
        queue = Queue.TECHNICAL if technical else Queue.METHODOLOGICAL
    return CategoryValues("", queue, UNKNOWN_PRIORITY, UNKNOWN_PROFILE)


def starting_level(way: str) -> str:
    """The level that works on it first, out of the way up in words; L0 is self-service and has had its turn."""
    found = re.search(r"L[1-4]", way)
    return found.group() if found else "L1"


# Last days of the quarters in the usual school year (the ministry's order names them anew each year) and how long
# before them term assessments are written.
QUARTER_ENDS = ((10, 26), (12, 28), (3, 18), (5, 25))
ASSESSMENT_WEEKS = timedelta(weeks=2)


def by_the_clock(local: datetime) -> Circumstances:
    """What the wall clock of the place alone says: whether it is morning (6 to 12), and the end of a quarter."""
    ends = (date(local.year, month, day) for month, day in QUARTER_ENDS)
    return Circumstances(
        in_morning=time(6) <= local.time() < time(12),
        last_weeks_of_quarter=any(timedelta(0) <= end - local.date() < ASSESSMENT_WEEKS for end in ends),
    )


def left_out(typed: str, word: str) -> int:
    """How many letters of `word` somebody left out who typed its beginning; as many as it has when that is not it."""
    place = 0
    for number, letter in enumerate(word):
        if letter == typed[place]:
            place += 1
        elif place == 0:
            break
        if place == len(typed):
            return number + 1 - place
    return len(word) + len(typed)
