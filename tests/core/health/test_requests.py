"""Figures of requests: what they add up to, what stays unknown, which tables answer, and what each actor sees."""

import random
from datetime import timedelta
from uuid import uuid4

import pandas as pd
import pytest

from core.health.requests import breakdowns, figures, samples
from core.health.requests.filters import Filters, source
from core.health.requests.models import REQUEST_ROLLUP, ROUTE_ROLLUP, SERVICE_ROLLUP, TENANT_ROLLUP, TENANT_TOTAL_ROLLUP
from core.health.requests.window import Window, window
from core.kernel.actor import Actor
from core.kernel.errors import Denied
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.health.traffic import ago, requests, this_minute

SYSTEM = Actor.system("test")
ALL = Filters()


def hour() -> tuple:
    return this_minute() - timedelta(minutes=59), this_minute() + timedelta(minutes=1)


@pytest.fixture
def assigned(raw, actor_of, system):
    """An operator of one tenant's, that tenant, and another one."""
    acme, globex = make_tenant(system, "Acme"), make_tenant(system, "Globex")
    actor = actor_of("implementation_specialist")
    raw(
        "INSERT INTO tenant_assignment (operator_id, tenant_id, assigned_at) VALUES (:one, :two, now())",
        one=actor.operator_id, two=acme.id,
    )  # fmt: skip
    return actor, acme, globex


def test_windows_are_whole_buckets_of_the_grain_that_fits():
    now = this_minute()
    moment = now.replace(hour=10, minute=20) - timedelta(days=1)
    short = window(ROUTE_ROLLUP, moment, moment + timedelta(hours=1), now=now)
    assert (short.grain, short.since, short.until) == ("minute", moment, moment + timedelta(hours=1))
    day = window(ROUTE_ROLLUP, moment, moment + timedelta(hours=24), now=now)
    assert (day.grain, day.since.minute, day.until.minute, len(day.buckets)) == ("hour", 0, 0, 25)
    quarter = window(ROUTE_ROLLUP, moment - timedelta(days=90), moment, now=now)
    assert (quarter.grain, quarter.since.hour, len(quarter.buckets)) == ("day", 0, 91)


def test_parts_of_a_window_cover_it_once_with_full_days_as_days():
    noon = this_minute().replace(hour=12, minute=0)
    week = Window(noon - timedelta(days=7), noon, "hour")
    assert sum((part.until - part.since for part in week.parts), timedelta()) == week.until - week.since
    assert [(part.grain, len(part.buckets)) for part in week.parts] == [("day", 6), ("hour", 12), ("hour", 12)]
    assert {bucket.hour for part in week.parts if part.grain == "day" for bucket in part.buckets} == {0}
    for whole in (Window(noon - timedelta(hours=20), noon, "hour"), Window(noon, noon + timedelta(hours=1), "minute")):
        assert whole.parts == [whole]


def test_percentiles_of_the_time_before_are_those_of_its_rows(db, raw):
    rows = [{"at": ago(hours=hours), "duration_ms": 10 * hours} for hours in range(170, 330)]
    requests(raw, rows)
    until = this_minute() + timedelta(minutes=1)
    found = figures.report(SYSTEM, ALL, until - timedelta(days=7), until)
    kept = [row["duration_ms"] for row in rows if found.window.before.since <= row["at"] < found.window.before.until]
    assert found.before.requests == len(kept)
    assert found.before.p50 == pytest.approx(pd.Series(kept).median(), rel=0.02)


def test_window_is_coarser_where_minutes_are_not_kept_any_more():
    now = this_minute()
    begin = now - timedelta(days=3)
    assert window(ROUTE_ROLLUP, begin, begin + timedelta(hours=1), now=now).grain == "minute"
    old = window(REQUEST_ROLLUP, begin, begin + timedelta(hours=1), now=now)
    assert old.grain == "hour"
    assert old.since <= begin and old.until >= begin + timedelta(hours=1)


def test_the_narrowest_table_that_knows_is_read(actor_of):
    tenant = Filters(tenant_id=uuid4())
    assert source(SYSTEM, ALL) is SERVICE_ROLLUP
    assert source(SYSTEM, Filters(route="/x")) is ROUTE_ROLLUP
    assert source(SYSTEM, tenant) is source(SYSTEM, ALL, by="tenant_id") is TENANT_TOTAL_ROLLUP
    assert (
        source(SYSTEM, tenant, by="status") is source(SYSTEM, Filters(service="shop"), by="tenant_id") is TENANT_ROLLUP
    )
    assert source(SYSTEM, tenant, by="route") is source(SYSTEM, Filters(route="/x"), by="tenant_id") is REQUEST_ROLLUP
    assert source(actor_of("client_success"), ALL) is TENANT_TOTAL_ROLLUP


def test_without_requests_nothing_is_zero_that_is_unknown(db):
    found = figures.report(SYSTEM, ALL, *hour())
    assert (found.now.requests, found.counted_at) == (0, None)
    assert (found.now.error_ratio, found.now.p95, found.now.mean, found.now.per_minute) == (None, None, None, None)
    assert found.buckets.empty


def test_figures_equal_the_rows(db, raw):
    dice = random.Random(5)
    rows = [
        {"at": ago(minutes=dice.randint(1, 58)), "status": dice.choice([200, 200, 204, 301, 404, 500, 503]),
         "duration_ms": round(dice.lognormvariate(4, 0.8), 3)}
        for _ in range(400)
    ]  # fmt: skip
    requests(raw, rows)
    found = figures.report(SYSTEM, ALL, *hour())
    errors = sum(row["status"] >= 500 for row in rows)
    took = pd.Series([row["duration_ms"] for row in rows])
    assert (found.now.requests, found.now.errors, found.now.untimed) == (400, errors, 0)
    assert found.now.error_ratio == pytest.approx(errors / 400)
    assert found.now.mean == pytest.approx(took.mean())
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        exact = took.quantile(share, interpolation="lower")
        assert getattr(found.now, name) == pytest.approx(exact, rel=0.03), name
    for first in (2, 3, 4, 5):
        assert found.buckets[f"status_{first}xx"].sum() == sum(row["status"] // 100 == first for row in rows)
    assert found.buckets["requests"].sum() == 400
    assert len(found.buckets) == 60


def test_requests_without_a_duration_count_and_are_told(db, raw):
    requests(raw, [{"at": ago(minutes=5), "duration_ms": took} for took in (100, 100, None)])
    found = figures.report(SYSTEM, ALL, *hour()).now
    assert (found.requests, found.timed, found.untimed) == (3, 2, 1)
    assert found.mean == 100
    assert found.p99 == pytest.approx(100, rel=0.02)


def test_minutes_without_requests_are_zero_and_their_durations_unknown(db, raw):
    requests(raw, [{"at": ago(minutes=5), "status": 500}])
    buckets = figures.report(SYSTEM, ALL, *hour()).buckets.set_index("bucket")
    busy, idle = this_minute() - timedelta(minutes=5), this_minute() - timedelta(minutes=6)
    assert (buckets.loc[busy, "requests"], buckets.loc[busy, "error_ratio"]) == (1, 1)
    assert buckets.loc[idle, "requests"] == 0
    assert pd.isna(buckets.loc[idle, "error_ratio"]) and pd.isna(buckets.loc[idle, "p95"])


def test_a_minute_that_is_not_over_is_as_long_as_what_was_counted_of_it(db, raw):
    requests(raw, [{"at": ago(minutes=5)}])
    found = figures.report(SYSTEM, ALL, *hour())
    assert found.counted_at is not None
    assert found.now.minutes == pytest.approx((found.counted_at - found.window.since).total_seconds() / 60)
    assert found.buckets["minutes"].iloc[-1] < 1
    assert set(found.buckets["minutes"].iloc[:-1]) == {1}
    assert found.now.per_minute == pytest.approx(1 / found.now.minutes)


def test_the_time_before_is_as_long_and_right_before(db, raw):
    requests(raw, [
        *({"at": ago(minutes=5)} for _ in range(3)), *({"at": ago(minutes=65), "duration_ms": 900} for _ in range(2)),
        {"at": ago(minutes=130)},
    ])  # fmt: skip
    found = figures.report(SYSTEM, ALL, *hour())
    assert (found.now.requests, found.before.requests, found.before.minutes) == (3, 2, 60)
    assert found.before.p50 == pytest.approx(900, rel=0.02)


def test_filters_narrow_and_files_do_not_count_unless_asked_for(db, raw, system):
    acme = make_tenant(system, "Acme")
    requests(raw, [
        {"at": ago(minutes=5)}, {"at": ago(minutes=5), "service": "billing", "status": 503},
        {"at": ago(minutes=5), "route": "/carts", "tenant_id": acme.id, "status": 404},
        {"at": ago(minutes=5), "service": "portal", "channel": "page", "route": "/home"},
        {"at": ago(minutes=5), "service": "portal", "channel": "web", "route": "/static"},
    ])  # fmt: skip
    counts = {
        ALL: 4, Filters(channel="web"): 1, Filters(channel="page"): 1, Filters(service="billing"): 1,
        Filters(route="/orders"): 2, Filters(route="/orders", service="shop"): 1, Filters(status_class=4): 1,
        Filters(tenant_id=acme.id): 1, Filters(tenant_id=acme.id, route="/carts"): 1,
        Filters(tenant_id=acme.id, route="/orders"): 0, Filters(tenant_id=acme.id, status_class=4): 1,
        Filters(tenant_id=acme.id, status_class=2): 0, Filters(status_class=5, service="shop"): 0,
    }  # fmt: skip
    for filters, count in counts.items():
        assert figures.report(SYSTEM, filters, *hour()).now.requests == count, filters


def test_routes_are_told_apart_by_service_the_most_first(db, raw):
    requests(raw, [
        *({"at": ago(minutes=5), "duration_ms": 10} for _ in range(5)),
        *({"at": ago(minutes=5), "service": "billing", "duration_ms": 800, "status": 500} for _ in range(2)),
        {"at": ago(minutes=5), "route": "/slow", "duration_ms": 5_000},
        {"at": ago(minutes=5), "route": "/untimed", "duration_ms": None},
    ])  # fmt: skip
    frame = breakdowns.by_route(SYSTEM, ALL, *hour())
    assert list(zip(frame["service"], frame["route"], frame["requests"], strict=True))[:2] == [
        ("shop", "/orders", 5), ("billing", "/orders", 2),
    ]  # fmt: skip
    failing = breakdowns.by_route(SYSTEM, ALL, *hour(), order="errors")
    assert list(failing["service"]) == ["billing"] and list(failing["error_ratio"]) == [1]
    slowest = breakdowns.by_route(SYSTEM, ALL, *hour(), order="p95", limit=2)
    assert list(slowest["route"]) == ["/slow", "/orders"]
    assert slowest["p95"].iloc[0] == pytest.approx(5_000, rel=0.02)
    untimed = frame.set_index("route").loc["/untimed"]
    assert pd.isna(untimed["p95"]) and pd.isna(untimed["mean"]) and untimed["timed"] == 0


def test_tenants_come_with_their_names_and_those_without_one(db, raw, system):
    acme, globex = make_tenant(system, "Acme"), make_tenant(system, "Globex")
    requests(raw, [
        *({"at": ago(minutes=5), "tenant_id": acme.id} for _ in range(3)), {"at": ago(minutes=5)},
        *({"at": ago(minutes=5), "tenant_id": globex.id, "status": 500, "duration_ms": 700} for _ in range(2)),
    ])  # fmt: skip
    frame = breakdowns.by_tenant(SYSTEM, ALL, *hour())
    assert list(frame["tenant"].fillna("none")) == ["Acme", "Globex", "none"]
    assert list(frame["requests"]) == [3, 2, 1]
    hit = breakdowns.by_tenant(SYSTEM, Filters(route="/orders"), *hour(), order="errors")
    assert list(hit["tenant"]) == ["Globex"]
    assert hit["p95"].iloc[0] == pytest.approx(700, rel=0.02)
    assert list(breakdowns.by_tenant(SYSTEM, ALL, *hour(), order="p95", limit=1)["tenant"]) == ["Globex"]


def test_breakdowns_of_nothing_are_empty_with_their_columns(db):
    for frame in (breakdowns.by_route(SYSTEM, ALL, *hour()), breakdowns.by_tenant(SYSTEM, ALL, *hour(), order="p95")):
        assert frame.empty
        assert {"requests", "errors", "error_ratio", "mean", "p50", "p95", "p99"} <= set(frame.columns)


def test_statuses_are_exact_where_they_are_kept(db, raw, system):
    acme = make_tenant(system, "Acme")
    requests(raw, [{"at": ago(minutes=5), "tenant_id": acme.id, "status": status} for status in (200, 404, 404, 429)])
    exact = breakdowns.by_status(SYSTEM, ALL, *hour())
    assert dict(zip(exact["status"], exact["requests"], strict=True)) == {"200": 1, "404": 2, "429": 1}
    classes = breakdowns.by_status(SYSTEM, Filters(tenant_id=acme.id), *hour())
    assert dict(zip(classes["status"], classes["requests"], strict=True)) == {"2xx": 1, "4xx": 3}


def test_samples_are_the_latest_of_one_route(db, raw, system):
    acme = make_tenant(system, "Acme")
    requests(raw, [
        {"at": ago(minutes=50), "request_id": "old", "tenant_id": acme.id, "duration_ms": None},
        {"at": ago(minutes=5), "request_id": "new"}, {"at": ago(minutes=4), "request_id": "bad", "status": 500},
        {"at": ago(minutes=3), "request_id": "elsewhere", "route": "/carts"},
    ])  # fmt: skip
    route = Filters(route="/orders")
    found = samples.samples(SYSTEM, route, *hour())
    assert list(found["request_id"]) == ["bad", "new", "old"]
    assert found["tenant"].iloc[2] == "Acme" and pd.isna(found["duration_ms"].iloc[2])
    assert list(samples.samples(SYSTEM, route, *hour(), limit=1)["request_id"]) == ["bad"]
    assert list(samples.samples(SYSTEM, route, *hour(), errors_only=True)["request_id"]) == ["bad"]
    of_tenant = Filters(route="/orders", tenant_id=acme.id)
    assert list(samples.samples(SYSTEM, of_tenant, *hour())["request_id"]) == ["old"]
    assert samples.samples(SYSTEM, ALL, *hour()).empty


def test_figures_of_an_assigned_operator_are_of_his_tenants(db, raw, assigned):
    actor, acme, globex = assigned
    requests(raw, [
        {"at": ago(minutes=5), "tenant_id": acme.id}, {"at": ago(minutes=5)},
        *({"at": ago(minutes=5), "tenant_id": globex.id, "route": "/theirs", "status": 500} for _ in range(2)),
    ])  # fmt: skip
    found = figures.report(actor, ALL, *hour())
    assert (found.now.requests, found.now.errors) == (1, 0)
    assert list(breakdowns.by_route(actor, ALL, *hour())["route"]) == ["/orders"]
    assert list(breakdowns.by_tenant(actor, ALL, *hour())["tenant"]) == ["Acme"]
    assert figures.report(actor, Filters(tenant_id=globex.id), *hour()).now.requests == 0
    assert samples.samples(actor, Filters(route="/theirs"), *hour()).empty


def test_metrics_take_the_right_to_see_health(db, actor_of):
    stranger = actor_of("support", grants=frozenset({"tenants:read"}))
    for ask in (
        lambda: figures.report(stranger, ALL, *hour()), lambda: breakdowns.by_route(stranger, ALL, *hour()),
        lambda: breakdowns.by_tenant(stranger, ALL, *hour()), lambda: breakdowns.by_status(stranger, ALL, *hour()),
        lambda: samples.samples(stranger, ALL, *hour()),
    ):  # fmt: skip
        with pytest.raises(Denied, match="health:read"):
            ask()
