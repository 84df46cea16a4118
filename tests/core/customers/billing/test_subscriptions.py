"""One tenant's subscription: every act writes its row, the ledger, the tenant's copy, audit and event together."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.customers.subscriptions import actions, many, queries
from core.kernel.errors import Conflict, Denied, Invalid, NotFound

D = Decimal


def ledger(raw, tenant_id):
    rows = raw(
        "SELECT kind, amount, mrr_after, plan_after FROM mrr_change WHERE tenant_id = :t ORDER BY sequence", t=tenant_id
    )
    return [tuple(row) for row in rows]


def tenant(raw, tenant_id):
    return raw("SELECT tier, status, seats, trial_ends_on FROM tenant WHERE id = :t", t=tenant_id)[0]


def invoices(raw, tenant_id):
    return raw(
        "SELECT number, source, subtotal, total, status FROM invoice WHERE tenant_id = :t ORDER BY number", t=tenant_id
    )


def test_start_writes_subscription_ledger_invoice_audit_and_event_together(bare, admin, raw, today):
    key = bare()
    actions.start(admin, key, plan_key="pro")
    assert ledger(raw, key) == [("new", D("199.00"), D("199.00"), "pro")]
    assert tuple(tenant(raw, key)) == ("pro", "active", 5, None)
    assert [(one.total, one.status, one.source) for one in invoices(raw, key)] == [(D("199.00"), "open", "change")]
    event = raw("SELECT type FROM event WHERE tenant_id = :t AND type LIKE 'subscriptions%'", t=key)
    assert [row.type for row in event] == ["subscriptions.start"]
    entry = raw("SELECT changes FROM audit_entry WHERE tenant_id = :t AND action = 'subscriptions.start'", t=key)[0]
    assert {one["table"] for one in entry.changes} == {
        "subscription",
        "tenant",
        "mrr_change",
        "invoice",
        "invoice_line",
    }
    with pytest.raises(Invalid, match="has a subscription already"):
        actions.start(admin, key, plan_key="pro")


def test_trial_counts_nothing_until_it_is_converted(subscribed, admin, raw, today):
    key = subscribed("basic", trial_days=10)
    assert ledger(raw, key) == [] and not invoices(raw, key)
    assert tuple(tenant(raw, key)) == ("basic", "trial", 5, today + timedelta(days=10))
    actions.extend_trial(admin, key, trial_ends_on=today + timedelta(days=20), reason="They asked")
    assert tenant(raw, key).trial_ends_on == today + timedelta(days=20)
    with pytest.raises(Invalid, match="choose a later day"):
        actions.extend_trial(admin, key, trial_ends_on=today + timedelta(days=5), reason="Back")
    shown = queries.preview(admin, key, plan_key="pro", converts=True)
    assert (shown.change.due, shown.mrr_before, shown.mrr_after) == (D("199.00"), D(0), D("199.00"))
    actions.convert(admin, key, plan_key="pro", expected_net=shown.change.net)
    assert ledger(raw, key) == [("new", D("199.00"), D("199.00"), "pro")]
    assert tuple(tenant(raw, key)) == ("pro", "active", 80, None)
    assert [one.total for one in invoices(raw, key)] == [D("199.00")]
    with pytest.raises(Invalid, match="only a trial"):
        actions.convert(admin, key)


def test_upgrade_in_the_middle_of_a_period_is_invoiced_as_the_preview_showed(subscribed, admin, raw, moved, today):
    key = subscribed("basic", seats=20)
    moved(key, today - timedelta(days=10), today + timedelta(days=20))
    shown = queries.preview(admin, key, plan_key="pro")
    assert (shown.change.charge, shown.change.unused) == (D("132.67"), D("32.67"))  # 199 and 49, 20 of 30 days
    with pytest.raises(Conflict, match="Look at the preview again"):
        actions.change_plan(admin, key, plan_key="pro", expected_net=D("1.00"))
    actions.change_plan(admin, key, plan_key="pro", expected_net=shown.change.net)
    assert invoices(raw, key)[-1].total == D("100.00")
    assert ledger(raw, key)[-1] == ("expansion", D("150.00"), D("199.00"), "pro")
    assert tenant(raw, key).tier == "pro" and tenant(raw, key).seats == 80
    period = raw("SELECT period_start, period_end FROM subscription WHERE tenant_id = :t", t=key)[0]
    assert tuple(period) == (today - timedelta(days=10), today + timedelta(days=20))


def test_downgrade_is_kept_as_credit_and_lessens_the_next_invoice(subscribed, admin, raw, moved, today):
    key = subscribed("pro", seats=80)
    moved(key, today - timedelta(days=10), today + timedelta(days=20))
    actions.change_plan(admin, key, plan_key="basic")
    assert raw("SELECT credit FROM subscription WHERE tenant_id = :t", t=key)[0].credit == D("100.00")
    assert len(invoices(raw, key)) == 1  # nothing below 0 is ever invoiced
    assert ledger(raw, key)[-1][0] == "contraction"
    actions.change_plan(admin, key, plan_key="enterprise")
    last = invoices(raw, key)[-1]
    assert last.total == D("533.33")  # 666.00 for 20 of 30 days, less 32.67 unused, less 100.00 credit
    summed = "SELECT sum(amount) AS s FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id WHERE number = :n"
    assert raw(summed, n=last.number)[0].s == last.subtotal


def test_yearly_counts_a_twelfth_and_a_change_of_interval_begins_a_period_today(subscribed, admin, raw, today):
    key = subscribed("pro", seats=80)
    actions.change_plan(admin, key, interval="yearly")
    assert ledger(raw, key)[-1] == ("contraction", D("-33.17"), D("165.83"), "pro")
    row = raw("SELECT period_start, period_end, anchor_on FROM subscription WHERE tenant_id = :t", t=key)[0]
    assert row.period_start == row.anchor_on == today and (row.period_end - today).days in (365, 366)


def test_seats_beyond_the_plan_cost_and_keep_the_price_that_was_agreed(subscribed, admin, raw):
    key = subscribed("basic", seats=20)
    raw("UPDATE plan SET price_monthly = 79 WHERE key = 'basic'")
    actions.change_plan(admin, key, seats=25)
    assert ledger(raw, key)[-1] == ("expansion", D("15.00"), D("64.00"), "basic")
    with pytest.raises(Invalid):
        actions.change_plan(admin, key, seats=0)


def test_discount_changes_recurring_revenue_today(subscribed, admin, raw):
    key = subscribed("pro", seats=80)
    actions.set_discount(admin, key, discount=D("0.25"), reason="Two years agreed")
    assert ledger(raw, key)[-1] == ("contraction", D("-49.75"), D("149.25"), "pro")
    with pytest.raises(Invalid):
        actions.set_discount(admin, key, discount=D("1.01"), reason="Too much")


def test_scheduled_change_replaces_the_one_before_and_can_be_taken_back(subscribed, admin, raw):
    key = subscribed("pro", seats=80)
    actions.cancel(admin, key, reason="Budget")
    actions.change_plan(admin, key, plan_key="basic", when="period_end")
    row = queries.one(admin, key)
    assert (row["next_plan_key"], row["cancels_at_period_end"], row["cancel_reason"]) == ("basic", False, None)
    assert tenant(raw, key).tier == "pro" and len(ledger(raw, key)) == 1
    actions.drop_scheduled(admin, key)
    assert queries.one(admin, key)["next_plan_key"] is None


def test_cancel_now_is_churn_and_resume_is_reactivation_without_a_second_invoice(subscribed, admin, raw):
    key = subscribed("pro", seats=80)
    actions.cancel(admin, key, when="now", reason="Gone")
    with pytest.raises(Invalid, match="cancelled already"):
        actions.cancel(admin, key, when="now", reason="Gone")
    actions.resume(admin, key)
    assert [row[:2] for row in ledger(raw, key)][1:] == [("churn", D("-199.00")), ("reactivation", D("199.00"))]
    assert len(invoices(raw, key)) == 1
    with pytest.raises(Invalid, match="nothing to resume"):
        actions.resume(admin, key)


def test_cancelled_subscription_starts_again_on_new_terms(subscribed, admin, raw):
    key = subscribed("pro")
    actions.cancel(admin, key, when="now", reason="Gone")
    actions.start(admin, key, plan_key="basic", interval="yearly")
    assert ledger(raw, key)[-1] == ("reactivation", D("40.83"), D("40.83"), "basic")
    assert tenant(raw, key).tier == "basic"


@pytest.mark.parametrize("act", ["change_plan", "cancel", "set_discount", "correct"])
def test_acts_are_refused_without_permission_out_of_scope_and_on_another_version(subscribed, actor_of, raw, act):
    key = subscribed("pro")
    given = {"change_plan": {"plan_key": "basic"}, "cancel": {"reason": "x"}, "correct": {"reason": "x"},
             "set_discount": {"discount": D("0.1"), "reason": "x"}}[act]  # fmt: skip
    before = raw("SELECT * FROM subscription WHERE tenant_id = :t", t=key)
    with pytest.raises(Denied):
        getattr(actions, act)(actor_of("support"), key, **given)
    stranger = actor_of("admin", scope="assigned")
    with pytest.raises(NotFound):
        getattr(actions, act)(stranger, key, **given)
    if act != "correct":
        with pytest.raises(Conflict):
            getattr(actions, act)(actor_of("admin"), key, **given, version=99)
    assert raw("SELECT * FROM subscription WHERE tenant_id = :t", t=key) == before


def test_deleted_tenant_is_left_alone(subscribed, admin, raw):
    key = subscribed("pro")
    raw("UPDATE tenant SET status = 'deleted' WHERE id = :t", t=key)
    with pytest.raises(Invalid, match="deleted"):
        actions.change_plan(admin, key, plan_key="basic")


def test_plan_of_many_is_changed_each_on_its_own_as_previewed(subscribed, bare, admin, raw, actor_of):
    keys = [subscribed("basic", seats=20, name="A"), bare(name="B"), subscribed("pro", seats=80, name="C")]
    raw("UPDATE tenant SET status = 'deleted' WHERE id = :t", t=keys[2])
    shown = many.preview_many(admin, keys, plan_key="enterprise")
    assert shown["problem"].isna().tolist() == [True, False, False]
    assert (shown["mrr_before"][0], shown["mrr_after"][0], shown["net"][0]) == (D("49.00"), D("999.00"), D("950.00"))
    outcomes = many.change_many(admin, keys, plan_key="enterprise")
    assert [one.problem is None for one in outcomes] == [True, False, False]
    assert [tenant(raw, key).tier for key in keys] == ["enterprise", "free", "pro"]
    assert ledger(raw, keys[0])[-1] == ("expansion", D("950.00"), D("999.00"), "enterprise")
    with pytest.raises(Denied):
        many.change_many(actor_of("support"), keys, plan_key="free")
    with pytest.raises(Invalid, match="at most 500"):
        many.change_many(admin, keys * 200, plan_key="free")
