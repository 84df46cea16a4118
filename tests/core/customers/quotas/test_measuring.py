"""What is measured of every tenant: from rollups and tables, unknown where nothing is known."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.customers.quotas import measuring, queries
from core.kernel.times import utc_now
from tests.core.customers.quotas import given

NOW = utc_now().replace(day=15, hour=12, minute=30)


@pytest.fixture
def uses(db, system):
    """Measures, and tells the uses of a tenant by resource: (used, limit, ratio)."""

    def look(tenant_id, now=NOW):
        measuring.measure(system, now=now)
        found = queries.of_tenant(system, tenant_id, now=now).set_index("resource")
        return {name: (row.used, row.limit_value, row.ratio) for name, row in found.iterrows()}

    return look


def test_every_resource_is_measured_from_its_own_source(uses):
    acme, other = given.tenant("pro", seats=4, people=3), given.tenant("free", people=1)
    given.calls(acme, NOW, 900_000)
    given.calls(acme, NOW, 77, channel="product")
    given.calls(acme, NOW.replace(day=1) - timedelta(days=1), 5_000)
    given.messages(acme, NOW - timedelta(days=3), 250_000)
    given.metric(acme, "tenant.storage_bytes", "gauge", NOW - timedelta(minutes=9), 10 << 30)
    given.metric(acme, "tenant.storage_bytes", "gauge", NOW - timedelta(minutes=2), 40 << 30)
    given.metric(acme, "tenant.storage_bytes", "gauge", NOW - timedelta(hours=3), 10 << 30, service="mail")
    given.metric(acme, "ai.spend_usd", "counter", NOW - timedelta(days=2), 40.5)
    given.metric(acme, "ai.spend_usd", "counter", NOW, 9.5)
    assert uses(acme) == {
        "users": (3, 4, Decimal("0.75")), "storage_bytes": (50 << 30, 100 << 30, Decimal("0.5")),
        "api_calls": (900_000, 1_000_000, Decimal("0.9")), "messages": (250_000, 200_000, Decimal("1.25")),
        "ai_spend": (50, 200, Decimal("0.25")),
    }  # fmt: skip
    assert uses(other)["api_calls"][0] == 0


def test_what_the_product_did_not_tell_is_unknown_and_never_0(uses):
    acme = given.tenant("free", people=2)
    used = {name: use for name, (use, _, _) in uses(acme).items()}
    assert used == {"users": 2, "storage_bytes": None, "api_calls": None, "messages": None, "ai_spend": None}


def test_what_was_told_long_ago_is_not_known_any_more(uses):
    acme = given.tenant()
    given.metric(acme, "tenant.storage_bytes", "gauge", NOW - timedelta(hours=50), 5)
    given.metric(acme, "ai.spend_usd", "counter", NOW - timedelta(days=20), 5)
    found = uses(acme)
    assert (found["storage_bytes"][0], found["ai_spend"][0]) == (None, None)


def test_month_begins_anew_and_the_next_look_counts_from_0(uses, system):
    acme = given.tenant()
    end = datetime(2026, 3, 31, 23, 59, 30, tzinfo=UTC)
    given.calls(acme, end, 600)
    assert uses(acme, end)["api_calls"][0] == 600
    later = end + timedelta(minutes=1)
    unmeasured = queries.of_tenant(system, acme, now=later).set_index("resource").loc["api_calls"]
    assert (unmeasured.used, unmeasured.resets_at.isoformat()) == (0, "2026-05-01T00:00:00+00:00")
    assert uses(acme, later)["api_calls"][0] == 0


def test_a_look_that_comes_late_does_not_undo_a_newer_one(db, system, raw):
    acme = given.tenant(people=1)
    measuring.measure(system, now=NOW)
    given.join(acme, 7)
    measuring.measure(system, now=NOW - timedelta(minutes=5))
    used = "SELECT used FROM quota_usage WHERE resource = 'users'"
    assert raw(used)[0].used == 1
    measuring.measure(system, now=NOW + timedelta(minutes=5))
    assert raw(used)[0].used == 2


def test_plan_change_in_the_middle_of_a_month_counts_at_once_and_keeps_the_use(uses, raw):
    acme = given.tenant("basic")
    given.calls(acme, NOW, 90_000)
    assert uses(acme)["api_calls"] == (90_000, 100_000, Decimal("0.9"))
    raw("UPDATE tenant SET tier = 'enterprise' WHERE id = :id", id=acme)
    assert uses(acme, NOW + timedelta(minutes=1))["api_calls"] == (90_000, None, None)


def test_days_are_kept_and_late_telemetry_is_counted_at_night(db, system, raw):
    acme = given.tenant(people=1)
    day = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = day - timedelta(days=1)
    given.calls(acme, yesterday, 10)
    measuring.recount(system, [yesterday], now=NOW)
    measuring.measure(system, now=NOW)
    given.calls(acme, yesterday, 5)
    raw("UPDATE quota_usage_day SET amount = 3 WHERE resource = 'users' AND day = :day", day=yesterday)
    measuring.recount(system, [yesterday], now=NOW)
    courses = queries.courses(system, acme, now=NOW)
    found = {(row.resource, row.day.day): row.amount for row in courses.dropna(subset=["amount"]).itertuples()}
    assert found == {("users", 14): 3, ("users", 15): 1, ("api_calls", 14): 15, ("api_calls", 15): 0}


def test_gone_tenants_are_not_measured(db, system, raw):
    acme = given.tenant()
    measuring.measure(system, now=NOW)
    raw("UPDATE tenant SET status = 'deleted' WHERE id = :id", id=acme)
    measuring.measure(system, now=NOW + timedelta(minutes=1))
    assert raw("SELECT count(*) FROM quota_usage")[0].count == 0


def test_measuring_takes_as_many_statements_for_many_tenants_as_for_one(db, system, statements_of):
    given.tenant()
    one = statements_of(lambda: measuring.measure(system, now=NOW))
    for _ in range(10):
        given.tenant()
    assert statements_of(lambda: measuring.measure(system, now=NOW + timedelta(minutes=1))) == one
