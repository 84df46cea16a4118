"""The SLA's routes: customers, metrics, violations with what was decided, budgets; by right and in sight."""

from datetime import timedelta

import pytest

from core.kernel.times import utc_now
from tests.core.kernel.test_writes import make_tenant
from tests.core.reliability.sla import measured
from tests.core.reliability.sla.measured import DAY, midnight

PATH = "/api/v1/superadmin/sla"


@pytest.fixture
def given(raw, system):
    tenant = make_tenant(system, "Acme").id
    key = measured.contract(raw, tenant)
    measured.days(raw, key, tenant, {1: 30}, count=40)
    first = midnight().replace(day=1)
    measured.period(raw, key, tenant, "month", first, bad_minutes=30, observed_minutes=20_000, ends_at=first + 31 * DAY)
    bad = measured.violation(raw, key, tenant, utc_now() - DAY)
    measured.exclusion(
        raw, bad, decision="refused", decided_at=utc_now(), decided_by_name="Bob", decision_note="It was real."
    )
    measured.watermark(raw)
    return key, tenant, bad


def test_customers_and_metrics_are_listed_page_by_page(given, signed_in):
    key, tenant, _ = given
    client = signed_in("support_tier_1")
    (customer,) = client.get(f"{PATH}/customers").json()["items"]
    assert (customer["contract_id"], customer["tenant"], customer["violations"]) == (str(key), "Acme", 1)
    assert client.get(f"{PATH}/customers", params={"state": "met"}).json()["items"] == []
    only = {"grain": "day", "contract_id": str(key), "limit": 30, "since": (midnight() - 35 * DAY).isoformat()}
    first = client.get(f"{PATH}/metrics", params=only).json()
    second = client.get(f"{PATH}/metrics", params=only | {"cursor": first["next"]}).json()
    assert [len(first["items"]), len(second["items"]), second["next"]] == [30, 6, None]
    assert first["items"][1]["bad_minutes"] == 30
    assert (
        client.get(f"{PATH}/metrics", params={"grain": "month", "tenant_id": str(tenant)}).json()["items"][0][
            "bad_minutes"
        ]
        == 30
    )


def test_violations_carry_what_was_decided_and_budgets_what_remains(given, signed_in):
    key, _, bad = given
    client = signed_in("support_tier_1")
    lately = {"since": (utc_now() - timedelta(days=2)).isoformat(), "metric": "uptime"}
    (row,) = client.get(f"{PATH}/violations", params=lately).json()["items"]
    assert (row["id"], row["standing"], row["minutes"]) == (str(bad), "counts", 10)
    assert client.get(f"{PATH}/violations", params={"state": "open"}).json()["items"] == []
    (said,) = client.get(f"{PATH}/violations/{bad}").json()["exclusions"]
    assert (said["decision"], said["decided_by_name"], said["decision_note"]) == ("refused", "Bob", "It was real.")
    assert client.get(f"{PATH}/violations/{key}").status_code == 404
    (budget,) = client.get(f"{PATH}/budgets", params={"contract_id": str(key)}).json()["items"]
    assert (budget["contract_id"], budget["bad_minutes"]) == (str(key), 30)
    assert budget["remaining_minutes"] == pytest.approx(budget["budget_minutes"] - 30)


def test_who_may_not_read_gets_nothing(given, signed_in):
    client = signed_in("hotline_operator")
    for path in ("customers", "metrics", "violations", f"violations/{given[2]}", "budgets"):
        assert client.get(f"{PATH}/{path}").status_code == 403


def test_customers_out_of_sight_are_not_found(given, signed_in):
    client = signed_in("client_success")
    for path in ("customers", "metrics", "violations", "budgets"):
        assert client.get(f"{PATH}/{path}").json()["items"] == []
    assert client.get(f"{PATH}/violations/{given[2]}").status_code == 404
