"""Calendar months in UTC, as whole numbers: January of the year 0 is 0. Pure."""

import re
from datetime import UTC, date, datetime

from core.kernel.errors import Invalid

FIRST, LAST = 1970 * 12, 9998 * 12  # what both PostgreSQL and Python know in every zone


def number_of(moment: date | datetime) -> int:
    """The month that a day, or a moment in UTC, is in."""
    moment = moment.astimezone(UTC) if isinstance(moment, datetime) else moment
    return moment.year * 12 + moment.month - 1


def day_of(number: int) -> date:
    """Its first day."""
    return date(number // 12, number % 12 + 1, 1)


def start_of(number: int) -> datetime:
    """Its first moment; the month before ends there."""
    day = day_of(number)
    return datetime(day.year, day.month, 1, tzinfo=UTC)


def name_of(number: int) -> str:
    """Such as 2026-10."""
    return f"{day_of(number):%Y-%m}"


def parse(text: str) -> int:
    """The month of a name such as 2026-10. Raises Invalid."""
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        number = int(text[:4]) * 12 + int(text[5:]) - 1
        if FIRST <= number < LAST:
            return number
    sentence = "Write a month as its year and number, such as 2026-10."
    raise Invalid(sentence, {"month": sentence})
