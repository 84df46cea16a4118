"""Working hours, holidays and lengths of time as people write them in a form."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from core.kernel.errors import Invalid
from core.support.sla.rules import DAY_MINUTES, WEEKDAYS, clock

_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?")
_RANGE = re.compile(r"\s*([\d:]+)\s*(?:-|–|to)\s*([\d:]+)\s*")


def hours_of(periods: Sequence[Sequence[int]]) -> list[str]:
    """What each weekday's line says: `09:00-12:00, 13:00-17:00`, nothing for a day without work."""
    return [
        ", ".join(f"{clock(first)}-{clock(last)}" for day, first, last in sorted(map(tuple, periods)) if day == weekday)
        for weekday in range(7)
    ]


def periods_of(lines: Sequence[str]) -> list[list[int]]:
    """The periods that seven such lines name. Raises Invalid naming the day."""
    found = []
    for weekday, line in enumerate(lines):
        for written in filter(str.strip, line.split(",")):
            matched = _RANGE.fullmatch(written)
            edges = [_minute(one) for one in matched.groups()] if matched else []
            if len(edges) != 2 or None in edges:
                sentence = f"{WEEKDAYS[weekday]}: write hours as 09:00-12:00, 13:00-17:00."
                raise Invalid(sentence, {"periods": sentence})
            found.append([weekday, *(edge for edge in edges if edge is not None)])
    return found


def _minute(written: str) -> int | None:
    matched = _TIME.fullmatch(written)
    if matched is None:
        return None
    minute = int(matched[1]) * 60 + int(matched[2] or 0)
    return minute if minute <= DAY_MINUTES and int(matched[2] or 0) < 60 else None


def days_of(holidays: Mapping[str, str]) -> str:
    """One holiday a line: `2026-12-25 Christmas`."""
    return "\n".join(f"{day} {name}" for day, name in sorted(holidays.items()))


def holidays_of(text: str) -> dict[date, str]:
    """The holidays of such lines. Raises Invalid naming the line."""
    found = {}
    for line in filter(None, (one.strip() for one in text.splitlines())):
        day, _, name = line.partition(" ")
        try:
            found[date.fromisoformat(day)] = name.strip() or "Holiday"
        except ValueError as error:
            sentence = f"“{line[:60]}” is no holiday. Write the day and its name: 2026-12-25 Christmas."
            raise Invalid(sentence, {"holidays": sentence}) from error
    return found
