"""The public status page: read beside the portal, subscribed to, and still there when portal and database are gone."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import expect

from tests.conftest import migrate
from tests.e2e.conftest import Portal, _free_port, _until_it_answers
from tests.jobs.test_status_server import until_answered
from tests.postgres import Server

SET_UP = """
from core.kernel.actor import Actor
from core.kernel.tasks import tasks
from core.reliability.status_page import actions

system = Actor.system("test")
for name in ("Customer portal", "Public API", "Webhooks"):
    actions.create_component(system, name=name)
tasks()["status_page.render"].function(system)
"""


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[tuple[Portal, Server, subprocess.Popen]]:
    """A portal on a database server of its own, and both can be stopped."""
    server, port = Server("18"), _free_port()
    environment = os.environ | {
        "DATABASE_URL": server.url("postgres"), "DATA_FOLDER": str(tmp_path), "PORT": str(port),
    }  # fmt: skip
    migrate(server.url("postgres"))
    subprocess.run([sys.executable, "-c", SET_UP], env=environment, check=True)
    log = tmp_path / "web.log"
    with log.open("w") as file:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        web = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    portal = Portal(f"http://127.0.0.1:{port}", server.url("postgres"), environment, tmp_path)
    try:
        _until_it_answers(portal.base, web, log)
        yield portal, server, web
    finally:
        web.kill()
        web.wait(20)
        server.remove()


def test_the_page_answers_while_portal_and_database_are_down(mortal, new_page):
    portal, server, web = mortal
    page, port = new_page(), _free_port()
    page.goto(f"{portal.base}/status")
    expect(page.get_by_role("heading", level=3, name="Public API")).to_be_visible()
    page.get_by_role("link", name="Subscribe").click()
    page.get_by_label("E-mail address").fill("ada@example.com")
    page.get_by_label("Public API").check()
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    assert portal.sql("SELECT cardinality(component_ids) FROM status_subscriber WHERE email = 'ada@example.com'") == [
        (1,)
    ]

    with portal.process("jobs", "status-page", "--port", str(port)):
        until_answered(f"http://127.0.0.1:{port}/")
        web.terminate()
        web.wait(30)
        server.stop("immediate")
        with pytest.raises(psycopg.OperationalError):
            portal.sql("SELECT 1")
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{portal.base}/status/")

        answer = httpx.get(f"http://127.0.0.1:{port}/")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"].startswith("public, max-age=30") and answer.headers["etag"]
        summary = httpx.get(f"http://127.0.0.1:{port}/api/v2/summary.json")
        assert summary.headers["content-type"] == "application/json" and len(summary.json()["components"]) == 3
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.get_by_text(re.compile(r"^Rendered \d\d \w{3} \d{4} \d\d:\d\d UTC"))).to_be_visible()
        page.get_by_role("link", name="History").click()
        expect(page.get_by_role("heading", name="The last 90 days")).to_be_visible()
        server.start()
