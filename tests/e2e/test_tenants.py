"""A tenant's day: created, edited in the grid by two people at once, suspended, reactivated, all of it in the trail."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in, signed_in


def _create(page: Page, name: str, domain: str) -> None:
    page.get_by_role("button", name="Create tenant").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Domain").fill(domain)
    dialog.get_by_role("button", name="Create tenant").click()


def test_bad_input_keeps_what_was_typed_and_good_input_creates(portal, new_page):
    page = new_page()
    sign_in(page, portal, "admin", "/tenants")
    signed_in(page)
    _create(page, "Journey Works", "no domain")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Write it like example.com.")).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_value("Journey Works")
    dialog.get_by_label("Domain").fill("journey.example")
    dialog.get_by_role("button", name="Create tenant").click()
    expect(page.get_by_text("Created.")).to_be_visible()
    assert portal.sql("SELECT status FROM tenant WHERE domain = 'journey.example'") == [("active",)]


def test_suspend_asks_why_and_reactivate_brings_back(portal, new_page):
    page = new_page()
    tenant_id = portal.sql("SELECT id FROM tenant WHERE status = 'active' ORDER BY name LIMIT 1")[0][0]
    sign_in(page, portal, "super_admin", f"/tenants?tenant={tenant_id}")
    signed_in(page)
    page.get_by_role("button", name="Suspend").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Suspend").click()
    expect(dialog.get_by_text("Say why")).to_be_visible()
    dialog.get_by_label("Reason").fill("Unpaid since May")
    dialog.get_by_role("button", name="Suspend").click()
    expect(page.get_by_text("Suspended: Unpaid since May")).to_be_visible()
    page.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_role("button", name="Suspend")).to_be_visible()
    done = portal.sql("SELECT action, reason FROM audit_entry WHERE tenant_id = %s ORDER BY occurred_at", tenant_id)
    assert done[-2:] == [("tenants.suspend", "Unpaid since May"), ("tenants.reactivate", None)]


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
    first.get_by_role("dialog").get_by_label("Seats").fill("123")
    first.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(first.get_by_text("Saved.")).to_be_visible()
    second.get_by_role("dialog").get_by_label("Name").fill("Renamed by the other")
    second.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(second.get_by_text("Jonas Weber changed seats")).to_be_visible()
    expect(second.get_by_role("dialog").get_by_label("Name")).to_have_value("Renamed by the other")
    assert portal.sql("SELECT seats, version FROM tenant WHERE id = %s", tenant_id) == [(123, version + 1)]


def test_grid_edit_is_saved_with_its_entry_in_the_trail(portal, new_page):
    page = new_page()
    sign_in(page, portal, "admin", "/tenants?status=Trial")
    signed_in(page)
    name, tenant_id = portal.sql("SELECT name, id FROM tenant WHERE status = 'trial' ORDER BY created_at DESC LIMIT 1")[
        0
    ]
    page.get_by_role("button", name="Edit", exact=True).or_(page.get_by_text("Edit", exact=True)).first.click()
    save = page.get_by_role("button", name="Save")
    expect(save).to_be_disabled()
    _type_into_first_row(page, name, f"{name} renamed")
    expect(page.get_by_role("button", name="Save 1 change")).to_be_enabled()
    page.get_by_role("button", name="Save 1 change").click()
    expect(page.get_by_text("Saved 1.")).to_be_visible()
    assert portal.sql("SELECT name FROM tenant WHERE id = %s", tenant_id) == [(f"{name} renamed",)]
    done = portal.sql(
        "SELECT action FROM audit_entry WHERE tenant_id = %s ORDER BY occurred_at DESC LIMIT 1", tenant_id
    )
    assert done == [("tenants.update_many",)]


def test_assigned_tenant_appears_for_the_colleague_and_goes_when_it_is_taken_back(portal, new_page):
    name, tenant_id = portal.sql(
        "SELECT name, id FROM tenant t WHERE NOT EXISTS (SELECT FROM tenant_assignment a WHERE a.tenant_id = t.id) LIMIT 1"
    )[0]
    manager, specialist = new_page(), new_page()
    sign_in(specialist, portal, "implementation_specialist", f"/tenants?tenant={tenant_id}")
    expect(specialist.get_by_text("not among those you may see")).to_be_visible()
    sign_in(manager, portal, "implementation_manager", f"/tenants?tenant={tenant_id}")
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


def _type_into_first_row(page: Page, old: str, new: str) -> None:
    """The grid is drawn on a canvas: the cell is found by its place, and its editor by its text."""
    canvas = page.get_by_test_id("stDataFrame").locator("canvas").first
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.dblclick(box["x"] + 60, box["y"] + 52)
    editor = page.locator("#portal textarea, #portal input").first
    expect(editor).to_have_value(old)
    editor.fill(new)
    editor.press("Enter")
