"""Summaries: what is counted of each tenant, what is unknown, how it is judged, and who sees what."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import update

from core.customers.summaries import queries, tasks
from core.customers.summaries.models import TenantSummary
from core.customers.summaries.recomputing import recompute, recount_days
from core.health.errors.models import ERROR_ROLLUP
from core.health.messages.models import MESSAGE_ROLLUP
from core.health.requests.models import TENANT_ROLLUP
from core.kernel.actor import Actor
from core.kernel.errors import Denied
from core.kernel.rollups import fill, start_of
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from tests.core.kernel.test_writes import make_tenant

DAY = timedelta(days=1)
NOW = start_of(utc_now(), "day") + 1.5 * DAY  # noon, so that hours before are of the same day


def rolled(system, rollup, tenant_id, at, grain="hour", **counts):
    """Sums of a bucket, put into the rollup as telemetry would have."""
    row = {one.name: None for one in rollup.dimensions} | dict.fromkeys(rollup.measures, 0)
    row |= {"sketch_keys": [], "sketch_counts": []} if rollup.sketch else {}
    row |= {"bucket": start_of(at, grain), "tenant_id": tenant_id} | counts
    with record(system) as tx:
        fill(tx, rollup, grain, [row])


def person(raw, tenant_id, *, seen=None, gone=None):
    raw("INSERT INTO tenant_user (id, tenant_id, email, name, is_admin, last_seen_at, deactivated_at, created_at, updated_at,"
        " version) VALUES (:id, :tenant, :mail, 'A', false, :seen, :gone, :made, :made, 1)",
        id=uuid4(), tenant=tenant_id, mail=f"{uuid4().hex}@a.example", seen=seen, gone=gone, made=NOW - 90 * DAY)  # fmt: skip


def alert(raw, tenant_id, severity="warning", status="open", opened=NOW - DAY, resolved=None):
    rule = uuid4()
    raw("INSERT INTO alert_rule (id, name, description, kind, measure, filters, comparison, bound, for_s, clear_after_s,"
        " window_s, minimum_volume, storm_size, settings, severity, area, is_enabled, created_at, updated_at, version)"
        " VALUES (:id, :name, '', 'threshold', 'm', '{}', 'above', 1, 1, 1, 1, 0, 1, '{}', 'warning', 'health', true,"
        " now(), now(), 1)",
        id=rule, name=rule.hex)  # fmt: skip
    raw("INSERT INTO alert (id, rule_id, rule_name, dedup_key, group_key, tenant_id, subject, labels, severity, area, status,"
        " opened_at, resolved_at, unit, summary, occurrences, is_flapping, is_group, notifies, created_at, updated_at, version)"
        " VALUES (:id, :rule, 'r', :key, 'g', :tenant, 's', '{}', :severity, 'health', :status, :opened, :resolved, '', '', 1,"
        " false, false, true, now(), now(), 1)", id=uuid4(), rule=rule, key=rule.hex, tenant=tenant_id, severity=severity,
        status=status, opened=opened, resolved=resolved)  # fmt: skip


def monitor(raw, tenant_id, state, *, paused=False, due_in=DAY):
    key = uuid4()
    raw("INSERT INTO monitor (id, name, description, kind, settings, target, interval_s, timeout_s, retries, retry_interval_s,"
        " tags, is_paused, allows_private, created_at, updated_at, version) VALUES (:id, :name, '', 'http', '{}', 't', 60, 10, 1,"
        " 20, '{}', :paused, false, now(), now(), 1)", id=key, name=key.hex, paused=paused)  # fmt: skip
    raw("INSERT INTO monitor_tenant VALUES (:id, :tenant)", id=key, tenant=tenant_id)
    raw("INSERT INTO monitor_state (monitor_id, state, since, checked_at, due_by, failures, detail) VALUES (:id, :state,"
        " now(), now(), now() + CAST(:due AS interval), 0, '')",
        id=key, state=state, due=f"{due_in.total_seconds()} seconds")  # fmt: skip


def checker_runs(raw):
    raw("INSERT INTO checker_run (id, host, pid, started_at, seen_at) VALUES (gen_random_uuid(), 'h', 1, now(), now())")


def subscribed(raw, tenant_id, mrr, *, at=NOW - 40 * DAY, currency="USD"):
    key = uuid4()
    raw("INSERT INTO subscription (id, tenant_id, plan_key, status, interval, seats, seats_included, unit_price,"
        " seat_price, period_amount, discount, credit, currency, started_at, anchor_on, period_start, period_end, "
        " cancels_at_period_end, created_at, updated_at, version)"
        " VALUES (:id, :tenant, 'pro', 'active', 'monthly', 5, 5, :mrr, 0, :mrr, 0, 0, :currency, :at,"
        " CURRENT_DATE, CURRENT_DATE, CURRENT_DATE + 30, false, now(), now(), 1)",
        id=key, tenant=tenant_id, mrr=mrr, currency=currency, at=at)  # fmt: skip
    raw("INSERT INTO mrr_change (tenant_id, subscription_id, sequence, at, kind, mrr_before, amount, mrr_after, currency,"
        " plan_after, cause) VALUES (:tenant, :id, 1, :at, 'new', 0, :mrr, :mrr, :currency, 'pro', 'test')",
        tenant=tenant_id, id=key, at=at, mrr=mrr, currency=currency)  # fmt: skip
    return key


def invoice(raw, tenant_id, total, *, status="paid", paid=NOW - DAY, currency="USD"):
    raw("INSERT INTO invoice (id, number, tenant_id, source, status, issued_on, due_on, paid_at, currency, subtotal, tax, total,"
        " created_at, updated_at, version) VALUES (:id, :number, :tenant, 'manual', :status, CURRENT_DATE, CURRENT_DATE, :paid,"
        " :currency, :total, 0, :total, now(), now(), 1)", id=uuid4(), number=uuid4().hex, tenant=tenant_id, status=status,
        paid=paid if status == "paid" else None, currency=currency, total=total)  # fmt: skip


def test_what_nobody_told_is_unknown_and_not_nothing(db, raw, system):
    tenant = make_tenant(system)
    before = queries.one(system, tenant.id)
    assert (before["health"], before["seats_used"], before["computed_at"]) == ("unknown", None, None)
    assert recompute(system) == 1
    found = queries.one(system, tenant.id)
    assert (found["seats_used"], found["open_alerts"]) == (0, 0)
    untold = ("users_active_30d", "messages_30d", "messages_30d_before", "api_calls_30d", "errors_24h", "mrr",
              "revenue_30d", "currency")  # fmt: skip
    assert {name: found[name] for name in untold} == dict.fromkeys(untold)
    assert (found["health"], found["health_reason"]) == (
        "unknown",
        "No monitor watches it, and it sent no request in 24 hours.",
    )


def test_people_messages_calls_and_errors_are_counted_in_their_windows(db, raw, system):
    tenant, other = make_tenant(system), make_tenant(system, "Other")
    for seen, gone in ((NOW - DAY, None), (NOW - 40 * DAY, None), (NOW - 2 * DAY, NOW - DAY), (None, None)):
        person(raw, tenant.id, seen=seen, gone=gone)
    for age, sent in ((0, 1), (29, 10), (30, 100), (59, 1_000), (60, 10_000)):
        rolled(system, MESSAGE_ROLLUP, tenant.id, NOW - age * DAY, sent=sent, total=2 * sent)
    for age, channel in ((0, "api"), (29, "api"), (30, "api"), (1, "page")):
        rolled(system, TENANT_ROLLUP, tenant.id, NOW - age * DAY, channel=channel, total=5)
    for hours in (0, 23, 24, 30):
        rolled(system, ERROR_ROLLUP, tenant.id, NOW - timedelta(hours=hours), total=3)
    recompute(system, now=NOW)
    found = queries.one(system, tenant.id)
    counted = ("seats_used", "users_active_30d", "messages_30d", "messages_30d_before", "api_calls_30d", "errors_24h")
    assert [found[name] for name in counted] == [3, 2, 11, 1_100, 10, 6]
    none = queries.one(system, other.id)
    assert [none[name] for name in counted] == [0, None, 0, 0, 0, 0]


def test_messages_of_before_are_unknown_while_the_past_is_shorter(db, system):
    tenant = make_tenant(system)
    rolled(system, MESSAGE_ROLLUP, tenant.id, NOW - 45 * DAY, sent=4)
    recompute(system, now=NOW)
    found = queries.one(system, tenant.id)
    assert (found["messages_30d"], found["messages_30d_before"]) == (0, None)


def test_money_is_the_ledgers_last_word_and_what_was_paid_in_the_tenants_currency(db, raw, system):
    tenant, free = make_tenant(system), make_tenant(system, "Trial")
    key = subscribed(raw, tenant.id, 100)
    raw("INSERT INTO mrr_change (tenant_id, subscription_id, sequence, previous, at, kind, mrr_before, amount, mrr_after,"
        " currency, plan_after, cause) VALUES (:tenant, :id, 2, 1, :at, 'expansion', 100, 50.5, 150.5, 'USD', 'pro', 'test')",
        tenant=tenant.id, id=key, at=NOW - DAY)  # fmt: skip
    for paid, currency, status in ((NOW - DAY, "USD", "paid"), (NOW - 29 * DAY, "USD", "paid"), (NOW - 31 * DAY, "USD", "paid"),
                                   (NOW - DAY, "EUR", "paid"), (NOW, "USD", "open")):  # fmt: skip
        invoice(raw, tenant.id, Decimal("10.01"), status=status, paid=paid, currency=currency)
    recompute(system, now=NOW)
    found = queries.one(system, tenant.id)
    assert (found["mrr"], found["revenue_30d"], found["currency"]) == (Decimal("150.50"), Decimal("20.02"), "USD")
    assert queries.one(system, free.id)["mrr"] is None


@pytest.mark.parametrize(
    ("causes", "health", "reason"),
    [
        ({"alerts": [("critical", "open")]}, "degraded", "Alerts open: 1, critical ones: 1."),
        ({"alerts": [("warning", "acknowledged")]}, "degraded", "Alerts open: 1."),
        ({"alerts": [("critical", "resolved"), ("info", "open")]}, "unknown", "No monitor watches it"),
        ({"monitors": ["up", "down"]}, "down", "Monitors down: 1 of 2."),
        ({"monitors": ["degraded"], "alerts": [("warning", "open")]}, "degraded", "Monitors degraded: 1 of 1."),
        ({"monitors": ["up"]}, "healthy", "Monitors up: 1 of 1."),
        ({"requests": (100, 3)}, "healthy", "No alert is open"),
        ({"requests": (100, 7)}, "degraded", "Requests failing: 7 % of 100, lately."),
        ({"requests": (100, 60), "monitors": ["up"]}, "down", "Requests failing: 60 % of 100, lately."),
        ({"requests": (10, 10)}, "healthy", "No alert is open"),
    ],
)
def test_health_is_judged_by_monitors_alerts_and_requests(db, raw, system, causes, health, reason):
    tenant = make_tenant(system)
    checker_runs(raw)
    for severity, status in causes.get("alerts", ()):
        alert(raw, tenant.id, severity, status, resolved=NOW if status == "resolved" else None)
    for state in causes.get("monitors", ()):
        monitor(raw, tenant.id, state)
    if "requests" in causes:
        total, errors = causes["requests"]
        rolled(system, TENANT_ROLLUP, tenant.id, NOW, channel="api", total=total, errors=errors)
    recompute(system, now=NOW)
    found = queries.one(system, tenant.id)
    assert (found["health"], found["health_reason"][: len(reason)]) == (health, reason)


def test_monitors_that_nobody_checks_say_nothing(db, raw, system):
    tenant = make_tenant(system)
    checker_runs(raw)
    monitor(raw, tenant.id, "down", paused=True)
    monitor(raw, tenant.id, "down", due_in=-DAY)
    recompute(system)
    assert queries.one(system, tenant.id)["health"] == "unknown"


def test_each_day_keeps_its_last_figures(db, raw, system):
    tenant = make_tenant(system)
    raw("UPDATE tenant SET created_at = now() - interval '9 days'")
    recompute(system, now=NOW - 2 * DAY)
    recompute(system, now=NOW - DAY - timedelta(hours=1))
    person(raw, tenant.id)
    for _ in range(2):
        recompute(system, now=NOW - DAY)
    trend = queries.trend(system, tenant.id, days=3, until=NOW)
    assert list(trend["seats_used"]) == [0, 1]
    assert list(trend["day"]) == [start_of(NOW - 2 * DAY, "day"), start_of(NOW - DAY, "day")]
    assert list(trend["mrr"]) == [None, None]


def test_a_count_that_found_nothing_new_leaves_the_day_alone(db, raw, system):
    make_tenant(system)
    recompute(system, now=NOW)
    first = raw("SELECT xmin::text, computed_at FROM tenant_summary_day")
    recompute(system, now=NOW + timedelta(seconds=5))
    assert raw("SELECT xmin::text, computed_at FROM tenant_summary_day") == first
    assert raw("SELECT computed_at FROM tenant_summary")[0].computed_at == NOW + timedelta(seconds=5)


def test_days_of_the_past_are_counted_from_what_is_still_known(db, raw, system):
    tenant = make_tenant(system)
    raw("UPDATE tenant SET created_at = now() - interval '50 days'")
    subscribed(raw, tenant.id, 100, at=NOW - 5 * DAY)
    alert(raw, tenant.id, status="resolved", opened=NOW - 8 * DAY, resolved=NOW - 4 * DAY)
    recount_days(system, [NOW - 7 * DAY, NOW - 3 * DAY])
    trend = queries.trend(system, tenant.id, until=NOW)
    assert list(trend["open_alerts"]) == [1, 0]
    assert list(trend["mrr"]) == [0, 100]


def test_what_is_left_of_a_purged_tenant_is_not_counted(db, raw, system):
    tenant = make_tenant(system)
    recompute(system)
    raw("UPDATE tenant SET status = 'purged'")
    assert recompute(system) == 0
    assert raw("SELECT count(*) FROM tenant_summary")[0].count == 0
    assert raw("SELECT count(*) FROM tenant_summary_day")[0].count == 0
    assert queries.one(system, tenant.id)["computed_at"] is None


def test_figures_are_for_those_who_may_see_their_source_and_the_tenant(db, raw, system, actor_of):
    tenant = make_tenant(system)
    subscribed(raw, tenant.id, 100)
    recompute(system)
    hotline = queries.one(actor_of("hotline_operator"), tenant.id)
    assert (hotline["mrr"], hotline["seats_used"], hotline["open_alerts"]) == (None, None, None)
    assert queries.one(actor_of("admin"), tenant.id)["mrr"] == 100
    assert queries.trend(actor_of("support"), tenant.id)["mrr"].isna().all()
    outsider = queries.one(actor_of("client_success"), tenant.id)
    assert (outsider["computed_at"], outsider["health"]) == (None, "unknown")
    assert queries.trend(actor_of("client_success"), tenant.id).empty
    with pytest.raises(Denied):
        queries.one(actor_of("developer"), tenant.id)


def test_nobody_but_the_portal_changes_figures(db, raw, system, actor_of):
    make_tenant(system)
    recompute(system)
    with record(actor_of("admin")) as tx:
        assert tx.execute(update(TenantSummary).values(seats_used=9)).rowcount == 0


def test_the_task_counts(db, raw, system):
    make_tenant(system)
    tasks.recompute_summaries(Actor.system("jobs"))
    assert raw("SELECT count(*) FROM tenant_summary")[0].count == 1


def test_one_statement_counts_a_thousand(db, raw, system):
    raw("INSERT INTO tenant (id, name, domain, status, tier, region, seats, tags, created_at, updated_at, version)"
        " SELECT gen_random_uuid(), 'T' || n, n || '.example', 'active', 'pro', 'EU', 5, '{}', now(), now(), 1"
        " FROM generate_series(1, 1000) n")  # fmt: skip
    assert recompute(system) == 1000
