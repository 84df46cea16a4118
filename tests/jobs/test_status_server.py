"""The server of the rendered page: a process of its own that needs nothing but the folder."""

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from core.reliability.status_page.files import CACHE


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def served(folder, port: int, *words: str, **environment: str) -> subprocess.Popen:
    given = {
        **os.environ,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "DATA_FOLDER": "/nonexistent",
        **environment,
    }
    command = [sys.executable, "-m", "jobs", "status-page", "--folder", str(folder), "--port", str(port), *words]
    return subprocess.Popen(command, env=given)


def until_answered(url: str) -> httpx.Response:
    for _ in range(200):
        try:
            return httpx.get(url)
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def test_it_serves_the_folder_without_database_and_keys(tmp_path):
    (tmp_path / "index.html").write_text("<!DOCTYPE html><title>x</title>Rendered now")
    port = free_port()
    process = served(tmp_path, port, ENCRYPTION_KEYS="", PORT="1")
    try:
        base = f"http://127.0.0.1:{port}"
        page = until_answered(f"{base}/")
        assert (page.status_code, page.headers["cache-control"]) == (200, CACHE)
        assert page.headers["content-type"] == "text/html; charset=utf-8" and page.headers["last-modified"]
        assert httpx.get(f"{base}/status/index.html").text == page.text, "links below the portal work here, too"
        assert httpx.get(f"{base}/absent.json").status_code == 404
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(20) in (0, -signal.SIGTERM)


def test_a_taken_port_is_said(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert served(tmp_path, taken.getsockname()[1]).wait(60) == 1


def test_it_brings_no_database_driver_along():
    """What it imports decides what can keep it from starting."""
    known = "('psycopg', 'sqlalchemy', 'streamlit')"
    script = f"import sys, jobs.status_server; sys.exit(any(one.startswith({known}) for one in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0, "it needs a database driver"


@pytest.mark.parametrize("words", [["--port", "x"], ["surplus"]])
def test_a_wrong_call_tells_how(words):
    done = subprocess.run([sys.executable, "-m", "jobs", "status-page", *words], capture_output=True, check=False)
    assert done.returncode == 2 and b"usage" in done.stderr
