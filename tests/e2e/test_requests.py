"""From a slow route to those it hits, and the same view for a colleague."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled, sign_in, signed_in


def _figure(page: Page, label: str) -> str:
    card = page.get_by_test_id("stMetric").filter(has_text=label).first
    expect(card).to_be_visible()
    return card.get_by_test_id("stMetricValue").inner_text()


def _click_first_row(page: Page) -> None:
    """The table is drawn on a canvas: its first row is found by its place."""
    canvas = page.get_by_test_id("stDataFrame").locator("canvas").first
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 16, box["y"] + 52)


def test_a_route_leads_to_its_tenants_and_the_address_to_the_same_view(portal, new_page):
    page = new_page()
    sign_in(page, portal, "platform_admin", "/requests")
    signed_in(page)
    page.get_by_text("7 d", exact=True).click()
    expect(page).to_have_url(re.compile("range=7d"))
    expect(page.get_by_text("by the hour; counted up to")).to_be_visible()
    everything = _figure(page, "Requests")
    _click_first_row(page)
    expect(page).to_have_url(re.compile(r"route=.*report"))
    expect(page.get_by_role("heading", name="Sample requests")).to_be_visible()
    expect(page.get_by_role("heading", name="Tenants: who is hit")).to_be_visible()
    narrowed = _figure(page, "Requests")
    assert int(narrowed.replace(",", "")) < int(everything.replace(",", ""))

    colleague = page.context.new_page()
    colleague.goto(page.url)
    expect(colleague.get_by_role("heading", name="Sample requests")).to_be_visible()
    expect(colleague.get_by_label("Route").first).to_have_value(re.compile("report"))
    assert _figure(colleague, "Requests") == narrowed


def test_disabling_a_provider_fails_over_to_the_next(portal, new_page):
    page = new_page()
    sign_in(page, portal, "platform_admin", "/providers?provider=twilio&channel=sms")
    signed_in(page)
    page.get_by_role("button", name="Disable").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("SMS fails over from twilio to telnyx at once.")).to_be_visible()
    settled(page)
    dialog.get_by_label("Reason").fill("Outage at the provider")
    dialog.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("Disabled by")).to_be_visible()
    order = "SELECT name FROM provider WHERE channel = 'sms' AND is_enabled ORDER BY position"
    assert portal.sql(order) == [("telnyx",)]
    told = "SELECT payload->>'from_provider', payload->>'to_provider' FROM event WHERE type = 'providers.disable'"
    assert portal.sql(told) == [("twilio", "telnyx")]
    page.get_by_role("button", name="Enable").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("SMS goes back from telnyx to twilio at once.")).to_be_visible()
    settled(page)
    dialog.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Disable", exact=True)).to_be_visible()
    assert portal.sql(order) == [("twilio",), ("telnyx",)]
