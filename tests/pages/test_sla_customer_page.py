"""The pages SLA customer and SLA alerts: nothing, figures, unknown, out of sight."""

import pytest

from core.kernel.times import utc_now
from tests.core.kernel.test_writes import make_tenant
from tests.core.reliability.sla import measured
from tests.core.reliability.sla.measured import DAY, midnight

KEY, ALERTS = "reliability/sla_customer", "reliability/sla_alerts"


@pytest.fixture
def customer(raw, system):
    def make(name: str, bad: dict[int, int], **values: object):
        tenant = make_tenant(system, name).id
        key = measured.contract(raw, tenant)
        measured.days(raw, key, tenant, bad, **values)
        first, given = midnight().replace(day=1), {"observed_minutes": 30_000} | values
        measured.period(
            raw, key, tenant, "month", first, bad_minutes=sum(bad.values()), ends_at=first + 31 * DAY, **given
        )
        return key, tenant

    return make


def test_customer_shows_budget_time_line_and_months(open_page, actor_of, customer, raw):
    key, tenant = customer("**Odd** <b>", {1: 20})
    measured.violation(raw, key, tenant, utc_now() - DAY)
    measured.watermark(raw)
    app = open_page(actor_of("admin"), KEY, contract=str(key))
    told = {one.label: one.value for one in app.metric}
    assert told["Uptime, this month"] == "99.933 %"
    assert told["Late answers"] == "None were due"
    assert float(told["Consumed"].split()[0]) > 20
    violations, months = (one.value for one in app.dataframe)
    assert list(violations["minutes"]) == ["10 min"]
    assert (months["bad"].iloc[0], months["credit"].iloc[0]) == ("20 min", "None")
    assert not app.exception
    by_tenant = open_page(actor_of("support_tier_1"), KEY, tenant=str(tenant))
    assert "credit" not in by_tenant.dataframe[1].value
    stranger = open_page(actor_of("client_success"), KEY, contract=str(key))
    assert "not among those you may see" in stranger.warning[0].value
    assert "Choose a customer" in open_page(actor_of("admin"), KEY).info[0].value


def test_what_nobody_observed_is_unknown_and_no_target_is_said(open_page, actor_of, customer, raw):
    unseen = {"observed_minutes": 0, "unobserved_minutes": 1440, "requests": 0, "errors": 0, "error_rate": None,
              "latency_p99_ms": None, "uptime_target": None}  # fmt: skip
    key, _ = customer("Dark", {}, **unseen)
    measured.watermark(raw)
    app = open_page(actor_of("support_tier_1"), KEY, contract=str(key))
    told = {one.label: one.value for one in app.metric}
    assert [
        told[name] for name in ("Uptime, this month", "Uptime, 30 days", "P99, this month", "Error rate, 30 days")
    ] == ["–"] * 4
    assert any("promises no uptime" in one.value for one in app.info)
    assert app.dataframe[0].value["bad"].iloc[0] == "–"
    assert not app.exception


def test_budgets_that_burn_are_listed_and_alerts_by_right(open_page, actor_of, customer, raw):
    app = open_page(actor_of("support_tier_1"), ALERTS)
    assert "No contract that promises an uptime" in app.info[0].value
    customer("Acme", {0: 20})
    customer("Quiet", {})
    measured.watermark(raw)
    app = open_page(actor_of("support"), ALERTS)
    assert list(app.dataframe[0].value["tenant"]) == ["Acme"]
    assert "No alert about a contract is live" in app.info[0].value
    assert not app.exception
    assert "No budget burns that much" in open_page(actor_of("support"), ALERTS, **{"from": "100 %"}).info[0].value
    reader = open_page(actor_of("support_tier_1"), ALERTS)
    assert any("alerts:read" in one.value for one in reader.caption)
