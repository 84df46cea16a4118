"""Tenants in a browser: edited by two people at once, in the grid, assigned to colleagues; all of it in the trail."""

from playwright.sync_api import expect

from tests.e2e.conftest import sign_in, signed_in


def test_two_people_edit_one_tenant_and_nothing_is_lost(portal, new_page):
    tenant_id, version = portal.sql(
        "SELECT id, version FROM tenant WHERE status = 'active' ORDER BY name DESC LIMIT 1"
    )[0]
    pages = []
    for role in ("admin", "super_admin"):
        page = new_page()
        sign_in(page, portal, role, f"/tenants?tenant={tenant_id}")
        signed_in(page)
        page.get_by_role("button", name="Edit").click()
        pages.append(page)
    first, second = pages
    first.get_by_role("dialog").get_by_label("Domain").fill("first.example")
    first.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(first.get_by_text("Saved.")).to_be_visible()
    second.get_by_role("dialog").get_by_label("Name").fill("Renamed by the other")
    second.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(second.get_by_text("Jonas Weber changed domain")).to_be_visible()
    expect(second.get_by_role("dialog").get_by_label("Name")).to_have_value("Renamed by the other")
    assert portal.sql("SELECT domain, version FROM tenant WHERE id = %s", tenant_id) == [("first.example", version + 1)]


def test_assigned_tenant_appears_for_the_colleague_and_goes_when_it_is_taken_back(portal, new_page):
    name, tenant_id = portal.sql(
        "SELECT name, id FROM tenant t WHERE NOT EXISTS (SELECT FROM tenant_assignment a WHERE a.tenant_id = t.id) LIMIT 1"
    )[0]
    manager, specialist = new_page(), new_page()
    sign_in(specialist, portal, "implementation_specialist", f"/tenants?tenant={tenant_id}")
    expect(specialist.get_by_text("not among those you may see")).to_be_visible()
    sign_in(manager, portal, "implementation_manager", f"/tenants?tenant={tenant_id}&tab=access")
    signed_in(manager)
    manager.get_by_label("Assign to").click()
    manager.get_by_role("option", name="Implementation specialist").click()
    manager.get_by_role("button", name="Assign", exact=True).click()
    expect(manager.get_by_role("button", name="Unassign")).to_be_visible()
    specialist.reload()
    expect(specialist.get_by_role("heading", name=name)).to_be_visible()
    manager.get_by_role("button", name="Unassign").click()
    expect(manager.get_by_role("button", name="Unassign")).to_have_count(0)
    specialist.reload()
    expect(specialist.get_by_text("not among those you may see")).to_be_visible()
