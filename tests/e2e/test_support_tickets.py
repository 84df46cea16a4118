"""Tickets: two agents work on one in two browsers and nothing is lost; the queue is walked through by keys."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled, sign_in, signed_in

ACTIVE = "SELECT id, number, subject, priority FROM ticket WHERE status = 'in_progress' ORDER BY number DESC LIMIT 1 OFFSET %s"


def _agent(portal, new_page, role: str, path: str) -> Page:
    page = new_page()
    sign_in(page, portal, role, path)
    signed_in(page)
    settled(page)
    return page


def _name_of(portal, role: str) -> str:
    return portal.sql("SELECT name FROM operator WHERE role = %s AND is_demo", role)[0][0]


def test_two_agents_edit_one_ticket_and_the_second_loses_nothing(portal, new_page):
    ticket_id, _, _, priority = portal.sql(ACTIVE, 0)[0]
    first, second = (
        _agent(portal, new_page, role, f"/ticket?id={ticket_id}") for role in ("support_admin", "support_tier_1")
    )
    wanted = "Low" if priority != "low" else "High"
    reply = second.get_by_label("Reply to the customer", exact=True)
    reply.fill("We have found it, and it is repaired.")
    second.get_by_role("button", name=re.compile("^Edit")).click()
    typed = second.get_by_role("dialog").get_by_label("Subject")
    typed.fill("What the second agent calls it")
    first.get_by_role("button", name=re.compile("^Edit")).click()
    first.get_by_role("dialog").get_by_label("Priority").click()
    first.get_by_role("option", name=wanted, exact=True).click()
    first.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(first.get_by_text("Saved.")).to_be_visible()
    save = second.get_by_role("dialog").get_by_role("button", name="Save")
    save.click()
    expect(second.get_by_text(f"{_name_of(portal, 'support_admin')} changed priority")).to_be_visible()
    expect(second.get_by_text(f"Priority is now: {wanted}")).to_be_visible()
    expect(typed).to_have_value("What the second agent calls it")
    save.click()
    expect(second.get_by_text("Saved.")).to_be_visible()
    stored = portal.sql("SELECT subject, priority FROM ticket WHERE id = %s", ticket_id)
    assert stored == [("What the second agent calls it", wanted.lower())]
    expect(reply).to_have_value("We have found it, and it is repaired.")
    _answer_after_a_colleague(portal, first, second, ticket_id)


def _answer_after_a_colleague(portal, first: Page, second: Page, ticket_id) -> None:
    """The first answers while the second writes: he is told before his own answer goes out."""
    settled(second)
    reply = second.get_by_label("Reply to the customer", exact=True)
    reply.fill("We have found it, and it is repaired. Please look.")
    reply.press("Control+Enter")
    settled(second)
    settled(first)
    first.get_by_label("Reply to the customer", exact=True).fill("The first answer")
    first.get_by_role("button", name="Send reply").click()
    expect(first.get_by_text(f"{_name_of(portal, 'support_tier_1')} changed subject")).to_be_visible()
    settled(first)
    first.get_by_role("button", name="Send reply").click()
    expect(first.get_by_text("Reply sent.")).to_be_visible()
    second.get_by_role("button", name="Send reply").click()
    expect(second.get_by_text("was changed while you edited it")).to_be_visible()
    expect(reply).to_have_value("We have found it, and it is repaired. Please look.")
    expect(second.get_by_text("The first answer")).to_be_visible()
    settled(second)
    second.get_by_role("button", name="Send reply").click()
    expect(second.get_by_text("Reply sent.")).to_be_visible()
    said = portal.sql(
        "SELECT body FROM ticket_message WHERE ticket_id = %s ORDER BY created_at DESC, id DESC LIMIT 2", ticket_id
    )
    assert said == [("We have found it, and it is repaired. Please look.",), ("The first answer",)]


def test_keys_walk_through_the_queue_and_not_while_somebody_types(portal, new_page):
    page = _agent(portal, new_page, "support_admin", "/queue?sort=Oldest")
    expect(page.get_by_role("button", name="Up")).to_be_disabled()
    search = page.get_by_placeholder("Words, name or number")
    search.press("j")
    expect(search).to_have_value("j")
    search.fill("")
    search.press("Enter")
    settled(page)
    page.get_by_text("Queue", exact=True).last.click()
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="Up")).to_be_enabled()
    settled(page)
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile("/ticket"))
    expect(page.get_by_label("Reply to the customer", exact=True)).to_be_visible()
    first = page.url
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    settled(page)
    page.keyboard.press("k")
    expect(page).to_have_url(first)
