"""Alerts in a real browser: acknowledge, try a rule and save it, test a channel against a real mail server."""

import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import expect

from tests.core.conftest import Mailbox
from tests.e2e.conftest import Portal, running_portal, sign_in, signed_in

OPEN = """
INSERT INTO alert (id, rule_id, rule_name, dedup_key, group_key, subject, labels, severity, area, status, opened_at, value_first,
  bound, unit, summary, occurrences, is_flapping, is_group, notifies, created_at, updated_at, version)
SELECT gen_random_uuid(), id, name, id || '/web-77', 'servers/e2e', 'web-77', '{}', 'critical', area, 'open',
  now() - interval '20 minutes', 0.93, bound, 'ratio', 'CPU used is 93 %, above 80 % for 5 min (web-77).', 1, false, false, true,
  now(), now(), 1 FROM alert_rule WHERE key = 'server-cpu' RETURNING id
"""


@pytest.fixture(scope="module")
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


@pytest.fixture(scope="module")
def portal(tmp_path_factory, mailbox) -> Iterator[Portal]:
    """A portal of its own: it has a mail server."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SMTP_URL", f"smtp://127.0.0.1:{mailbox[1]}")
        with running_portal(tmp_path_factory.mktemp("alerts"), demo=True) as running:
            yield running


@pytest.fixture
def page(portal, new_page):
    opened = new_page()
    sign_in(opened, portal, "developer", "/alerts")
    signed_in(opened)
    return opened


def test_an_open_alert_is_acknowledged_by_its_address(portal, page):
    [(alert_id,)] = portal.sql(OPEN)
    page.goto(f"{portal.base}/alerts?alert={alert_id}")
    expect(page.get_by_text("CPU used is 93 %, above 80 %")).to_be_visible()
    page.get_by_role("button", name="Acknowledge").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Note (optional)").fill("I look at it")
    dialog.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("Acknowledged", exact=True).first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert portal.sql("SELECT status FROM alert WHERE id = %s", alert_id) == [("acknowledged",)]
    notes = portal.sql("SELECT note FROM alert_history WHERE alert_id = %s AND kind = 'acknowledged'", alert_id)
    assert notes == [("I look at it",)]


def test_a_rule_is_tried_over_the_past_and_saved(portal, page):
    page.goto(f"{portal.base}/alerts?tab=Rules&rule=new")
    page.get_by_label("Bound (%)").fill("1")
    page.get_by_label("Bound (%)").press("Enter")
    page.get_by_label("Name", exact=True).fill("CPU is used at all")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Dry run over 30 days").click()
    expect(page.get_by_text("Would have fired", exact=False).first).to_be_visible()
    expect(page.get_by_text("The longest took", exact=False)).to_be_visible()
    page.get_by_role("button", name="Create rule").click()
    expect(page.get_by_role("heading", name="New rule")).to_have_count(0)
    assert portal.sql("SELECT bound, for_s FROM alert_rule WHERE name = 'CPU is used at all'") == [(0.01, 300)]


def test_a_channel_is_tested_against_a_real_mail_server_and_seen_in_the_log(portal, page, mailbox):
    page.goto(f"{portal.base}/alerts?tab=Channels")
    page.get_by_role("button", name="Create channel").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("Night shift")
    dialog.get_by_role("textbox", name="Addresses").fill("night@example.com")
    dialog.get_by_role("button", name="Create channel").click()
    expect(page.get_by_role("heading", name="Night shift")).to_be_visible()
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text("The test message was taken in", exact=False)).to_be_visible()
    assert mailbox[0].mails[-1].rcpt_tos == ["night@example.com"]
    assert portal.sql("SELECT channel, reason, status FROM alert_notification") == [("Night shift", "test", "sent")]
    expect(page.get_by_text("night@example.com", exact=False)).to_be_visible()
