"""The day's work: idempotent, in few statements, and equal to a recomputation from the states."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from core.customers.invoices import actions as bills
from core.customers.plans import actions as plans
from core.customers.subscriptions import actions, many, renewals
from core.kernel import db as kernel_db
from tests.core.customers.billing.test_subscriptions import invoices, ledger, tenant

D = Decimal


def state(raw, key):
    return raw("SELECT * FROM subscription WHERE tenant_id = :t", t=key)[0]


def test_renewal_invoices_each_period_that_passed_and_doing_it_again_does_nothing(
    subscribed, moved, system, raw, today
):
    key = subscribed("pro", seats=80)
    moved(key, today - timedelta(days=80), today - timedelta(days=50))
    assert renewals.renew(system, today=today) == 2
    made = [one for one in invoices(raw, key) if one.source == "renewal"]
    assert [one.total for one in made] == [D("199.00")] * 2
    row = state(raw, key)
    assert row.period_start <= today < row.period_end
    assert renewals.renew(system, today=today) == 0
    assert len(invoices(raw, key)) == 3 and len(ledger(raw, key)) == 1


def test_trial_that_nobody_converted_goes_on_as_free_and_a_scheduled_one_is_paid_for(
    subscribed, system, admin, raw, today
):
    lapsed, wanted = subscribed("pro", trial_days=5), subscribed("pro", trial_days=5)
    actions.convert(admin, wanted, plan_key="basic", when="period_end")
    renewals.renew(system, today=today + timedelta(days=6))
    assert (tenant(raw, lapsed).tier, tenant(raw, lapsed).status, state(raw, lapsed).status) == (
        "free",
        "active",
        "active",
    )
    assert ledger(raw, lapsed) == [] and not invoices(raw, lapsed)
    assert ledger(raw, wanted) == [("new", D("49.00"), D("49.00"), "basic")]
    assert tenant(raw, wanted).tier == "basic"


def test_scheduled_change_and_cancellation_happen_at_the_end_of_the_period(subscribed, system, admin, raw, today):
    down, gone = subscribed("pro", seats=80), subscribed("pro", seats=80)
    actions.change_plan(admin, down, plan_key="basic", interval="yearly", when="period_end")
    actions.cancel(admin, gone, reason="Budget")
    renewals.renew(system, today=state(raw, down).period_end)
    assert ledger(raw, down)[-1] == ("contraction", D("-158.17"), D("40.83"), "basic")
    assert invoices(raw, down)[-1].total == D("490.00") and state(raw, down).next_plan_key is None
    row = state(raw, gone)
    assert (row.status, row.cancel_cause, row.cancel_reason) == ("cancelled", "request", "Budget")
    assert ledger(raw, gone)[-1][0] == "churn"


def test_price_change_leaves_running_subscriptions_until_they_are_migrated(subscribed, system, admin, raw):
    key, yearly = subscribed("basic", seats=20), subscribed("basic", interval="yearly", seats=20)
    plans.update(admin, "basic", version=1, reason="2027", price_monthly=D("59.00"))
    renewals.renew(system, today=state(raw, key).period_end)
    assert state(raw, key).unit_price == D("49.00") and len(ledger(raw, key)) == 1
    assert many.migrate_prices(admin, "basic", reason="Announced") == 1
    assert state(raw, yearly).next_plan_key is None
    renewals.renew(system, today=state(raw, key).period_end)
    assert ledger(raw, key)[-1] == ("expansion", D("10.00"), D("59.00"), "basic")
    kept = raw("SELECT number, values FROM plan_version WHERE plan_key = 'basic'")[0]
    assert kept.number == 1 and kept.values["price_monthly"] == "49.00"


def test_overdue_invoice_makes_a_subscription_past_due_and_payment_active_again(subscribed, system, admin, raw, today):
    key = subscribed("pro")
    late = today + timedelta(days=15)
    assert renewals.mark_past_due(system, today=today) == 0
    assert renewals.mark_past_due(system, today=late) == 1 and state(raw, key).status == "past_due"
    invoice = raw("SELECT id FROM invoice WHERE tenant_id = :t", t=key)[0].id
    bills.mark_paid(admin, invoice)
    assert renewals.mark_past_due(system, today=late) == 1 and state(raw, key).status == "active"


def test_renewing_takes_one_statement_more_for_a_subscription_more(subscribed, moved, system, today, db):
    def statements(count: int) -> int:
        for _ in range(count):
            moved(subscribed("pro", seats=80), today - timedelta(days=31), today)
        seen: list[str] = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(kernel_db.engine(), "before_cursor_execute", listener)
        assert renewals.renew(system, today=today) == count
        event.remove(kernel_db.engine(), "before_cursor_execute", listener)
        return len(seen)

    assert statements(12) - statements(3) == 9  # the versioned UPDATE; everything else is in bulk


def test_ledger_equals_a_recomputation_from_the_states(subscribed, system, admin, raw, today):
    wanted = ("basic", "monthly", 31), ("pro", "yearly", 80), ("enterprise", "monthly", 600)
    keys = [subscribed(plan, interval=interval, seats=seats) for plan, interval, seats in wanted]
    actions.set_discount(admin, keys[1], discount=D("0.1250"), reason="Agreed")
    actions.change_plan(admin, keys[2], plan_key="pro")
    actions.cancel(admin, keys[0], when="now", reason="Gone")
    by_hand = raw(
        "SELECT tenant_id, CASE WHEN status IN ('active', 'past_due') THEN round(round((unit_price"
        " + greatest(seats - seats_included, 0) * seat_price) * (1 - discount), 2)"
        " / CASE interval WHEN 'yearly' THEN 12 ELSE 1 END, 2) ELSE 0 END AS mrr FROM subscription"
    )
    summed = dict(map(tuple, raw("SELECT tenant_id, sum(amount) FROM mrr_change GROUP BY tenant_id")))
    assert {row.tenant_id: row.mrr for row in by_hand} == summed


UNCHAINED = (
    "INSERT INTO mrr_change (tenant_id, subscription_id, sequence, previous, at, kind, mrr_before, amount, mrr_after, currency,"
    " plan_after, cause) SELECT tenant_id, subscription_id, 2, 1, now(), 'expansion', 200, 1, 201, 'USD', 'pro', 'x'"
    " FROM mrr_change"
)


@pytest.mark.parametrize(
    "statement", ["UPDATE mrr_change SET amount = 1", "DELETE FROM mrr_change", "TRUNCATE mrr_change", UNCHAINED]
)
def test_ledger_cannot_be_touched_even_by_its_owner(subscribed, raw, db, statement):
    subscribed("pro", seats=80)
    raw("SELECT 1")
    with pytest.raises(DBAPIError, match=r"append-only|fk_mrr_change_chain"), db.begin_nested():
        db.execute(text(statement))
        db.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
