"""A web process killed while batches arrive: whatever was answered is there, and what is sent again is there once."""

import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.platform.keys import actions as keys
from tests.jobs.processes import until

BATCHES, ROWS, SENDERS = 60, 400, 3
SYSTEM = Actor.system("test")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Web:
    """The real web process, started again on the same port."""

    def __init__(self, folder: Path, url: str) -> None:
        self.port, self._folder, self._url = _free_port(), folder, url
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ["-m", "uvicorn", "app:app", "--port", str(self.port), "--log-level", "warning", "--no-access-log"]
        with (self._folder / "web.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *words], env=os.environ | {"DATABASE_URL": self._url}, stdout=log, stderr=log
            )

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(60)

    def answers(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.port}/api/v1/healthz", timeout=2).status_code == 200
        return False


@pytest.fixture
def web(committed_db, tmp_path) -> Iterator[Web]:
    one = Web(tmp_path, committed_db)
    one.start()
    try:
        until(one.answers, within_s=120)
        yield one
    except BaseException:
        sys.stderr.write((tmp_path / "web.log").read_text())
        raise
    finally:
        one.kill()


class Sender:
    """A client that sends each batch until it is answered with success; `acknowledged` counts the accepted rows."""

    def __init__(self, port: int, key: str, numbers: range) -> None:
        self.url, self.key, self.numbers = f"http://127.0.0.1:{port}/api/v1/events", key, numbers
        self.acknowledged: dict[int, int] = {}
        self.repeats = self.retries = 0
        self.odd: list[str] = []

    def run(self) -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {self.key}"}, timeout=20) as client:
            for number in self.numbers:
                self._send(client, number, _body(number))

    def _send(self, client: httpx.Client, number: int, body: bytes) -> None:
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": f"batch-{number}"}
        while number not in self.acknowledged:
            try:
                answer = client.post(self.url, content=body, headers=headers)
            except httpx.HTTPError:
                self.retries += 1
                time.sleep(0.05)
                continue
            if answer.status_code == 200:
                self.acknowledged[number] = answer.json()["accepted"]
                self.repeats += "idempotency-replayed" in answer.headers
            elif answer.status_code in (429, 503):
                time.sleep(0.05)
            else:
                self.odd.append(answer.text)
                return


def _body(number: int) -> bytes:
    about = {"type": "request", "at": utc_now().isoformat(), "service": "web", "method": "GET", "status": 200}
    return b"\n".join(json.dumps(about | {"route": f"/{number}/{place}"}).encode() for place in range(ROWS))


@contextmanager
def _sending(senders: list[Sender]) -> Iterator[None]:
    threads = [threading.Thread(target=one.run, daemon=True) for one in senders]
    for one in threads:
        one.start()
    yield
    for one in threads:
        one.join(120)
        assert not one.is_alive()


def test_killed_web_process_loses_and_doubles_no_row(web, committed_raw):
    issued = keys.create(
        SYSTEM, tenant_id=None, name="Sender", scopes=["telemetry:create"], rate_limit_per_minute=60_000
    )
    senders = [Sender(web.port, issued.key, range(first, BATCHES, SENDERS)) for first in range(SENDERS)]
    moments, kills = random.Random(4), 0

    def stored() -> int:
        return committed_raw("SELECT count(*) FROM request_record WHERE channel = 'product'")[0].count

    with _sending(senders):
        while kills < 3:
            before = stored()
            until(lambda before=before: stored() > before, within_s=60, every_s=0.002)
            time.sleep(moments.random() * 0.05)
            web.kill()
            kills += 1
            web.start()
    assert [one.odd for one in senders] == [[]] * SENDERS
    assert sum(one.retries for one in senders) >= kills
    assert [one.acknowledged for one in senders] == [dict.fromkeys(one.numbers, ROWS) for one in senders]
    doubled = committed_raw(
        "SELECT route, count(*) FROM request_record WHERE channel = 'product' GROUP BY route HAVING count(*) > 1"
    )
    assert doubled == []
    assert stored() == BATCHES * ROWS


def test_more_than_a_sender_may_have_in_hand_is_sent_away_and_comes_back(web, committed_raw):
    """Six slow bodies of one key hold its places; the next is told when to come again, and that of another key is taken."""
    made = [
        keys.create(
            SYSTEM, tenant_id=None, name=name, scopes=["telemetry:create", "health:read"], rate_limit_per_minute=6_000
        )
        for name in ("Slow", "Other")
    ]
    slow, other = ({"Authorization": f"Bearer {one.key}", "Content-Type": "application/x-ndjson"} for one in made)
    base, go, answers = f"http://127.0.0.1:{web.port}/api", threading.Event(), []

    def body() -> Iterator[bytes]:
        yield _body(0)
        go.wait(30)

    def hold(number: int) -> None:
        sent = {**slow, "Idempotency-Key": f"hold-{number}"}
        answers.append(httpx.post(f"{base}/v1/events", content=body(), headers=sent, timeout=60).status_code)

    def post(headers: dict[str, str]) -> httpx.Response:
        sent = {**headers, "Idempotency-Key": "late"}
        return httpx.post(f"{base}/v1/events", content=_body(1), headers=sent, timeout=30)

    threads = [threading.Thread(target=hold, args=[number], daemon=True) for number in range(6)]
    for one in threads:
        one.start()
    until(lambda: "batches_in_hand 6.0" in httpx.get(f"{base}/metrics", headers=slow, timeout=30).text, within_s=60)
    late = post(slow)
    assert (late.status_code, late.headers["retry-after"]) == (429, "1")
    assert post(other).json()["accepted"] == ROWS
    go.set()
    for one in threads:
        one.join(60)
    assert answers == [200] * 6
    assert post(slow).json()["accepted"] == ROWS
    assert committed_raw("SELECT count(*) FROM request_record WHERE channel = 'product'")[0].count == 8 * ROWS
