"""Plans, invoices and the tenant's subscription as an operator sees them."""

from decimal import Decimal
from uuid import uuid4

import pytest

from core.customers.invoices.models import Invoice
from core.customers.subscriptions import actions
from core.customers.tenants.models import Tenant
from core.kernel.writes import write

LONG = "Æther & Sons <b>Holding</b> " * 6


@pytest.fixture
def subscriber(db, system):
    """A tenant with the plan pro and an open invoice."""
    with write(system, "tenants.create") as tx:
        tenant = tx.add(Tenant(id=uuid4(), name=LONG, domain="acme.example", tier="free", region="EU", seats=80))
    actions.start(system, tenant.id, plan_key="pro", seats=80)
    return tenant


def texts(app) -> str:
    found = [*app.markdown, *app.info, *app.warning, *app.error, *app.caption, *app.subheader, *app.success]
    return " ".join(str(one.value) for one in found)


def test_plans_are_shown_compared_and_edited(open_page, actor_of, raw):
    page = open_page(actor_of("admin"), "customers/plans")
    assert not page.exception and [one.value for one in page.metric] == [
        "USD 0.00",
        "USD 49.00",
        "USD 199.00",
        "USD 999.00",
    ]
    page.button(key="edit_basic").click().run()
    page.number_input(key="plan_price_monthly").set_value(59.0)
    page.button(key="plan_submit").click().run()
    assert "Say why" in texts(page) and page.number_input(key="plan_price_monthly").value == 59.0
    page.text_input(key="plan_reason").set_value("2027")
    page.button(key="plan_submit").click().run()
    assert raw("SELECT price_monthly FROM plan WHERE key = 'basic'")[0].price_monthly == Decimal("59.00")
    compared = open_page(actor_of("support"), "customers/plans", view="Compare")
    assert not compared.exception and compared.dataframe[0].value.loc["Price a month", "Basic"] == "USD 59.00"
    history = open_page(actor_of("support"), "customers/plans", view="Versions")
    assert (
        not history.exception
        and "Version 2" in texts(history)
        and not [one for one in history.button if "edit" in one.key]
    )


def test_subscription_tab_previews_a_change_to_the_cent_before_it_is_confirmed(open_page, actor_of, subscriber, raw):
    page = open_page(actor_of("admin"), "customers/tenants", tenant=str(subscriber.id), tab="subscription")
    assert not page.exception and "USD 199.00" in [one.value for one in page.metric]
    page.button(key="subscription_change").click().run()
    assert page.button(key="change_submit").disabled
    page.selectbox(key="change_plan").select("enterprise").run()
    assert "USD 800.00" in texts(page) and "USD 999.00" in texts(page)
    page.button(key="change_submit").click().run()
    assert raw("SELECT plan_key FROM subscription")[0].plan_key == "enterprise"
    page.button(key="subscription_cancel").click().run()
    page.text_area(key="cancel_reason").set_value("Moves away")
    page.button(key="cancel_submit").click().run()
    assert raw("SELECT cancels_at_period_end AS c FROM subscription")[0].c is True
    assert "Moves away" in texts(page)


def test_subscription_tab_without_one_and_for_a_role_that_only_reads(open_page, actor_of, subscriber, raw, system):
    read = open_page(actor_of("support"), "customers/tenants", tenant=str(subscriber.id), tab="subscription")
    assert not read.exception and not [one for one in read.button if (one.key or "").startswith("subscription_")]
    with write(system, "tenants.create") as tx:
        bare = tx.add(Tenant(id=uuid4(), name="Bare", domain="bare.example", tier="free", region="EU", seats=5))
    page = open_page(actor_of("admin"), "customers/tenants", tenant=str(bare.id), tab="subscription")
    assert "has no subscription" in texts(page)
    page.button(key="subscription_start").click().run()
    page.selectbox(key="start_plan").select("basic")
    page.button(key="start_submit").click().run()
    assert raw("SELECT plan_key FROM subscription WHERE tenant_id = :t", t=bare.id)[0].plan_key == "basic"


def test_invoices_are_listed_filtered_opened_and_paid(open_page, actor_of, subscriber, system, raw):
    page = open_page(actor_of("admin"), "customers/invoices")
    assert not page.exception and len(page.dataframe[0].value) == 1
    empty = open_page(actor_of("admin"), "customers/invoices", status="Void")
    assert "No invoice matches" in texts(empty)
    with write(system, "invoices.create") as tx:
        invoice = tx.get(Invoice, raw("SELECT id FROM invoice")[0].id)
    opened = open_page(actor_of("admin"), "customers/invoices", invoice=str(invoice.id))
    assert not opened.exception
    opened.button(key="pay").click().run()
    opened.button(key="pay_submit").click().run()
    assert raw("SELECT status FROM invoice")[0].status == "paid"
    assert not open_page(actor_of("support"), "customers/invoices", invoice=str(invoice.id)).exception
    assert "may see" in texts(open_page(actor_of("admin"), "customers/invoices", invoice="nothing"))


def test_invoices_page_is_empty_at_first_and_refused_without_the_right(open_page, actor_of, db):
    assert "There are no invoices yet" in texts(open_page(actor_of("admin"), "customers/invoices"))
    assert "does not include" in texts(open_page(actor_of("hotline_operator"), "customers/invoices"))
    assert "does not include" in texts(open_page(actor_of("hotline_operator"), "customers/plans"))
