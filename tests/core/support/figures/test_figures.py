"""Figures of tickets that are still open, of business hours, and for whom."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import insert

from core.kernel.errors import Denied
from core.kernel.models import uuid7
from core.kernel.writes import write
from core.support.figures import backlog, compliance, distributions, times
from core.support.figures.filters import Filters, Period
from core.support.importing.loading import load
from core.support.sla.models import TicketClock
from core.support.tickets.models import Ticket
from tests.core.support.importing.log import EXCERPT, cut, facts

DAY = Period(datetime(2026, 5, 4, tzinfo=UTC), datetime(2026, 5, 5, tzinfo=UTC))
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def answered(system, db):
    """Makes tickets that were answered at noon after so many minutes, with what their clocks counted (None: no clock)."""

    def make(minutes: list[tuple[int, int | None]], **values) -> None:
        rows, clocks = [], []
        for number, (wall, business) in enumerate(minutes):
            common = {"status": "open", "priority": "medium", "channel": "portal", "tags": [], "sla_state": "none"}
            rows.append(common | {
                "id": uuid7(), "number": 900 + number, "requester_name": "Ada", "subject": "s", "description": "d",
                "created_at": NOON - timedelta(minutes=wall), "updated_at": NOON, "version": 1, "reopen_count": 0,
                "first_response_at": NOON, **values,
            })  # fmt: skip
            if business is not None:
                clocks.append({
                    "ticket_id": rows[-1]["id"], "target": "first_response", "state": "met" if business <= 60 else "missed",
                    "started_at": NOON - timedelta(minutes=wall), "stopped_at": NOON, "target_s": 3600,
                    "elapsed_s": business * 60, "level": 0, "computed_at": NOON,
                })  # fmt: skip
        with write(system, "demo.seed") as tx:
            tx.bulk(insert(Ticket), rows)
            if clocks:
                tx.bulk(insert(TicketClock), clocks)

    return make


def test_business_hours_are_what_the_clock_counted(answered, system):
    answered([(30, 20), (90, 60), (600, 61), (10, None)])
    frame = times.overview(system, Filters(DAY))
    assert times.figure(frame, "first_response", "tickets") == 4
    assert times.figure(frame, "first_response", "wall_median_s") == 60 * 60  # between 30 and 90 min
    assert times.figure(frame, "first_response", "business_average_s") == pytest.approx(47 * 60)
    assert times.figure(frame, "first_response", "business_median_s") == 60 * 60
    rates = compliance.rates(system, Filters(DAY)).set_index("target")
    assert (rates.loc["first_response", "met"], rates.loc["first_response", "missed"]) == (2, 1)
    assert rates.loc["first_response", "met_ratio"] == pytest.approx(2 / 3)
    assert pd.isna(rates.loc["resolution", "met_ratio"])


def test_the_end_of_a_period_belongs_to_the_next(answered, system):
    answered([(30, 20)])
    early, late = Period(NOON - timedelta(hours=1), NOON), Period(NOON, NOON + timedelta(hours=1))
    assert times.figure(times.overview(system, Filters(early)), "first_response", "tickets") is None
    assert times.figure(times.overview(system, Filters(late)), "first_response", "tickets") == 1


def test_open_tickets_are_counted_by_status_priority_and_category(raw, system, tmp_path):
    early = cut(EXCERPT, tmp_path / "early.csv", "2016-03-01 12:00")
    load(system, early)
    known = facts(early)
    known = known[~known["status"].isin(["resolved", "closed"])]
    frame = backlog.active(system)
    found = (
        frame.assign(category=frame["category"].fillna(""))
        .set_index(["status", "priority", "category"])["tickets"]
        .to_dict()
    )
    assert (
        found
        == known.assign(category=known["category"].fillna(""))
        .groupby(["status", "priority", "category"])
        .size()
        .to_dict()
    )
    course = backlog.by_day(system, Period(datetime(2016, 2, 29, tzinfo=UTC), datetime(2016, 3, 3, tzinfo=UTC)), UTC)
    assert course["backlog"].iloc[-1] == len(known) > 0


def test_unknown_is_no_number(system, db):
    assert times.overview(system, Filters(DAY)).empty
    assert compliance.rates(system, Filters(DAY))["met_ratio"].isna().all()
    assert distributions.by(system, Filters(DAY), "agent", "resolution").empty
    assert distributions.spread(system, Filters(DAY), "resolution", "business").empty
    assert compliance.latest_breaches(system).empty


def test_others_see_no_figures_and_the_scope_holds(answered, actor_of, raw):
    raw(
        "INSERT INTO tenant (id, name, domain, status, tier, region, seats, tags, created_at, updated_at, version) VALUES"
        " ('00000000-0000-4000-8000-000000000001', 'A', 'a.example', 'active', 'free', 'EU', 5, '{}', now(), now(), 1)"
    )
    answered([(30, 20)], tenant_id="00000000-0000-4000-8000-000000000001")
    stranger = actor_of("support", grants=frozenset({"tenants:read"}))
    reads = (
        lambda: backlog.active(stranger), lambda: times.overview(stranger, Filters(DAY)),
        lambda: compliance.rates(stranger, Filters(DAY)), lambda: compliance.latest_breaches(stranger),
        lambda: distributions.by(stranger, Filters(DAY), "hour", "resolution"), lambda: backlog.by_day(stranger, DAY, UTC),
    )  # fmt: skip
    for read in reads:
        with pytest.raises(Denied):
            read()
    manager = actor_of("client_success")
    assert times.figure(times.overview(manager, Filters(DAY)), "first_response", "tickets") is None
    assert times.figure(times.overview(actor_of("support"), Filters(DAY)), "first_response", "tickets") == 1
    assert backlog.active(manager).empty and compliance.rates(manager, Filters(DAY))["met"].sum() == 0
