"""Whether the worker's memory stays flat while it works: rollups, monitors, alerts, heartbeats, events."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import mean

import psutil

from bench.owner import owner
from bench.report import Row
from core.health.monitors import actions
from core.kernel.actor import Actor

SYSTEM = Actor.system("bench")
MONITORS, REQUESTS_PER_S = 200, 200
WARM_S, SECONDS, SAMPLE_S = 90, 300, 5
_REQUESTS = (
    "INSERT INTO request_record (at, id, service, channel, route, method, status, duration_ms, is_error, request_id)"
    " SELECT now(), gen_random_uuid(), 'web', 'product', '/r/' || n %% 40, 'GET', 200, 10 + n %% 90, false, 'r'"
    " FROM generate_series(1, %s) AS n"
)


def _monitors() -> None:
    """Connections to a port of loopback where nobody listens: looks, retries, changes of state."""
    for number in range(MONITORS):
        actions.create(
            SYSTEM, name=f"Bench {number}", kind="tcp", settings={"host": "127.0.0.1", "port": 9}, interval_s=10,
            timeout_s=1, allows_private=True,
        )  # fmt: skip


@contextmanager
def _load() -> Iterator[None]:
    """Requests that come in each second."""
    stop = threading.Event()

    def run() -> None:
        with owner() as connection:
            while not stop.wait(1):
                connection.execute(_REQUESTS, [REQUESTS_PER_S])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def run() -> list[Row]:
    """The worker's resident memory after it is warm, at the beginning and at the end of five minutes."""
    _monitors()
    worker = subprocess.Popen([sys.executable, "-m", "jobs", "worker"], stderr=subprocess.DEVNULL)
    try:
        with _load():
            time.sleep(WARM_S)
            sizes = list(_sampled(psutil.Process(worker.pid)))
    finally:
        worker.terminate()
        worker.wait(30)
    first, last = mean(sizes[: len(sizes) // 4]), mean(sizes[-len(sizes) // 4 :])
    told = f"{first / 2**20:.0f} MiB at the beginning of {SECONDS // 60} min"
    return [
        Row(f"memory of the worker ({MONITORS} monitors)", f"{last / 2**20:.0f} MiB", told, last / first, "<= 1.05")
    ]


def _sampled(process: psutil.Process) -> Iterator[int]:
    for _ in range(SECONDS // SAMPLE_S):
        yield process.memory_info().rss
        time.sleep(SAMPLE_S)
