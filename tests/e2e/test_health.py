"""Health shows what is real: this machine's CPU, and a worker that dies and comes back."""

import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in, signed_in

CARD = "Workers"
NEWEST = (
    "SELECT cpu_ratio FROM server_metric WHERE measured_at > now() - interval '12 s' ORDER BY measured_at DESC LIMIT 1"
)


@pytest.fixture
def jobs(portal):
    with portal.process("jobs") as process:
        yield process


def _worker_of(process: subprocess.Popen) -> psutil.Process:
    for _ in range(200):
        for child in psutil.Process(process.pid).children(recursive=True):
            if "worker" in " ".join(child.cmdline()):
                return child
        time.sleep(0.1)
    raise AssertionError("no worker was started")


def _status(page: Page) -> str:
    text = page.get_by_test_id("stMain").inner_text()
    found = re.search(rf"{CARD}\s+(?:[a-z_]+\s+)?(Healthy|Degraded|Down|Unknown)", text)
    return found.group(1) if found else "not shown"


def _until_status(page: Page, wanted: str, within_s: float) -> float:
    begun = time.monotonic()
    while time.monotonic() - begun < within_s:
        if _status(page) == wanted:
            return time.monotonic() - begun
        time.sleep(0.5)
    raise AssertionError(f"{CARD} is {_status(page)} and not {wanted} after {within_s} s")


def test_killed_worker_turns_degraded_then_down_and_comes_back(portal, new_page, jobs):
    page = new_page()
    sign_in(page, portal, "developer", "/health")
    signed_in(page)
    _until_status(page, "Healthy", 60)
    killed = time.monotonic()
    os.kill(_worker_of(jobs).pid, signal.SIGKILL)
    _until_status(page, "Degraded", 30)
    _until_status(page, "Down", 40)
    assert time.monotonic() - killed < 60
    _until_status(page, "Healthy", 60)


def test_cpu_gauge_moves_with_a_busy_core(portal, new_page, jobs):
    page = new_page()
    sign_in(page, portal, "developer", "/servers")
    signed_in(page)
    expect(page.get_by_text(re.compile(r"^Reported \d+ s ago"))).to_be_visible(timeout=60_000)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        begun = time.monotonic()
        while time.monotonic() - begun < 45:
            rows = portal.sql(NEWEST)
            if rows and rows[0][0] > 0.9:
                break
            time.sleep(1)
        assert rows
        assert rows[0][0] > 0.9
        expect(page.get_by_text(re.compile(r"^(9\d|100) %$")).first).to_be_visible()
    finally:
        for one in busy:
            one.kill()
