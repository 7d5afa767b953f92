"""Who asks for help, and how a class is written."""

import re
from enum import StrEnum


class RequesterRole(StrEnum):
    PARENT = "parent"
    PUPIL = "pupil"
    STUDENT = "student"
    TEACHER = "teacher"
    ADMINISTRATOR = "administrator"
    OFFICIAL = "official"
    OTHER = "other"


class PreferredChannel(StrEnum):
    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    WEB = "web"
    POST = "post"


class HouseholdCategory(StrEnum):
    """Why a family comes first in some queues."""

    LARGE = "large"
    LOW_INCOME = "low_income"
    SPECIAL_NEEDS = "special_needs"
    ORPHAN = "orphan"


_LOOK_ALIKES = str.maketrans("ABCEHKMOPTXabcehkmoptx", "АВСЕНКМОРТХавсенкмортх")
_CLASS = re.compile(r"^\s*(\d{1,2})\s*[-\s]*[«\"'(]?\s*([^\W\d_])?\s*[»\"')]?\s*$")


def class_name(raw: str) -> tuple[int, str] | None:
    """Grade 0–12 and its Cyrillic letter out of `7А`, `7 "a"`, `11-Ә`; None when it is no class.

    Latin letters that look like Cyrillic ones are taken for them.
    """
    match = _CLASS.match(raw.translate(_LOOK_ALIKES))
    if not match or not 0 <= int(match[1]) <= 12:
        return None
    return int(match[1]), (match[2] or "").upper()
