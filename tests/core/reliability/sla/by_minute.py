"""What contracts' minutes are by their definition: a loop over minutes, and in them over seconds, that shares nothing with
the engine."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@dataclass
class Scene:
    """All that happened to one contract. Changes, gaps and windows are at whole seconds; `requests` by minute."""

    zone: str
    versions: Sequence[tuple[date, Mapping[str, Any]]]
    monitors: Sequence[Sequence[tuple[datetime, str]]] = ()
    gaps: Sequence[tuple[datetime, datetime]] = ()
    windows: Sequence[tuple[datetime, datetime]] = ()
    requests: Mapping[datetime, tuple[int, int]] = field(default_factory=dict)

    def states(self, begin: datetime, end: datetime) -> dict[datetime, str]:
        """The state of each minute."""
        used: Counter[tuple[int, int]] = Counter()
        found = {}
        minute = begin
        while minute < end:
            local = minute.astimezone(ZoneInfo(self.zone))
            terms = [terms for day, terms in self.versions if day <= local.date()][-1]
            state, month = self._natural(minute), (local.year, local.month)
            allowed = terms.get("maintenance_minutes")
            if (
                terms.get("maintenance") != "counted"
                and self._is_away(minute)
                and (allowed is None or used[month] < allowed)
            ):
                state, used[month] = "maintenance", used[month] + 1
            found[minute] = state
            minute += MINUTE
        return found

    def _natural(self, minute: datetime) -> str:
        said = {
            state
            for course in self.monitors
            for second in range(60)
            if (state := self._said(course, minute + second * SECOND))
        }
        total, errors = self.requests.get(minute, (0, 0))
        if "down" in said or (not self.monitors and total >= 10 and errors / total >= 0.5):
            return "down"
        return "up" if said & {"up", "degraded"} or total > errors else "unobserved"

    def _said(self, course: Sequence[tuple[datetime, str]], moment: datetime) -> str | None:
        if any(since <= moment < until for since, until in self.gaps):
            return None
        past = [state for at, state in course if at <= moment]
        return past[-1] if past and past[-1] in ("up", "degraded", "down") else None

    def _is_away(self, minute: datetime) -> bool:
        return any(since < minute + MINUTE and until > minute for since, until in self.windows)


def runs(states: Mapping[datetime, str]) -> list[tuple[datetime, datetime, str]]:
    """Stretches of the same state."""
    found: list[tuple[datetime, datetime, str]] = []
    for minute, state in states.items():
        if found and found[-1][2] == state:
            found[-1] = (found[-1][0], minute + MINUTE, state)
        else:
            found.append((minute, minute + MINUTE, state))
    return found


def outages(states: Mapping[datetime, str]) -> list[tuple[datetime, datetime]]:
    """From the first down minute until two minutes in a row are not."""
    found: list[tuple[datetime, datetime]] = []
    for minute, state in states.items():
        if state == "down" and found and minute - found[-1][1] < 2 * MINUTE:
            found[-1] = (found[-1][0], minute + MINUTE)
        elif state == "down":
            found.append((minute, minute + MINUTE))
    return found
