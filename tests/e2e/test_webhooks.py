"""A webhook's life in a browser: made, triggered by suspending a tenant, its receiver broken and repaired, replayed."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect
from standardwebhooks import Webhook

from tests.e2e.conftest import Portal, sign_in, signed_in

SECOND_MS = 1_000
SOON = 30 * SECOND_MS


@dataclass
class Receiver:
    """A customer's server on loopback, which can be broken and repaired; it keeps what it was sent."""

    url: str = ""
    status: int = 200
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.messages]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.messages.append(({name.lower(): value for name, value in self.headers.items()}, body))
            answer = b"thank you" if kept.status == 200 else b"on fire"
            self.send_response(kept.status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture
def jobs(portal: Portal) -> Iterator[None]:
    with portal.process("jobs"):
        yield


def _create(page: Page, name: str, url: str, schedule: str) -> str:
    """Fills the form in; returns the secret that is shown afterwards."""
    page.get_by_role("button", name="Create webhook").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill(name)
    dialog.get_by_label("URL", exact=True).fill(url)
    dialog.get_by_label("Events", exact=True).click()
    dialog.get_by_label("Events", exact=True).fill("tenants.suspend")
    page.get_by_role("option", name="tenants.suspend").click()
    page.keyboard.press("Escape")
    dialog.get_by_text("Signature and sending").click()
    dialog.get_by_label("Pauses before each attempt", exact=True).fill(schedule)
    dialog.get_by_role("button", name="Create webhook").click()
    shown = page.get_by_role("dialog").filter(has_text="Hand this to the receiver")
    secret = shown.get_by_test_id("stCode").inner_text().strip()
    page.get_by_role("button", name="I have it").click()
    expect(shown).to_have_count(0)
    return secret


def _suspend(page: Page, portal: Portal, tenant_id: object) -> None:
    page.goto(f"{portal.base}/tenants?tenant={tenant_id}")
    page.get_by_role("button", name="Suspend").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Unpaid since May")
    name = portal.sql("SELECT name FROM tenant WHERE id = %s", tenant_id)[0][0]
    dialog.get_by_label("Type its name").fill(name)
    dialog.get_by_role("button", name="Suspend").click()
    expect(page.get_by_text("Suspended: Unpaid since May")).to_be_visible()


def _open_latest(page: Page, portal: Portal, webhook_id: object) -> None:
    found = portal.sql(
        "SELECT id FROM webhook_delivery WHERE webhook_id = %s ORDER BY created_at DESC LIMIT 1", webhook_id
    )
    page.goto(f"{portal.base}/webhooks?delivery={found[0][0]}")


def _until(portal: Portal, page: Page, statement: str, webhook_id: object, wanted: object) -> None:
    for _ in range(600):
        if portal.sql(statement, webhook_id)[0][0] == wanted:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{statement} gives {portal.sql(statement, webhook_id)}, and not {wanted}")


COUNT = "SELECT count(*) FROM webhook_delivery WHERE webhook_id = %s"
DELIVERED = f"{COUNT} AND status = 'delivered'"
FAILED = f"{COUNT} AND status = 'failed'"


def test_journey_of_a_webhook(portal, new_page, receiver, jobs):
    page = new_page()
    tenants = portal.sql("SELECT id FROM tenant WHERE status = 'active' ORDER BY domain DESC LIMIT 2")
    sign_in(page, portal, "platform_admin", "/webhooks")
    signed_in(page)

    secret = _create(page, "Journey receiver", receiver.url, "0, 1, 2, 2, 2")
    webhook_id = portal.sql("SELECT id FROM webhook WHERE name = 'Journey receiver'")[0][0]
    assert str(webhook_id) in page.url
    expect(page.get_by_text("It was sent nothing yet.")).to_be_visible()

    _suspend(page, portal, tenants[0][0])
    _until(portal, page, DELIVERED, webhook_id, 1)
    headers, body = receiver.messages[0]
    assert Webhook(secret).verify(body, headers)["data"]["entity_ids"] == [str(tenants[0][0])]
    _open_latest(page, portal, webhook_id)
    expect(page.get_by_text("Delivered", exact=True)).to_be_visible()
    expect(page.get_by_text("thank you")).to_be_visible()

    receiver.status = 500
    _suspend(page, portal, tenants[1][0])
    _until(portal, page, COUNT, webhook_id, 2)
    _open_latest(page, portal, webhook_id)
    expect(page.get_by_text(re.compile("Attempt 1 at"))).to_be_visible(timeout=SOON)
    expect(page.get_by_text(re.compile("Attempt 2 at"))).to_be_visible(timeout=SOON)
    expect(page.get_by_text("on fire").first).to_be_visible()
    _until(portal, page, FAILED, webhook_id, 1)
    expect(page.get_by_text("Failed", exact=True)).to_be_visible(timeout=SOON)
    assert len(set(receiver.ids())) == 2
    assert len(receiver.ids()) == 6

    page.goto(f"{portal.base}/webhooks?webhook={webhook_id}")
    expect(page.get_by_text("attempts failed in a row, so it rests until")).to_be_visible()

    receiver.status = 200
    page.get_by_role("button", name="Replay").click()
    page.get_by_role("dialog").get_by_role("button", name="Replay 1 delivery").click()
    expect(page.get_by_text("1 delivery sent again.")).to_be_visible()
    _until(portal, page, DELIVERED, webhook_id, 2)
    assert receiver.ids()[-1] == receiver.ids()[-2]
    page.goto(f"{portal.base}/webhooks?webhook={webhook_id}")
    expect(page.get_by_text("Active", exact=True)).to_be_visible()
    done = portal.sql(
        "SELECT action FROM audit_entry WHERE action LIKE 'webhooks.%%' ORDER BY occurred_at DESC LIMIT 2"
    )
    assert done == [("webhooks.replay",), ("webhooks.create",)]
