"""A real server goes away and comes back: down in time, one alert, one mail, resolved by itself."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller

from tests.e2e.conftest import Portal, _free_port

INTERVAL_S, RETRIES, RETRY_S = 10, 1, 5
# A look and its retry, the look of the alerts every 15 s, and patience with two busy cores.
WITHIN_S = INTERVAL_S + RETRIES * RETRY_S + 45
SET_UP = """
import json, sys
from core.health.channels import actions as channels, routes
from core.health.monitors import actions as monitors
from core.kernel.actor import Actor

url, mail = sys.argv[1:]
system = Actor.system("test")
made = monitors.create(
    system, name="Checkout of the shop", kind="http", settings={"url": url}, interval_s=10, timeout_s=2, retries=1,
    retry_interval_s=5, allows_private=True,
)
channel = channels.create(system, name="On call", url=mail)
routes.create(system, name="Everything", severities=[], areas=[], channel_ids=[channel.id])
print(json.dumps(str(made.monitor.id)))
"""


class Server:
    """An HTTP server that can be stopped and started on its port."""

    def __init__(self) -> None:
        self.port = 0
        self.start()

    def start(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Inbox:
    """What the mail server was given."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        from email import message_from_bytes
        from email.header import decode_header, make_header

        subject = message_from_bytes(envelope.content)["subject"]  # type: ignore[attr-defined]
        self.subjects.append(str(make_header(decode_header(subject))))
        return "250 OK"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    kept = Inbox()
    port = _free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()


def until(holds: Callable[[], bool], within_s: float, what: str) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, f"{what} not within {within_s:.0f} s"
        time.sleep(0.5)


@pytest.mark.timeout(600)
def test_outage_is_one_alert_and_one_mail_and_ends_by_itself(empty_portal: Portal, server: Server, inbox) -> None:
    kept, mail_port = inbox
    given = [
        f"http://127.0.0.1:{server.port}/",
        f"mailto://127.0.0.1:{mail_port}?from=portal@example.com&to=ops@example.com",
    ]
    done = subprocess.run(
        [sys.executable, "-c", SET_UP, *given], env=empty_portal.environment, check=True, capture_output=True, text=True
    )
    monitor = json.loads(done.stdout.splitlines()[-1])

    def state() -> str | None:
        found = empty_portal.sql("SELECT state FROM monitor_state WHERE monitor_id = %s", monitor)
        return found[0][0] if found else None

    def alerts() -> list[tuple]:
        return empty_portal.sql("SELECT status FROM alert WHERE labels::text LIKE %s", f"%{monitor}%")

    with empty_portal.process("jobs"):
        until(lambda: state() == "up", 60, "the monitor was up")
        server.stop()
        until(lambda: state() == "down", WITHIN_S, "the monitor was down")
        until(lambda: alerts() == [("open",)], WITHIN_S, "one alert was open")
        until(lambda: len(kept.subjects) == 1, WITHIN_S, "one mail came")
        time.sleep(10)
        assert len(kept.subjects) == 1, "more than one mail for one cause"
        server.start()
        until(lambda: state() == "up", WITHIN_S, "the monitor was up again")
        until(lambda: alerts() == [("resolved",)], 420, "the alert had ended by itself")
        until(lambda: len(kept.subjects) == 2, WITHIN_S, "the end was told")
    assert "Checkout of the shop" in kept.subjects[0]
