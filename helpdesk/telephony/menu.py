"""The call flow as data: what each key means at each step, and what happens to somebody who cannot press any."""

from dataclasses import dataclass
from enum import StrEnum

from helpdesk.routing.rules import Queue

# After so many unanswered or unknown inputs a step takes its default; the caller is never dropped for it.
ATTEMPTS = 2
NUMBER_ATTEMPTS = 3


class Step(StrEnum):
    """Where the caller is asked for a key."""

    LANGUAGE = "language"
    MENU = "menu"
    TECHNICAL = "technical"
    WAITING = "waiting"
    CALLBACK = "callback"
    CLOSED = "closed"
    CONFIRM = "confirm"
    DANGER = "danger"


class Do(StrEnum):
    """What follows."""

    SPEAK = "speak"
    QUEUE = "queue"
    TECHNICAL = "technical"
    BACK = "back"
    STATUS = "status"
    UNRECORDED = "unrecorded"
    CALL_ME = "call_me"
    ANOTHER_NUMBER = "another_number"
    STAY = "stay"
    VOICEMAIL = "voicemail"
    DANGER = "danger"
    CONNECT = "connect"
    RIGHT = "right"
    WRONG = "wrong"
    REPEAT = "repeat"
    AGAIN = "again"


class Topic(StrEnum):
    """What somebody calls about, as far as one key can say it."""

    TECHNICAL = "technical"
    LOGIN = "login"
    INTERNET = "internet"
    DEVICE = "device"
    BROADCAST = "broadcast"
    LESSONS = "lessons"
    DEVICES = "devices"
    COMPLAINT = "complaint"
    OPERATOR = "operator"


QUEUES: dict[Topic, Queue] = {
    Topic.TECHNICAL: Queue.TECHNICAL,
    Topic.LOGIN: Queue.TECHNICAL,
    Topic.INTERNET: Queue.TECHNICAL,
    Topic.DEVICE: Queue.TECHNICAL,
    Topic.BROADCAST: Queue.TECHNICAL,
    Topic.LESSONS: Queue.METHODOLOGICAL,
    Topic.DEVICES: Queue.TECHNICAL,
    Topic.COMPLAINT: Queue.METHODOLOGICAL,
    Topic.OPERATOR: Queue.TECHNICAL,
}

# What the web form asks instead: the operator sees the same hint at the category, whatever way the matter came.
CHOICES: dict[Topic, int] = {
    Topic.LOGIN: 1,
    Topic.INTERNET: 3,
    Topic.DEVICE: 4,
    Topic.BROADCAST: 7,
    Topic.DEVICES: 4,
    Topic.COMPLAINT: 11,
}


@dataclass(frozen=True)
class Next:
    """What to do; `value` is a language or a topic."""

    do: Do
    value: str = ""


KEYS: dict[Step, dict[str, Next]] = {
    Step.LANGUAGE: {
        "1": Next(Do.SPEAK, "kk"),
        "2": Next(Do.SPEAK, "ru"),
        "3": Next(Do.SPEAK, "en"),
        "0": Next(Do.QUEUE, Topic.OPERATOR),
        "*": Next(Do.REPEAT),
    },
    Step.MENU: {
        "1": Next(Do.TECHNICAL),
        "2": Next(Do.QUEUE, Topic.LESSONS),
        "3": Next(Do.QUEUE, Topic.DEVICES),
        "4": Next(Do.STATUS),
        "5": Next(Do.QUEUE, Topic.COMPLAINT),
        "0": Next(Do.QUEUE, Topic.OPERATOR),
        "9": Next(Do.UNRECORDED),
        "*": Next(Do.REPEAT),
    },
    Step.TECHNICAL: {
        "1": Next(Do.QUEUE, Topic.LOGIN),
        "2": Next(Do.QUEUE, Topic.INTERNET),
        "3": Next(Do.QUEUE, Topic.DEVICE),
        "4": Next(Do.QUEUE, Topic.BROADCAST),
        "0": Next(Do.QUEUE, Topic.TECHNICAL),
        "9": Next(Do.UNRECORDED),
        "*": Next(Do.BACK),
    },
    Step.WAITING: {
        "1": Next(Do.CALL_ME),
        "2": Next(Do.ANOTHER_NUMBER),
        "3": Next(Do.STAY),
        "4": Next(Do.VOICEMAIL),
        "0": Next(Do.STAY),
        "9": Next(Do.UNRECORDED),
        "*": Next(Do.REPEAT),
    },
    Step.CALLBACK: {
        "1": Next(Do.CALL_ME),
        "2": Next(Do.ANOTHER_NUMBER),
        "3": Next(Do.STAY),
        "4": Next(Do.VOICEMAIL),
        "0": Next(Do.STAY),
        "*": Next(Do.REPEAT),
    },
    Step.CLOSED: {
        "1": Next(Do.VOICEMAIL),
        "2": Next(Do.CALL_ME),
        "3": Next(Do.ANOTHER_NUMBER),
        "0": Next(Do.DANGER),
        "*": Next(Do.REPEAT),
    },
    Step.DANGER: {
        "1": Next(Do.CONNECT),
        "*": Next(Do.REPEAT),
    },
    Step.CONFIRM: {
        "1": Next(Do.RIGHT),
        "2": Next(Do.WRONG),
        "*": Next(Do.REPEAT),
    },
}

# For people who press nothing: both languages, an operator, the place in the line, the number they called from.
DEFAULTS: dict[Step, Next] = {
    Step.LANGUAGE: Next(Do.SPEAK),
    Step.MENU: Next(Do.QUEUE, Topic.OPERATOR),
    Step.TECHNICAL: Next(Do.QUEUE, Topic.TECHNICAL),
    Step.WAITING: Next(Do.STAY),
    Step.CALLBACK: Next(Do.STAY),
    Step.CLOSED: Next(Do.CALL_ME),
    Step.CONFIRM: Next(Do.WRONG),
    Step.DANGER: Next(Do.BACK),
}


def next_step(step: Step, key: str, attempt: int) -> Next:
    """What a key means; after `attempt` (from 1) failed inputs the step's default."""
    known = KEYS[step].get(key)
    if known is not None:
        return known
    return Next(Do.AGAIN) if attempt < ATTEMPTS else DEFAULTS[step]
