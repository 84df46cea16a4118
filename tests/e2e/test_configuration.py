"""A setting that takes two persons, from the tenant's tab to its effective value; and tabs that the address opens."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import sign_in, signed_in

KEY, WHY = "sign_in.session_minutes", "Shared computers, ticket 4711"


def _tenant(portal) -> str:
    return str(
        portal.sql(
            "SELECT id FROM tenant t WHERE status = 'active' AND NOT EXISTS (SELECT 1 FROM tenant_setting s"
            " WHERE s.tenant_id = t.id) ORDER BY name LIMIT 1"
        )[0][0]
    )


def test_request_of_one_is_approved_by_another_and_counts(portal, new_page):
    tenant = _tenant(portal)
    asks = new_page()
    sign_in(asks, portal, "support_tier_2", f"/tenants?tenant={tenant}&tab=configuration&setting={KEY}")
    signed_in(asks)
    asks.get_by_role("button", name="Request a change").click()
    dialog = asks.get_by_role("dialog")
    dialog.get_by_label("Value (minutes)").fill("30")
    dialog.get_by_label("Reason").fill(WHY)
    dialog.get_by_role("button", name="Request").click()
    expect(asks.get_by_role("link", name="A request for this setting waits")).to_be_visible()

    decides = new_page()
    sign_in(decides, portal, "support_admin", "/configuration?view=Requests")
    signed_in(decides)
    request = portal.sql("SELECT id FROM tenant_setting_request WHERE tenant_id = %s AND outcome = 'waiting'", tenant)
    decides.goto(f"{portal.base}/configuration?view=Requests&request={request[0][0]}")
    expect(decides.get_by_text(WHY)).to_be_visible()
    decides.get_by_role("button", name="Approve").click()
    expect(decides.get_by_text("It counts from now on")).to_be_visible()

    rows = portal.sql("SELECT value, set_by_name <> approved_by_name FROM tenant_setting WHERE tenant_id = %s", tenant)
    assert rows == [(30, True)]
    trail = portal.sql(
        "SELECT action FROM audit_entry WHERE tenant_id = %s AND action LIKE 'configuration.%%' ORDER BY occurred_at",
        tenant,
    )
    assert [one[0] for one in trail] == ["configuration.propose", "configuration.approve"]


def test_tabs_follow_the_address_and_the_address_the_tabs(portal, new_page):
    page = new_page()
    sign_in(page, portal, "super_admin", f"/tenants?tenant={_tenant(portal)}&tab=history")
    signed_in(page)
    expect(page.get_by_role("tab", name="History")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Configuration").click()
    expect(page).to_have_url(re.compile("tab=configuration"))
    expect(page.get_by_role("button", name="Export")).to_be_visible()
    page.reload()
    expect(page.get_by_role("tab", name="Configuration")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="All tenants").click()
    expect(page).not_to_have_url(re.compile("tab="))
