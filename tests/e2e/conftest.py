"""The real web process (and jobs, when asked) on a database of its own, seen by a real browser."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.access.operators.demo import PASSWORD
from tests.conftest import TEMPLATE, _address, _admin

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
# Starting a browser and a web process on two busy cores takes its time.
PATIENCE_MS = 30_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.e2e)


@dataclass
class Portal:
    """A running web process."""

    base: str
    database: str
    environment: dict[str, str]
    folder: Path

    def sql(self, statement: str, *values: object) -> list[tuple]:
        address = self.database.replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def process(self, *words: str) -> Iterator[subprocess.Popen]:
        """`python -m WORDS` beside the web process, ended with everything it started."""
        log = (self.folder / f"{'-'.join(words)}-{uuid4().hex[:6]}.log").open("w")
        started = subprocess.Popen([sys.executable, "-m", *words], env=self.environment, stdout=log, stderr=log)
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()
            log.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _until_it_answers(base: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{base}/api/v1/healthz", timeout=2).read()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.25)
        else:
            return
    raise AssertionError(f"The web process does not answer:\n{log.read_text()[-4000:]}")


@contextmanager
def running_portal(folder: Path, *, demo: bool) -> Iterator[Portal]:
    name, port = f"e2e_{uuid4().hex[:10]}", _free_port()
    _admin(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    environment = os.environ | {"DATABASE_URL": _address(name), "DATA_FOLDER": str(folder), "PORT": str(port),
                                "OUTBOUND_ALLOW": "127.0.0.0/8"}  # fmt: skip
    if demo:
        subprocess.run([sys.executable, "-c", "from core.demo import seed; assert seed()"], env=environment, check=True)
    log = folder / "web.log"
    with log.open("w") as file:
        web = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            env=environment, stdout=file, stderr=file,
        )  # fmt: skip
    portal = Portal(f"http://127.0.0.1:{port}", _address(name), environment, folder)
    try:
        _until_it_answers(portal.base, web, log)
        yield portal
    finally:
        web.terminate()
        web.wait(20)
        _admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal with the demo company, shared by the journeys."""
    with running_portal(tmp_path_factory.mktemp("portal"), demo=True) as running:
        yield running


@pytest.fixture
def empty_portal(tmp_path: Path) -> Iterator[Portal]:
    """A portal that nobody has used yet."""
    with running_portal(tmp_path, demo=False) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page in a browser profile of its own."""
    contexts = []
    expect.set_options(timeout=PATIENCE_MS)

    def make(**options: object) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 950}, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def sign_in(page: Page, portal: Portal, role: str, path: str = "/", password: str = PASSWORD) -> None:
    """Signs the demo operator of the role in, from the page that was asked for."""
    email = portal.sql("SELECT email FROM operator WHERE role = %s AND is_demo", role)[0][0]
    page.goto(portal.base + path)
    fill_in(page, email, password)


def fill_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").first.fill(email)
    page.get_by_label("Password").first.fill(password)
    page.get_by_role("button", name="Sign in").click()


def settled(page: Page) -> None:
    """Waits until the page's script has come to its end: what is drawn anew in the midst of a click does not get it."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def signed_in(page: Page) -> None:
    """Waits until the operator is in."""
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
