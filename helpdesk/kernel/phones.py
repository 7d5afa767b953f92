"""One written form of a phone number: E.164 for people, the bare short code for services."""

import re

import phonenumbers

# Numbers that are services, not people; the library knows only some of them (it parses 1450 as +71450).
SERVICE_NUMBERS = frozenset({"1450", "1414", "101", "102", "103", "104", "109", "111", "112", "150"})

# Ranges that are Kazakhstan's alone in the common +7 plan; the library's own check would refuse demo numbers +7 709.
_KAZAKHSTAN = re.compile(r"^\+7[067]\d{9}$")


def written(raw: str, area_code: str = "") -> str | None:
    """The one form of `raw` (any spelling), or None when it is no number at all.

    `area_code` completes a bare city number ("2501234" with "727").
    """
    text = raw.strip().removeprefix("sip:").split("@")[0].removeprefix("tel:")
    digits = re.sub(r"\D", "", text)
    if digits in SERVICE_NUMBERS or (digits.startswith("7") and digits[1:] in SERVICE_NUMBERS):
        return digits if digits in SERVICE_NUMBERS else digits[1:]
    if re.search(r"[A-Za-zА-Яа-я]", text):
        return None
    if area_code and len(area_code) + len(digits) == 10:
        digits = area_code + digits
    if not text.startswith("+"):
        if len(digits) == 10:
            digits = "7" + digits
        elif len(digits) == 11 and digits[0] in "78":
            digits = "7" + digits[1:]
        elif digits.startswith("810"):
            digits = digits[3:]
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_in_kazakhstan(number: str) -> bool:
    """Whether a written number lies in a range that Kazakhstan does not share: the only ones dialled automatically."""
    return bool(_KAZAKHSTAN.match(number))


def shown(number: str) -> str:
    """How people read it: +7 (701) 123-45-67; other countries and short codes unchanged."""
    match = re.match(r"^\+7(\d{3})(\d{3})(\d{2})(\d{2})$", number)
    return "+7 ({}) {}-{}-{}".format(*match.groups()) if match else number


def masked(number: str) -> str:
    """For logs: the country, the operator and the last two digits."""
    return f"{number[:5]}•••{number[-2:]}" if len(number) > 7 else "•••"
