"""The agents' load, what came and went by day, and what is expected."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from core.kernel.errors import Denied
from core.kernel.rollups import start_of
from core.kernel.times import utc_now
from core.support.load import queries
from core.support.load.forecast import FEWEST_DAYS, forecast
from core.support.load.queries import Filters
from tests.core.support.breaches import given
from tests.core.support.breaches.given import HOUR

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def flow_of(created, resolved) -> pd.DataFrame:
    """Days up to yesterday."""
    days = pd.date_range(end=pd.Timestamp(NOON).normalize(), periods=len(created) + 1, inclusive="left")
    return pd.DataFrame({"day": days, "created": created, "resolved": resolved})


def test_load_counts_states_by_agent_and_leaves_what_waits_out_of_the_share(db, actor_of):
    ada, bob, team = given.operator("Ada"), given.operator("Bob"), given.team()
    given.agent(ada, team_id=team, capacity=4, skills=["billing"])
    given.agent(bob, capacity=10, is_available=False)
    for status in ("open", "reopened", "in_progress", "waiting", "resolved", "closed"):
        given.ticket(assignee_id=ada, status=status, due_at=utc_now() - HOUR)
    given.ticket(status="open")
    agent = actor_of("support_tier_1")
    found = queries.agents(agent)
    assert list(found["name"]) == ["Ada", "Bob"]
    first = found.iloc[0]
    assert (first["open"], first["in_progress"], first["waiting"], first["overdue"], first["active"]) == (2, 1, 1, 4, 4)
    assert first["share"] == pytest.approx(0.75)
    assert (found["share"].iloc[1], found["team"].iloc[0]) == (0, "First line")
    assert queries.skills(agent) == ["billing"]
    for wanted in (Filters(team_ids=(team,)), Filters(skills=("billing",)), Filters(available=True)):
        assert list(queries.agents(agent, wanted)["name"]) == ["Ada"]
    assert queries.agents(agent, Filters(skills=("french",))).empty
    with pytest.raises(Denied):
        queries.agents(actor_of("developer", grants=frozenset()))


def test_flow_has_every_whole_day_since_the_first_ticket_and_none_of_today(db, system):
    now = utc_now()
    today = start_of(now, "day")
    assert queries.flow(system).empty
    for back, resolved in ((3, None), (3, 1), (1, None), (0, None)):
        made = today - timedelta(days=back) + timedelta(seconds=1)
        given.ticket(
            created_at=made, **({"status": "resolved", "resolved_at": made + timedelta(days=1)} if resolved else {})
        )
    days = queries.flow(system)
    assert list(days["day"].dt.date) == [(today - timedelta(days=back)).date() for back in (3, 2, 1)]
    assert list(days["created"]) == [2, 0, 1]
    assert list(days["resolved"]) == [0, 1, 0]
    assert "Only 3 whole days are known" in queries.backlog(system, days).sentence
    assert queries.backlog(system, days).course.empty
    assert queries.open_now(system) == 3


def test_too_few_days_are_no_forecast_and_enough_are_one():
    few = forecast(flow_of([5] * (FEWEST_DAYS - 1), [4] * (FEWEST_DAYS - 1)), open_now=10, now=NOON)
    assert few.course.empty
    enough = forecast(flow_of([5] * FEWEST_DAYS, [4] * FEWEST_DAYS), open_now=10, now=NOON)
    assert enough.days == FEWEST_DAYS
    assert enough.course["expected"].iloc[0] == pytest.approx(10.5), "half of today is over"
    assert enough.course["expected"].iloc[-1] == pytest.approx(10.5 + 27)
    assert "more come than go" in enough.sentence
    less = forecast(flow_of([4] * FEWEST_DAYS, [5] * FEWEST_DAYS), open_now=10, now=NOON)
    assert less.course["low"].min() == 0
    assert "more go than come" in less.sentence


def test_forecast_follows_the_days_of_the_week():
    weekend = [day.weekday() >= 5 for day in flow_of([0] * 56, [0] * 56)["day"]]
    created = np.where(weekend, 2, 10)
    found = forecast(flow_of(created, np.where(weekend, 0, 10)), open_now=50, now=NOON).course
    grown = dict(zip(found["day"].dt.day_of_week[1:8], found["expected"].diff()[1:8], strict=True))
    assert [round(grown[day], 6) for day in range(7)] == [0, 0, 0, 0, 0, 2, 2]


def test_band_holds_four_times_out_of_five():
    random, held, rounds = np.random.default_rng(33), 0, 400
    usual = np.array([12, 11, 10, 10, 9, 3, 2])
    for _ in range(rounds):
        weekdays = flow_of([0] * 56, [0] * 56)["day"].dt.day_of_week.to_numpy()
        known = flow_of(random.poisson(usual[weekdays]), random.poisson(usual[weekdays] - 1))
        course = forecast(known, open_now=500, now=NOON.replace(hour=0), horizon=14).course
        ahead = course["day"].dt.day_of_week.to_numpy()
        truth = 500 + (random.poisson(usual[ahead]) - random.poisson(usual[ahead] - 1)).sum()
        held += bool(course["low"].iloc[-1] <= truth <= course["high"].iloc[-1])
    assert 0.74 <= held / rounds <= 0.86
