"""A flag's life: created, rolled out, killed; a protected one changed with the consent of a second person."""

import re
from uuid import UUID

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Portal, sign_in, signed_in


def _create(page: Page, key: str, name: str, *, is_protected: bool = False) -> None:
    page.get_by_role("button", name="Create flag").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    field = dialog.get_by_label("Key", exact=True)
    field.fill("No Key")
    field.press("Enter")
    expect(dialog.get_by_text("Write the key in small letters")).to_be_visible()
    field.fill(key)
    field.press("Enter")
    expect(dialog.get_by_text("This key is free.")).to_be_visible()
    if is_protected:
        dialog.get_by_text("Protected", exact=True).click()
    dialog.get_by_role("button", name="Create flag").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def _roll_out(page: Page, percentage: int) -> None:
    page.get_by_text("On in production").click()
    exactly = page.get_by_label("Exactly (%)")
    exactly.fill(str(percentage))
    exactly.press("Enter")
    expect(page.get_by_text("flag, rollout")).to_be_visible()


def _flag(portal: Portal, key: str) -> UUID:
    return UUID(str(portal.sql("SELECT id FROM flag WHERE key = %s", key)[0][0]))


def test_flag_is_created_rolled_out_seen_and_killed(portal, new_page):
    page = new_page()
    sign_in(page, portal, "super_admin", "/flags")
    signed_in(page)
    _create(page, "journey-search", "Journey search")
    _roll_out(page, 30)
    page.get_by_role("button", name="Review and save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("cell", name="30 %")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("Partly on")).to_be_visible()
    expect(page.get_by_text("Not saved in production")).to_have_count(0)
    flag_id = _flag(portal, "journey-search")
    rows = portal.sql(
        "SELECT is_enabled, rollout_percentage FROM flag_environment WHERE flag_id = %s AND environment = 'production'",
        flag_id,
    )
    assert rows == [(True, 30)]
    page.get_by_text("Who has it", exact=True).click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^off\s+\d+ · on\s+\d+$"))).to_be_visible()
    _kill(page, "journey-search")
    expect(page.get_by_text("Killed by Amara Osei")).to_contain_text("Search answers nothing")
    page.get_by_text("History", exact=True).click()
    done = portal.sql("SELECT action, reason FROM audit_entry WHERE action = 'flags.kill'")
    assert done == [("flags.kill", "Search answers nothing")]


def _kill(page: Page, key: str) -> None:
    page.get_by_role("button", name="Kill").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Search answers nothing")
    dialog.get_by_label("Type the flag's key").fill("another")
    dialog.get_by_role("button", name="Kill").click()
    expect(dialog.get_by_text("This is not the key of the flag.")).to_be_visible()
    expect(dialog.get_by_label("Reason")).to_have_value("Search answers nothing")
    dialog.get_by_label("Type the flag's key").fill(key)
    dialog.get_by_role("button", name="Kill").click()


def test_protected_change_counts_when_a_second_person_approves_it(portal, new_page):
    proposer, reviewer = new_page(), new_page()
    sign_in(proposer, portal, "super_admin", "/flags")
    signed_in(proposer)
    _create(proposer, "journey-sso", "Journey sign-on", is_protected=True)
    _roll_out(proposer, 10)
    proposer.get_by_role("button", name="Propose change").click()
    dialog = proposer.get_by_role("dialog")
    dialog.get_by_label("Explanation").fill("Ten percent first")
    dialog.get_by_role("button", name="Propose change").click()
    expect(proposer.get_by_text("Waits for review: Ten percent first")).to_be_visible()
    proposer.get_by_text("Waits for review: Ten percent first").click()
    expect(proposer.get_by_text("You proposed this, so somebody else decides.")).to_be_visible()
    expect(proposer.get_by_role("button", name="Approve")).to_have_count(0)
    flag_id = _flag(portal, "journey-sso")
    change_id = portal.sql("SELECT id FROM flag_change WHERE flag_id = %s", flag_id)[0][0]
    sign_in(reviewer, portal, "platform_admin", f"/flags?view=Review&change={change_id}")
    expect(reviewer.get_by_role("cell", name="10 %")).to_be_visible()
    reviewer.get_by_role("button", name="Approve").click()
    reviewer.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(reviewer.get_by_text("Approved. The change counts now.")).to_be_visible()
    state = portal.sql(
        "SELECT is_enabled, rollout_percentage FROM flag_environment WHERE flag_id = %s AND environment = 'production'",
        flag_id,
    )
    assert state == [(True, 10)]
