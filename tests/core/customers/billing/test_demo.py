"""The demo's two years add up, and are what the product itself would hold."""

from random import Random
from uuid import uuid4

from core.customers import demo as customers
from core.customers.subscriptions import demo, renewals
from core.kernel.times import utc_now
from core.kernel.writes import write


def test_demo_subscriptions_ledger_and_invoices_agree(db, system, raw):
    now = utc_now()
    with write(system, "demo.seed") as tx:
        customers.seed(tx, Random(7), now, {"client_success": uuid4()})
        demo.seed(tx, Random(30), now)
    rows = raw("SELECT t.tier, t.status AS tenant_status, s.* FROM tenant t JOIN subscription s ON s.tenant_id = t.id")
    assert len(rows) == customers.TENANTS
    assert all(
        row.tier == row.plan_key and (row.status == "trialing") == (row.tenant_status == "trial") for row in rows
    )
    assert all(row.period_start <= now.date() < row.period_end for row in rows)
    booked = dict(
        map(tuple, raw("SELECT tenant_id, sum(amount) FROM mrr_change GROUP BY tenant_id HAVING sum(amount) > 0"))
    )
    by_state = raw(
        "SELECT tenant_id, round(round((unit_price + greatest(seats - seats_included, 0) * seat_price) * (1 - discount), 2)"
        " / CASE interval WHEN 'yearly' THEN 12 ELSE 1 END, 2) AS mrr FROM subscription WHERE status IN ('active', 'past_due')"
    )
    assert booked == {row.tenant_id: row.mrr for row in by_state if row.mrr}
    assert {row.kind for row in raw("SELECT DISTINCT kind FROM mrr_change")} >= {
        "new",
        "expansion",
        "contraction",
        "churn",
    }
    counts = dict(map(tuple, raw("SELECT status, count(*) FROM invoice GROUP BY status")))
    assert counts["paid"] > 400 and counts["open"] > 5
    gaps = raw(
        "SELECT 1 FROM (SELECT left(number, 4) AS y, max(right(number, 6)::int) AS m, count(*) AS n FROM invoice GROUP BY 1) x"
        " WHERE m <> n"
    )
    assert gaps == []
    assert renewals.renew(system, today=now.date()) == 0 and renewals.mark_past_due(system, today=now.date()) == 0
