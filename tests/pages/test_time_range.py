"""The one time-range control of the pages, and the address it keeps."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from core.kernel.actor import Actor
    from pages._parts import time_range

    chosen = time_range.choose(Actor.system("test"))
    st.text(f"{chosen.since.isoformat()} {chosen.until.isoformat()} {chosen.grain} {chosen.is_live}")
    st.text(chosen.label)


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(page)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def address(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def told(app: AppTest) -> tuple[datetime, datetime, str, bool]:
    assert not app.exception
    since, until, grain, is_live = app.text[0].value.split()
    return datetime.fromisoformat(since), datetime.fromisoformat(until), grain, is_live == "True"


def test_nothing_said_is_the_last_day_up_to_now_in_whole_hours():
    since, until, grain, is_live = told(opened())
    assert timedelta(0) < until - datetime.now(UTC) <= timedelta(minutes=1)
    assert timedelta(hours=24) <= until - since < timedelta(hours=25)
    assert (since.minute, grain, is_live) == (0, "hour", True)


@pytest.mark.parametrize(("name", "grain"), [("1h", "minute"), ("6h", "minute"), ("7d", "hour"), ("30d", "day")])
def test_the_address_chooses_and_the_grain_follows_the_length(name, grain):
    app = opened(range=name)
    assert told(app)[2] == grain
    assert address(app, "range") == name


def test_a_choice_goes_into_the_address():
    app = opened()
    app.button_group[0].select("7d").run()
    assert address(app, "range") == "7d"
    assert app.text[1].value == "the last 7 d"


def test_an_own_range_is_kept_in_the_address_in_utc():
    app = opened(**{"from": "2026-01-05T08:00", "to": "2026-01-05T10:00"})
    since, until, grain, is_live = told(app)
    assert (since, until) == (datetime(2026, 1, 5, 8, tzinfo=UTC), datetime(2026, 1, 5, 10, tzinfo=UTC))
    assert (grain, is_live) == ("minute", False)
    assert address(app, "from") == "2026-01-05T08:00"


def test_an_end_before_the_beginning_is_told_and_shows_an_hour():
    app = opened(**{"from": "2026-01-05T08:00", "to": "2026-01-05T07:00"})
    since, until, _, _ = told(app)
    assert until - since == timedelta(hours=1)
    assert "not after the beginning" in app.warning[0].value


def test_an_address_that_makes_no_sense_is_told_and_shows_the_default():
    app = opened(range="yesterday")
    assert told(app)[2] == "hour"
    assert "yesterday" in app.caption[0].value
