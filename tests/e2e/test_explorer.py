"""The API explorer in a real browser: a read, a change, a call with a key, against the running portal."""

from playwright.sync_api import expect

from tests.e2e.conftest import sign_in, signed_in

PATH = "/api/v1/superadmin"


def _open(page, portal, operation):
    page.goto(f"{portal.base}/explorer?operation={operation}")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def test_explorer_reads_changes_and_calls_with_a_key(portal, new_page):
    page = new_page()
    sign_in(page, portal, "super_admin", "/explorer")
    signed_in(page)
    expect(page.get_by_text("operations. Select one to try it out.")).to_be_visible()

    _open(page, portal, "list_tenants")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("200 OK")).to_be_visible()
    expect(page.get_by_text('"items"').first).to_be_visible()
    expect(page.get_by_text("$QUARTERDECK_KEY").first).to_be_visible()

    _open(page, portal, "create_tenant")
    send = page.get_by_role("button", name="Send", exact=True)
    expect(send).to_be_disabled()
    page.get_by_text("This call may change data. I mean to send it.").click()
    expect(send).to_be_enabled()
    send.click()
    expect(page.get_by_text("201 Created")).to_be_visible()
    assert portal.sql("SELECT count(*) FROM tenant WHERE domain = 'acme.example'") == [(1,)]
    made = portal.sql(
        "SELECT channel, user_agent FROM audit_entry WHERE action = 'tenants.create' ORDER BY occurred_at DESC"
    )
    assert made[0] == ("api", "Quarterdeck API explorer")

    given = {"name": "Explorer", "scopes": ["tenants:read"]}
    key = page.request.post(f"{portal.base}{PATH}/api-keys", data=given).json()["key"]
    _open(page, portal, "get_own_session")
    page.get_by_role("radio", name="An API key").click()
    page.get_by_label("API key", exact=True).fill(key)
    page.get_by_label("API key", exact=True).press("Enter")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("200 OK")).to_be_visible()
    expect(page.get_by_text('"role": "api_key"')).to_be_visible()
