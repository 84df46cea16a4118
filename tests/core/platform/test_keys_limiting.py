"""The limit of calls a minute, with a clock that the test turns."""

from hypothesis import given
from hypothesis import strategies as st

from core.platform.keys.limiting import WINDOW_S, Limiter

STEPS = st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=120)


class Clock:
    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@given(st.integers(1, 20), STEPS)
def test_never_more_than_the_limit_in_any_sixty_seconds(limit, steps):
    clock = Clock()
    limiter, allowed = Limiter(clock), []
    for step in steps:
        clock.now += step
        if limiter.spend("key", limit).is_allowed:
            allowed.append(clock.now)
    for last in allowed:
        assert sum(last - WINDOW_S < moment <= last for moment in allowed) <= limit


@given(st.integers(1, 20), STEPS)
def test_whoever_waits_as_long_as_he_is_told_may_call_again(limit, steps):
    clock = Clock()
    limiter = Limiter(clock)
    for step in steps:
        clock.now += step
        quota = limiter.spend("key", limit)
        if not quota.is_allowed:
            assert 1 <= quota.reset_s <= WINDOW_S + 1
            clock.now += quota.reset_s
            assert limiter.spend("key", limit).is_allowed


@given(st.integers(1, 50), st.integers(0, 80))
def test_what_remains_is_what_may_still_be_called(limit, calls):
    limiter = Limiter(Clock())
    for _ in range(calls):
        limiter.spend("key", limit)
    remaining = limiter.left("key", limit).remaining
    assert remaining == max(limit - calls, 0)
    assert [limiter.spend("key", limit).is_allowed for _ in range(remaining + 1)] == [True] * remaining + [False]


def test_a_call_late_in_its_second_counts_for_the_whole_minute_after_it():
    clock = Clock(1_000.9)
    limiter = Limiter(clock)
    limiter.spend("key", 1)
    for moment, is_allowed in ((1_060.0, False), (1_060.89, False), (1_061.0, True)):
        clock.now = moment
        assert limiter.spend("key", 1).is_allowed is is_allowed, moment


def test_a_refused_call_does_not_lengthen_the_wait():
    clock = Clock()
    limiter = Limiter(clock)
    limiter.spend("key", 1)
    clock.now += 50
    for _ in range(100):
        assert not limiter.spend("key", 1).is_allowed
    clock.now += 11
    assert limiter.spend("key", 1).is_allowed


def test_keys_do_not_share_a_limit_and_a_lower_one_counts_at_once():
    limiter = Limiter(Clock())
    assert [limiter.spend("a", 5).is_allowed for _ in range(5)] == [True] * 5
    assert limiter.spend("b", 5).is_allowed
    assert not limiter.spend("a", 3).is_allowed
    assert limiter.left("a", 3).remaining == 0


def test_memory_is_bounded():
    limiter = Limiter(Clock(), capacity=100)
    for number in range(1_000):
        limiter.spend(number, 5)
    assert len(limiter) == 100
