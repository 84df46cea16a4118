"""The directory: sorted by a heading, edited by two people at once, tagged, and taken out as a file, all of it in the trail."""

import re
from uuid import UUID

from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled, sign_in, signed_in


def _edit_mode(page: Page) -> None:
    page.get_by_text("Edit", exact=True).first.click()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


def test_grid_edit_is_saved_with_its_entry_in_the_trail(portal, new_page):
    page = new_page()
    sign_in(page, portal, "admin", "/tenants?status=Trial")
    signed_in(page)
    name, tenant_id = portal.sql("SELECT name, id FROM tenant WHERE status = 'trial' ORDER BY created_at DESC LIMIT 1")[
        0
    ]
    _edit_mode(page)
    _type_into_first_row(page, name, f"{name} renamed")
    expect(page.get_by_role("button", name="Save 1 change")).to_be_enabled()
    page.get_by_role("button", name="Save 1 change").click()
    expect(page.get_by_text("Saved 1.")).to_be_visible()
    assert portal.sql("SELECT name FROM tenant WHERE id = %s", tenant_id) == [(f"{name} renamed",)]
    done = portal.sql(
        "SELECT action FROM audit_entry WHERE tenant_id = %s ORDER BY occurred_at DESC LIMIT 1", tenant_id
    )
    assert done == [("tenants.update_many",)]


def test_two_edit_one_row_and_the_second_loses_nothing(portal, new_page):
    name, tenant_id = portal.sql(
        "SELECT name, id FROM tenant WHERE status = 'active' ORDER BY created_at DESC LIMIT 1"
    )[0]
    pages = []
    for role in ("admin", "super_admin"):
        page = new_page()
        sign_in(page, portal, role, "/tenants?status=Active")
        signed_in(page)
        _edit_mode(page)
        pages.append(page)
    first, second = pages
    _type_into_first_row(first, name, f"{name} One")
    _type_into_first_row(second, name, f"{name} Two")
    expect(second.get_by_role("button", name="Save 1 change")).to_be_enabled()
    first.get_by_role("button", name="Save 1 change").click()
    expect(first.get_by_text("Saved 1.")).to_be_visible()
    second.get_by_role("button", name="Save 1 change").click()
    expect(second.get_by_text(f"{name}: This tenant was changed while you edited it")).to_be_visible()
    expect(second.get_by_text("Jonas Weber changed name")).to_be_visible()
    assert portal.sql("SELECT name FROM tenant WHERE id = %s", tenant_id) == [(f"{name} One",)]
    second.get_by_placeholder("Name, domain or id").fill("no such tenant")
    second.keyboard.press("Enter")
    expect(second.get_by_text("No tenant matches")).to_be_visible()
    second.get_by_placeholder("Name, domain or id").fill("")
    second.keyboard.press("Enter")
    second.get_by_role("button", name="Save 1 change").click()
    expect(second.get_by_text("Saved 1.")).to_be_visible()
    assert portal.sql("SELECT name FROM tenant WHERE id = %s", tenant_id) == [(f"{name} Two",)]


def test_a_heading_sorts_the_whole_list_rows_are_tagged_and_a_name_opens(portal, new_page):
    page = new_page()
    sign_in(page, portal, "admin", "/tenants")
    signed_in(page)
    first = portal.sql(
        "SELECT id, name FROM tenant WHERE status NOT IN ('deleted', 'purged') ORDER BY lower(name), id LIMIT 1"
    )[0]
    _click(page, 90, 17)
    expect(page).to_have_url(re.compile("sort=Name"))
    settled(page)
    _click(page, 18, 52)
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_role("button", name="Tag", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Add").fill("journey")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(dialog.get_by_text("1 of 1 change.")).to_be_visible()
    dialog.get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_text("Done for 1 of 1 tenants.")).to_be_visible()
    assert portal.sql("SELECT 'journey' = ANY (tags) FROM tenant WHERE id = %s", first[0]) == [(True,)]
    page.get_by_role("button", name="Put away").click()
    expect(page.get_by_text("Done for 1 of 1 tenants.")).to_have_count(0)
    settled(page)
    _click(page, 90, 52)
    expect(page).to_have_url(re.compile(f"tenant={UUID(str(first[0]))}"))


def _click(page: Page, x: int, y: int) -> None:
    """At a place of the grid, which is drawn on a canvas."""
    canvas = page.get_by_test_id("stDataFrame").locator("canvas").first
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.click(box["x"] + x, box["y"] + y)


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
