"""A SEV1 in two browsers: declared from an alert, taken, told to customers after somebody else agreed, resolved, and looked
back on in a post-mortem that somebody else approves."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled, sign_in, signed_in

ALERT = """
INSERT INTO alert (id, rule_id, rule_name, dedup_key, group_key, subject, labels, severity, area, status, opened_at, value_first,
  bound, unit, summary, occurrences, is_flapping, is_group, notifies, created_at, updated_at, version)
SELECT gen_random_uuid(), id, name, id || '/db-9', 'servers/journey', 'db-9', '{}', 'critical', area, 'open',
  now() - interval '12 minutes', 0.97, bound, 'ratio', 'CPU used is 97 %, above 80 % for 5 min (db-9).', 1, false, false, true,
  now(), now(), 1 FROM alert_rule WHERE key = 'server-cpu' RETURNING id
"""
TITLE = "Nobody can sign in"
WORD = "We are looking into why sign-in fails."


@pytest.fixture
def seat(portal, new_page):
    """A colleague of a role, at the address."""

    def taken(role: str, path: str) -> Page:
        page = new_page()
        sign_in(page, portal, role, path)
        signed_in(page)
        settled(page)
        return page

    return taken


def test_a_sev1_goes_from_the_alert_to_its_end_and_the_timeline_shows_it_all(portal, seat):
    [(alert_id,)] = portal.sql(ALERT)
    developer = seat("developer", f"/alerts?alert={alert_id}")
    incident_id = _declare(portal, developer)
    _take(developer)
    _write_word(developer, incident_id)
    boss = seat("support_admin", f"/incident?id={incident_id}&tab=messages")
    _approve(boss)
    stored = portal.sql("SELECT status, approved_by_name FROM incident_message WHERE incident_id = %s", incident_id)
    boss_name = portal.sql("SELECT name FROM operator WHERE role = 'support_admin' AND is_demo")[0][0]
    assert stored == [("sent", boss_name)]
    assert portal.sql("SELECT is_public FROM incident WHERE id = %s", incident_id) == [(True,)]
    _resolve(developer, portal, incident_id)
    _read_timeline(developer, alert_id, boss_name)
    _look_back(developer)
    _act_on_it(developer)
    _submit(developer)
    _agree(boss, portal, incident_id)


def _declare(portal, page: Page) -> str:
    expect(page.get_by_text("CPU used is 97 %")).to_be_visible()
    page.get_by_role("button", name="Declare an incident").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("which is linked to it")).to_be_visible()
    dialog.get_by_label("Title").fill(TITLE)
    dialog.get_by_label("Title").press("Tab")
    settled(page)
    dialog.get_by_role("button", name="Declare").click()
    expect(page).to_have_url(re.compile(r"/incident\?id="))
    expect(page.get_by_role("heading", name=re.compile(TITLE))).to_be_visible()
    expect(page.get_by_text("SEV1", exact=True).first).to_be_visible()
    [(incident_id, severity, source)] = portal.sql("SELECT id, severity, source FROM incident WHERE title = %s", TITLE)
    assert (severity, source) == ("sev1", "alert")
    return str(incident_id)


def _take(page: Page) -> None:
    settled(page)
    page.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(page.get_by_text("Acknowledged.")).to_be_visible()
    settled(page)
    note = page.get_by_placeholder("What you see, try or decide")
    note.fill("The database does not answer")
    note.press("Tab")
    settled(page)
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("The database does not answer").last).to_be_visible()


def _write_word(page: Page, incident_id: str) -> None:
    settled(page)
    page.get_by_role("tab", name="Messages").click()
    expect(page.get_by_text("somebody else approves this")).to_be_visible()
    text = page.get_by_label("Text", exact=True)
    text.fill(WORD)
    text.press("Tab")
    settled(page)
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("Waits for approval", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Look and approve")).to_have_count(0)


def _approve(page: Page) -> None:
    page.get_by_role("button", name="Look and approve").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(WORD)).to_be_visible()
    expect(dialog.get_by_text("Everybody sees it on the status page")).to_be_visible()
    dialog.get_by_role("button", name="Approve and send").click()
    expect(page.get_by_text("Approved and sent.")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Next update in \d+:\d\d min"))).to_be_visible()


def _resolve(page: Page, portal, incident_id: str) -> None:
    page.goto(f"{portal.base}/incident?id={incident_id}")
    signed_in(page)
    settled(page)
    page.get_by_role("button", name="Resolve").click()
    how = page.get_by_role("dialog").get_by_label("How it was resolved")
    how.fill("Failed over to the second database")
    how.press("Tab")
    settled(page)
    page.get_by_role("dialog").get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Resolved", exact=True).first).to_be_visible()


def _read_timeline(page: Page, alert_id: object, boss_name: str) -> None:
    for told in (
        "SEV1 declared by", "Linked alert: CPU used is 97 %", "Acknowledged by", "The database does not answer",
        "waits for approval", "The word on the status page approved", f"Told on the status page: {WORD}",
        "Resolved: Failed over to the second database",
    ):  # fmt: skip
        expect(page.get_by_text(told).last).to_be_visible()
    expect(page.get_by_text(boss_name).first).to_be_visible()
    settled(page)
    page.get_by_role("tab", name="Links").click()
    expect(page.get_by_role("link", name=re.compile("CPU used is 97 %"))).to_be_visible()


def _part(page: Page, name: str) -> None:
    settled(page)
    page.get_by_role("radio", name=name).click()
    settled(page)


def _look_back(page: Page) -> None:
    settled(page)
    page.get_by_role("tab", name="Review").click()
    _part(page, "Post-mortem")
    page.get_by_role("button", name="Begin post-mortem").click()
    expect(page.get_by_text("Draft", exact=True)).to_be_visible()
    settled(page)
    for label, text in (("Summary", "Sign-in failed for an hour."), ("Why did it happen?", "The database was full.")):
        field = page.get_by_label(label, exact=True)
        field.fill(text)
        field.press("Tab")
        settled(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def _act_on_it(page: Page) -> None:
    _part(page, "Action items")
    what = page.get_by_label("What is to be done", exact=True)
    what.fill("Alert on full disks")
    what.press("Tab")
    settled(page)
    page.get_by_role("button", name="Add action item").click()
    expect(page.get_by_text("Added.")).to_be_visible()


def _submit(page: Page) -> None:
    _part(page, "Post-mortem")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("In review", exact=True)).to_be_visible()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download Markdown").click()
    text = download.value.path().read_text()
    for told in (
        "1. Why? The database was full.",
        "Alert on full disks",
        "Resolved: Failed over to the second database",
    ):
        assert told in text


def _agree(page: Page, portal, incident_id: str) -> None:
    page.goto(f"{portal.base}/incident?id={incident_id}&tab=review")
    signed_in(page)
    _part(page, "Post-mortem")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("Approved", exact=True)).to_be_visible()
    assert portal.sql("SELECT status FROM post_mortem WHERE incident_id = %s", incident_id) == [("approved",)]
