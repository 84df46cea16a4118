"""The working periods of a weekly calendar, laid out in UTC as a table that grows with what is asked of it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MICRO = 1_000_000
DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1).toordinal()
_FIRST_WEEKDAY = 3  # a Thursday
_LAST_DAY = date(2100, 1, 1).toordinal() - _FIRST_DAY
LAST = _LAST_DAY * DAY * MICRO  # nothing falls due later
_AHEAD = 400  # days beyond what is asked that a table covers at least


class Table(NamedTuple):
    """Periods of the days from low to high (since 1970), in microseconds; `sums[n]` is what lies before period n."""

    low: int
    high: int
    starts: list[int]
    ends: list[int]
    sums: list[int]

    def until(self, at: int) -> int:
        """What is worked from the table's start until then."""
        place = bisect_right(self.starts, at) - 1
        return self.sums[place] + min(at, self.ends[place]) - self.starts[place] if place >= 0 else 0


class Periods:
    """A calendar of `periods` ([weekday, first minute, last minute]) on the wall clock of a zone, without its holidays.

    Tables are replaced and never changed, so that threads may share a calendar.
    """

    def __init__(self, time_zone: str, periods: Sequence[Sequence[int]], holidays: Mapping[str, str]) -> None:
        self.zone = ZoneInfo(time_zone)
        self.holidays = sorted(date.fromisoformat(day) for day in holidays)
        self._off = frozenset(day.toordinal() - _FIRST_DAY for day in self.holidays)
        self._week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
        for weekday, first, last in sorted(map(tuple, periods)):
            self._week[weekday].append((first * 60, last * 60))
        self._table = Table(0, 0, [], [], [0])

    def between(self, start: int, end: int) -> int:
        if end <= start:
            return 0
        table = self._covering(start, end)
        return table.until(end) - table.until(start)

    def after(self, start: int, amount: int) -> int | None:
        if amount <= 0:
            return start
        table = self._covering(start, start)
        wanted = table.until(start) + amount
        while table.sums[-1] < wanted:
            if not any(self._week) or table.high >= _LAST_DAY:
                return None
            table = self._covering(start, min(2 * table.high - table.low, _LAST_DAY) * DAY * MICRO)
            wanted = table.until(start) + amount
        place = bisect_left(table.sums, wanted) - 1
        return table.starts[place] + wanted - table.sums[place]

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        """The working periods from start to end, cut at both."""
        table = self._covering(start, end)
        first, last = bisect_right(table.ends, start), bisect_left(table.starts, end)
        pairs = zip(table.starts[first:last], table.ends[first:last], strict=True)
        return [(max(opens, start), min(closes, end)) for opens, closes in pairs if start < end]

    def holidays_within(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, date]]:
        """The holidays that lie in the stretch in whole or in part, cut at both ends: from, until, local day."""
        for day in self.holidays:
            opens, closes = (self._midnight(day + timedelta(days=more)) for more in (0, 1))
            if max(opens, start) < min(closes, end):
                yield max(opens, start), min(closes, end), day

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def _covering(self, start: int, end: int) -> Table:
        """The table, made anew with room to spare when it does not reach from start to end."""
        table, low, high = self._table, start // (DAY * MICRO), end // (DAY * MICRO) + 1
        if table.low <= low and high <= table.high:
            return table
        if table.low < table.high:
            low, high = min(low, table.low), max(high, table.high)
        spare = max(_AHEAD, (high - low) // 2)
        self._table = table = self._laid_out(low - spare // 4, high + spare)
        return table

    def _laid_out(self, low: int, high: int) -> Table:
        starts: list[int] = []
        ends: list[int] = []
        for opens, closes in self._intervals(low * DAY, high * DAY):
            if ends and ends[-1] == opens * MICRO:
                ends[-1] = closes * MICRO
            else:
                starts.append(opens * MICRO)
                ends.append(closes * MICRO)
        sums = [0]
        for opens, closes in zip(starts, ends, strict=True):
            sums.append(sums[-1] + closes - opens)
        return Table(low, high, starts, ends, sums)

    def _intervals(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """The working intervals from low to high in seconds since 1970, in order."""
        for start, end, offset in self._offsets(low, high):
            for opens, closes in self._wall_periods(start + offset, end + offset):
                if max(opens - offset, start) < min(closes - offset, end):
                    yield max(opens - offset, start), min(closes - offset, end)

    def _wall_periods(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The periods of the days from start to end, whole, in seconds of the wall clock since 1970."""
        for day in range(start // DAY, (end - 1) // DAY + 1):
            for first, last in () if day in self._off else self._week[(day + _FIRST_WEEKDAY) % 7]:
                yield day * DAY + first, day * DAY + last

    def _offsets(self, low: int, high: int) -> Iterator[tuple[int, int, int]]:
        """From, until and UTC offset in seconds, without gaps: a stretch ends where the zone's offset changes."""
        start, offset = low, self._offset(low)
        for day in range(low, high, DAY):
            later = self._offset(day + DAY)
            if later != offset:
                change = self._change(day, day + DAY, offset)
                yield start, change, offset
                start, offset = change, later
        yield start, high, offset

    def _offset(self, at: int) -> int:
        offset = (_EPOCH + timedelta(seconds=at)).astimezone(self.zone).utcoffset()
        return (offset.days * DAY + offset.seconds) if offset else 0

    def _change(self, low: int, high: int, offset: int) -> int:
        """The first second after `low` with another offset than this."""
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == offset else (low, middle)
        return high
