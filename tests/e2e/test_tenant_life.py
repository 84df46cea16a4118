"""The life of a tenant in a browser: wizard with a reload in its middle, edit, suspend, reactivate, delete, restore, delete,
purge by the job, and all of it in the audit trail."""

import json
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Portal, settled, sign_in, signed_in

NAME, DOMAIN, STORED = "Jordbær Works", "jordbær.example", "xn--jordbr-tua.example"
RENAMED = "Jordbær Group"
# What the clock's tick has done: the task itself, in a process of its own.
PURGE = """
from core.customers.tenants.purge.tasks import purge_due
from core.kernel.actor import Actor
purge_due(Actor.system("tenants.purge_due"))
"""
LIFE = [
    "tenants.create", "tenants.update", "tenants.suspend", "tenants.reactivate", "tenants.delete", "tenants.restore",
    "tenants.delete", "tenants.purge",
]  # fmt: skip


def _type(page: Page, label: str, text: str) -> None:
    field = page.get_by_role("dialog").get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


def _press(page: Page, name: str) -> None:
    settled(page)
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def _wizard(page: Page, portal: Portal) -> None:
    _click(page, "Create tenant")
    dialog = page.get_by_role("dialog")
    _type(page, "Name", NAME)
    taken = portal.sql("SELECT domain FROM tenant LIMIT 1")[0][0]
    _type(page, "Domain", taken)
    _press(page, "Next")
    expect(dialog.get_by_text("is already in use")).to_be_visible()
    _type(page, "Domain", DOMAIN)
    expect(dialog.get_by_text(f"Stored as {STORED}")).to_be_visible()
    _press(page, "Next")
    dialog.get_by_text("Pro", exact=True).click()
    expect(dialog.locator('input[aria-label="Seats"][value="80"]')).to_be_visible()
    _press(page, "Next")
    expect(dialog.get_by_text("Step 3 of 5")).to_be_visible()
    dialog.get_by_text("EU", exact=True).click()
    _wait_for_draft(page, portal, "EU")
    page.reload()
    _click(page, "Create tenant")
    expect(dialog.get_by_text("You began")).to_contain_text(NAME)
    _press(page, "Resume")
    expect(dialog.get_by_role("radio", name="EU")).to_be_checked()
    _press(page, "Next")
    _type(page, "Owner's name", "Ann Berg")
    _type(page, "Owner's e-mail", "ann@jordbaer.example")
    _press(page, "Next")
    expect(dialog.get_by_text("Begin with a trial")).to_be_visible()
    _press(page, "Create tenant")
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()


def _wait_for_draft(page: Page, portal: Portal, region: str) -> None:
    """The choice was sent when the draft has it."""
    for _ in range(50):
        if portal.sql("SELECT 1 FROM tenant_draft WHERE values ->> 'region' = %s", region):
            return
        page.wait_for_timeout(200)
    raise AssertionError("The draft was not kept.")


def _click(page: Page, name: str) -> None:
    """A button of the page, once the run before is over: until then the old ones may still be there."""
    settled(page)
    page.get_by_role("button", name=name, exact=True).click()


def _delete(page: Page, reason: str) -> None:
    _click(page, "Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("What it hits")).to_be_visible()
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_label("Type its name").fill("somebody else")
    _press(page, "Delete")
    expect(dialog.get_by_text(f"Type the name {RENAMED} to confirm.")).to_be_visible()
    dialog.get_by_label("Type its name").fill(RENAMED)
    _press(page, "Delete")
    expect(page.get_by_text("It can be restored until")).to_be_visible()


@pytest.mark.timeout(600)  # some thirty runs of a page, on however busy a machine
def test_life_of_a_tenant_from_wizard_to_purge(portal, new_page):
    page = new_page()
    sign_in(page, portal, "super_admin", "/tenants")
    signed_in(page)
    _wizard(page, portal)
    tenant_id, owner = portal.sql(
        "SELECT t.id, u.email FROM tenant t JOIN tenant_user u ON u.id = t.owner_id WHERE t.domain = %s", STORED
    )[0]
    assert owner == "ann@jordbaer.example"
    assert portal.sql("SELECT count(*) FROM tenant_draft") == [(0,)]

    _click(page, "Edit")
    _type(page, "Name", RENAMED)
    _press(page, "Save")
    expect(page.get_by_role("heading", name=RENAMED)).to_be_visible()

    _click(page, "Suspend")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Running campaigns")).to_be_visible()
    dialog.get_by_label("Reason").fill("Unpaid since May")
    dialog.get_by_label("Type its name").fill(RENAMED)
    _press(page, "Suspend")
    expect(page.get_by_text("Suspended: Unpaid since May")).to_be_visible()
    _click(page, "Reactivate")
    expect(page.get_by_role("button", name="Suspend", exact=True)).to_be_visible()

    _delete(page, "Contract ended")
    _click(page, "Restore")
    expect(page.get_by_role("button", name="Suspend", exact=True)).to_be_visible()
    _delete(page, "Contract ended after all")

    portal.sql("UPDATE tenant SET purge_after = now() - interval '1 minute' WHERE id = %s", tenant_id)
    subprocess.run([sys.executable, "-c", PURGE], env=portal.environment, check=True)
    page.reload()
    expect(page.get_by_text("Certificate of deletion")).to_be_visible()
    expect(page.get_by_text("Signature checked")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSON").click()
    certificate = json.loads(download.value.path().read_text())
    assert (certificate["tenant"]["name"], certificate["tenant"]["domain"]) == (RENAMED, STORED)
    assert portal.sql("SELECT count(*) FROM tenant_user WHERE tenant_id = %s", tenant_id) == [(0,)]
    assert portal.sql("SELECT name, status FROM tenant WHERE id = %s", tenant_id) == [
        (f"Purged tenant {str(tenant_id).replace('-', '')[-8:]}", "purged")
    ]

    done = portal.sql(
        "SELECT action FROM audit_entry WHERE tenant_id = %s AND action = ANY(%s) ORDER BY occurred_at", tenant_id,
        sorted(set(LIFE)),
    )  # fmt: skip
    assert [row[0] for row in done] == LIFE
    _trail_is_seen(page, portal, str(tenant_id))


def _trail_is_seen(page: Page, portal: Portal, tenant_id: str) -> None:
    """The grid is drawn on a canvas; what it holds is in the table that screen readers are given."""
    page.goto(f"{portal.base}/audit?id={tenant_id}")
    cells = page.get_by_test_id("stDataFrame").locator("canvas [role=gridcell]")
    for action in dict.fromkeys(LIFE):
        expect(cells.filter(has_text=action).first).to_be_attached()
