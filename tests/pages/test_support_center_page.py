"""Support center and response times: what they show of a known log, their filters in the address, and to whom."""

import pytest

from core.support.importing.loading import load
from tests.core.support.importing.log import EXCERPT, cut

CENTER, TIMES = "support/center", "support/response_times"
MARCH = {"from": "2016-02-28T00:00", "to": "2016-03-31T00:00"}


def cards(app) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


@pytest.fixture
def open_tickets(system, db, tmp_path):
    load(system, cut(EXCERPT, tmp_path / "early.csv", "2016-03-01 12:00"))


def test_center_shows_what_waits_and_what_is_unknown(open_page, actor_of, open_tickets):
    app = open_page(actor_of("support"), CENTER, **MARCH)
    assert not app.exception
    shown = cards(app)
    assert int(shown["In progress"]) + int(shown["Waiting"]) + int(shown["Open"]) > 0
    assert shown["First response, average"] == shown["CSAT"] == shown["NPS"] == "–"
    assert shown["Resolution, average"] != "–" and shown["Resolved in time"].endswith("%")
    rates, waits, late = (one.value for one in app.dataframe)
    assert list(rates["target"]) == ["First response", "Next response", "Resolution"]
    assert waits["Tickets"].iloc[0] == 0 and waits["Tickets"].iloc[1] > 0
    assert len(late) > 0 and late["number"].str.startswith("QD-").all()


def test_center_is_empty_where_there_is_nothing(open_page, actor_of):
    app = open_page(actor_of("support"), CENTER)
    assert not app.exception and not app.metric
    assert "No ticket is open" in app.info[0].value


def test_response_times_follow_the_address(open_page, actor_of, system, db):
    load(system, EXCERPT)
    app = open_page(actor_of("support"), TIMES, **MARCH, measure="Resolution", by="Team")
    assert not app.exception
    teams = app.dataframe[0].value
    assert teams["tickets"].sum() == 12 and teams["wall_median_s"].notna().all()
    app = open_page(
        actor_of("support"),
        TIMES,
        **MARCH,
        measure="Resolution",
        by="Priority",
        priority="Urgent",
        hours="Business hours",
    )
    assert list(app.dataframe[0].value["part"]) == ["Urgent"]
    team = teams["part"].iloc[0]
    app = open_page(actor_of("support"), TIMES, **MARCH, measure="Resolution", by="Team", team=team)
    assert list(app.dataframe[0].value["part"]) == [team] and not app.exception


def test_response_times_are_empty_without_answers(open_page, actor_of, system, db):
    load(system, EXCERPT)
    app = open_page(actor_of("support"), TIMES, **MARCH)
    assert "Nothing was answered" in app.info[0].value and not app.exception and not app.dataframe


@pytest.mark.parametrize("key", [CENTER, TIMES])
def test_figures_are_for_those_who_read_tickets(open_page, actor_of, key):
    stranger = actor_of("support", grants=frozenset({"tenants:read"}))
    app = open_page(stranger, key)
    assert not app.metric and not app.dataframe
