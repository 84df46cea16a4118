"""A monitor made in the browser follows a real server: up, down when it stops, up when it is back, and a window over it."""

import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Portal, _free_port, sign_in, signed_in

INTERVAL_S, RETRIES, RETRY_AFTER_S = 10, 1, 5
# A failure is seen within an interval and the retries after it; the page shows it within 3 s.
PATIENCE_S = INTERVAL_S + RETRIES * RETRY_AFTER_S
SLACK_S = 12  # of a busy machine: browser, web process, jobs and database share two cores
RED = "rgb(214, 64, 78)"
# It waits for checks on purpose, after a portal has been filled and started.
pytestmark = pytest.mark.timeout(420)


class _Well(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"all is well")

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


class Shop:
    """A server that can be stopped and started on the same port."""

    def __init__(self) -> None:
        self.port = _free_port()
        self.start()

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _Well)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    running = Shop()
    yield running
    running.stop()


@pytest.fixture
def jobs(portal: Portal) -> Iterator[None]:
    with portal.process("jobs"):
        yield


def _create(page: Page, url: str) -> None:
    page.get_by_role("button", name="Create monitor").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Loopback shop")
    dialog.get_by_label("URL", exact=True).fill(url)
    dialog.get_by_label("Must contain", exact=True).fill("all is well")
    for label, value in (("Interval (s)", INTERVAL_S), ("Retries", RETRIES), ("Retry after (s)", RETRY_AFTER_S)):
        dialog.get_by_label(label, exact=True).fill(str(value))
    dialog.get_by_text("Tags, owner, tenants, addresses").click()
    dialog.get_by_text("May reach private addresses").click()
    dialog.get_by_role("button", name="Test").click()
    expect(dialog.get_by_text(re.compile(r"Up in .* ms"))).to_be_visible()
    dialog.get_by_role("button", name="Create monitor").click()


def _until(page: Page, state: str, within_s: float) -> float:
    begun = time.monotonic()
    expect(page.get_by_text(re.compile(rf"^\S*\s*{state} since"))).to_be_visible(timeout=within_s * 1000)
    return time.monotonic() - begun


def test_monitor_follows_a_server_that_stops_and_comes_back(portal, new_page, jobs, shop):
    page = new_page()
    sign_in(page, portal, "super_admin", "/monitors")
    signed_in(page)
    _create(page, f"http://127.0.0.1:{shop.port}/")
    _until(page, "Up", 60)
    shop.stop()
    try:
        _until(page, "Down", PATIENCE_S + SLACK_S)
    finally:
        shop.start()
    _until(page, "Up", INTERVAL_S + SLACK_S)
    page.get_by_text("1 h", exact=True).click()
    expect(page.locator(f"g.bars path[style*='fill: {RED}']").first).to_be_attached()
    states = portal.sql(
        "SELECT state FROM monitor_change JOIN monitor ON monitor.id = monitor_id WHERE name = 'Loopback shop' ORDER BY at"
    )
    assert [state for (state,) in states][-3:] == ["up", "down", "up"]
