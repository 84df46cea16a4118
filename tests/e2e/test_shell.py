"""What surrounds the pages: a page that fails, a right that is lost meanwhile, search, one's own account."""

import re

from playwright.sync_api import expect

from core.access.operators.demo import PASSWORD
from tests.e2e.conftest import fill_in, sign_in, signed_in

PASSWORD_FIELD = "Password"
NEW = "a quite different one"


def test_dialog_of_an_operator_disabled_meanwhile_changes_nothing(portal, new_page):
    page = new_page()
    tenant_id, domain = portal.sql("SELECT id, domain FROM tenant WHERE status = 'active' ORDER BY domain LIMIT 1")[0]
    sign_in(page, portal, "support_admin", f"/tenants?tenant={tenant_id}")
    signed_in(page)
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("dialog").get_by_label("Domain").fill("typed.example")
    portal.sql("UPDATE operator SET disabled_at = now() WHERE role = 'support_admin'")
    try:
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(page.get_by_label(PASSWORD_FIELD).first).to_be_visible()
        assert portal.sql("SELECT domain FROM tenant WHERE id = %s", tenant_id) == [(domain,)]
    finally:
        portal.sql("UPDATE operator SET disabled_at = NULL WHERE role = 'support_admin'")


def test_page_that_raises_shows_a_request_id_that_leads_to_the_trace(portal, new_page):
    page = new_page()
    sign_in(page, portal, "admin")
    signed_in(page)
    portal.sql("ALTER TABLE tenant RENAME COLUMN seats TO chairs")
    try:
        page.get_by_role("link", name="Tenants", exact=True).click()
        told = page.get_by_text("Something went wrong on this page")
        expect(told).to_be_visible()
    finally:
        portal.sql("ALTER TABLE tenant RENAME COLUMN chairs TO seats")
    shown = re.search(r"request id: ([0-9a-f]{26})", told.inner_text())
    assert shown, told.inner_text()
    type_, route, email = portal.sql(
        "SELECT type, route, email FROM error_record JOIN operator o ON o.id = operator_id WHERE request_id = %s",
        shown.group(1),
    )[0]
    assert (type_, route, email) == ("ProgrammingError", "/tenants", "jonas.weber@quarterdeck.example")
    expect(page.get_by_text("UndefinedColumn")).to_have_count(0)


def test_demo_account_is_one_click_away_and_search_leads_to_a_tenant(portal, new_page):
    page = new_page()
    page.goto(portal.base + "/servers")
    page.get_by_role("button", name="Support tier 2").click()
    signed_in(page)
    expect(page.get_by_role("heading", name="Servers")).to_be_visible()
    name, tenant_id = portal.sql("SELECT name, id FROM tenant WHERE status = 'active' ORDER BY name LIMIT 1")[0]
    page.get_by_label("Search", exact=True).fill(name)
    page.get_by_label("Search", exact=True).press("Enter")
    page.get_by_test_id("stSidebar").get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert f"tenant={tenant_id}" in page.url


def test_password_is_changed_by_its_owner_and_other_browsers_are_out(portal, new_page):
    portal.sql("UPDATE operator SET is_demo = false WHERE role = 'client_success'")
    email = portal.sql("SELECT email FROM operator WHERE role = 'client_success'")[0][0]
    here, elsewhere = new_page(), new_page()
    for page in (here, elsewhere):
        page.goto(portal.base)
        fill_in(page, email, PASSWORD)
        signed_in(page)
    here.get_by_role("button", name="Account").click()
    dialog = here.get_by_role("dialog")
    for label, typed in (("Current password", PASSWORD), ("New password", NEW), ("New password again", NEW)):
        dialog.get_by_label(label, exact=True).fill(typed)
    dialog.get_by_role("button", name="Change password").click()
    expect(here.get_by_text("Password changed. Other sessions ended: 1.")).to_be_visible()
    signed_in(here)
    elsewhere.get_by_role("link", name="Tenants", exact=True).click()
    fill_in(elsewhere, email, NEW)
    signed_in(elsewhere)
