"""An incident's time in buckets: all of it, nothing twice, and few of them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from core.health.requests.window import WIDTH, floor
from core.reliability.incidents.parts import MINUTES_KEPT, parts

NOW = datetime(2026, 5, 20, 12, 34, 56, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=40)).map(lambda ago: NOW - ago)


@settings(max_examples=200, deadline=None)
@given(moments, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_parts_cover_the_time_once_in_whole_buckets(since, length):
    until = min(since + length, NOW)
    made = parts(since, until, now=NOW)
    finest = "minute" if since >= NOW - MINUTES_KEPT else "hour"
    assert made[0].since == floor(since, finest) and made[-1].until >= until
    assert made[-1].until - until < WIDTH[finest] or until == since
    for one, following in pairwise(made):
        assert one.until == following.since
    for one in made:
        assert (
            one.since < one.until
            and floor(one.since, one.grain) == one.since
            and floor(one.until, one.grain) == one.until
        )
    assert len(made) <= 5 and sum((one.until - one.since) // WIDTH[one.grain] for one in made) <= 2 * 59 + 2 * 23 + 41


def test_a_day_and_a_bit_is_minutes_hours_and_a_day():
    since, until = datetime(2026, 5, 18, 22, 50, tzinfo=UTC), datetime(2026, 5, 20, 1, 5, tzinfo=UTC)
    told = [(one.grain, one.since.hour, one.since.minute) for one in parts(since, until, now=NOW)]
    assert told == [("minute", 22, 50), ("hour", 23, 0), ("day", 0, 0), ("hour", 0, 0), ("minute", 1, 0)]
