"""The tenants' people in a real browser: a view kept and opened, a file taken and traced, somebody deactivated."""

import csv

from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in, signed_in


def _export(page: Page) -> list[dict[str, str]]:
    # Drawn last: a page that is drawn anew has forgotten the file that was asked for.
    expect(page.get_by_text("Select people")).to_be_visible()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    expect(page.get_by_text("rows, ")).to_be_visible()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_view_is_kept_opens_by_itself_and_its_people_are_taken_as_a_file(portal, new_page):
    page = new_page()
    sign_in(page, portal, "admin", "/users?status=Deactivated")
    signed_in(page)
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Save these filters as").fill("Gone")
    page.get_by_role("button", name="Save view").click()
    page.get_by_role("button", name="Gone").click()
    page.wait_for_url("**saved=**")
    page.get_by_role("button", name="Gone").first.click()
    page.get_by_role("button", name="Open by itself").click()
    expect(page.get_by_text("The page opens with this view")).to_be_visible()
    page.goto(f"{portal.base}/users")
    expect(page.get_by_role("button", name="Gone")).to_be_visible()
    taken = _export(page)
    gone = portal.sql("SELECT count(*) FROM tenant_user WHERE deactivated_at IS NOT NULL")[0][0]
    assert len(taken) == gone > 0
    assert {one["is_active"] for one in taken} == {"false"}
    kept = portal.sql("SELECT rows, format, filters, created_by_name FROM data_export ORDER BY created_at DESC LIMIT 1")
    assert kept[0][:3] == (gone, "csv", {"is_active": False})
    page.get_by_role("button", name="Gone").click()
    page.get_by_role("button", name="Without a view").click()
    page.wait_for_url("**/users?saved=none")


def test_export_ends_with_the_right_to_it(portal, new_page):
    page = new_page()
    sign_in(page, portal, "support_admin", "/users")
    signed_in(page)
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_role("button", name="Download")).to_be_visible()
    portal.sql("DELETE FROM role_grant WHERE role = 'support_admin' AND permission = 'exports:create'")
    try:
        page.get_by_role("button", name="Download").click()
        expect(page.get_by_text("it takes exports:create")).to_be_visible()
    finally:
        portal.sql("INSERT INTO role_grant (role, permission) VALUES ('support_admin', 'exports:create')")
    denied = portal.sql("SELECT outcome FROM audit_entry WHERE action = 'exports.create' AND outcome = 'denied'")
    assert denied == [("denied",)]
