"""`make run` as a person meets it: real processes in a folder of its own, and nothing left when it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from core.kernel.checks_at_start import CannotStart
from core.kernel.settings import Settings
from tools.leftovers import MARK, end_marked, marked
from tools.one_start import only_start
from tools.run import environment, wants_demo

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 90
STOP_SECONDS = 30


@dataclass
class Portal:
    """A started `tools.run`; what it prints goes to a file."""

    process: subprocess.Popen[bytes]
    output: Path

    def ends(self) -> str:
        """Waits for the end and gives all that was printed."""
        self.process.wait(STOP_SECONDS)
        return self.output.read_text()

    def wait_until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while "Quarterdeck is ready" not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < until, self.output.read_text()
            time.sleep(0.1)


Start = Callable[..., Portal]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(own_folder: Path) -> Iterator[Start]:
    """Starts `python -m tools.run` with its own data folder and no other configuration; `values` are its environment."""
    begun: list[Portal] = []
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}

    def run(**values: str) -> Portal:
        given = {"DATA_FOLDER": str(own_folder / "data"), "PORT": str(free_port()), "DEMO": "0"} | values
        output = own_folder / f"output-{len(begun)}"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "tools.run"], cwd=ROOT, env=kept | given, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            )  # fmt: skip
        begun.append(Portal(process, output))
        return begun[-1]

    yield run
    for portal in begun:
        portal.process.terminate()
        portal.process.wait(STOP_SECONDS)
    end_marked(str(own_folder / "data"))


def working_below(folder: Path) -> list[str]:
    """What still runs for that data folder: marked processes, and the server whose data lie in it."""
    servers = [
        process.info["name"]
        for process in psutil.process_iter(["name", "cwd"])
        if (process.info["cwd"] or "").startswith(str(folder))
    ]
    return servers + [process.name() for process in marked(str(folder))]


def test_start_serves_the_page_and_ctrl_c_leaves_no_process(start: Start, own_folder: Path) -> None:
    port = free_port()
    portal = start(PORT=str(port))
    portal.wait_until_ready()
    assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
    assert "postgres" in working_below(own_folder / "data")
    os.killpg(portal.process.pid, signal.SIGINT)
    output = portal.ends()
    assert portal.process.returncode == 0
    assert f"Quarterdeck is ready: http://localhost:{port}" in output
    assert "Traceback" not in output
    assert working_below(own_folder / "data") == []


def test_second_start_refuses_and_a_killed_one_is_cleared_away(start: Start, own_folder: Path) -> None:
    port = str(free_port())
    first = start(PORT=port)
    first.wait_until_ready()
    second = start()
    assert f"already runs in this folder (http://localhost:{port})" in second.ends()
    assert second.process.returncode == 1
    first.process.kill()
    first.process.wait()
    assert marked(str(own_folder / "data")) != []
    third = start(PORT=port)
    third.wait_until_ready()
    third.process.terminate()
    assert "Quarterdeck is ready" in third.ends()
    assert working_below(own_folder / "data") == []


def test_a_process_that_dies_ends_the_others(start: Start, own_folder: Path) -> None:
    port = free_port()
    portal = start(PORT=str(port))
    portal.wait_until_ready()
    jobs = [process for process in marked(str(own_folder / "data")) if process.cmdline()[-2:] == ["-m", "jobs"]]
    jobs[0].kill()
    assert "A process ended by itself" in portal.ends()
    assert portal.process.returncode == 1
    assert working_below(own_folder / "data") == []


def test_port_in_use_is_one_sentence(start: Start, own_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = start(PORT=str(port))
        assert refused.ends().startswith(f"Port {port} is in use by another program")
    assert refused.process.returncode == 1
    assert working_below(own_folder / "data") == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"DATA_FOLDER": "/dev/null/data"}, "The data folder /dev/null/data cannot be written"),
        ({"DATABASE_URL": "postgresql://ada:secret@127.0.0.1:1/portal"}, "The database does not answer at"),
        ({"PORT": "eighty"}, "PORT"),
        ({"DEMO": "perhaps"}, "DEMO"),
    ],
)
def test_what_stops_a_start_is_one_sentence(start: Start, values: dict[str, str], sentence: str) -> None:
    refused = start(**values)
    output = refused.ends()
    assert refused.process.returncode == 1
    assert sentence in output
    assert "secret" not in output
    assert len(output.strip().splitlines()) == 1


def test_wrong_key_stops_the_start_and_the_server(start: Start, own_folder: Path) -> None:
    key = "k1:" + "B" * 43 + "="
    port = free_port()
    first = start(PORT=str(port), ENCRYPTION_KEYS=key)
    first.wait_until_ready()
    first.process.terminate()
    first.ends()
    refused = start(ENCRYPTION_KEYS=key.replace("B", "C"))
    assert "key 'k1'" in refused.ends()
    assert refused.process.returncode == 1
    assert working_below(own_folder / "data") == []


def test_only_one_start_per_folder(tmp_path: Path) -> None:
    with only_start(tmp_path, 8501), pytest.raises(CannotStart, match="already runs in this folder"):
        only_start(tmp_path, 8502).__enter__()
    with only_start(tmp_path, 8503):
        assert (tmp_path / "run.lock").read_text() == "http://localhost:8503"


def test_marked_processes_end_even_when_they_ignore_the_request(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", stubborn], env={MARK: str(tmp_path)}, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert end_marked(str(tmp_path), patience=0.3) == 1
        assert not psutil.pid_exists(process.pid)


@pytest.mark.parametrize(
    ("database_url", "demo", "wanted"),
    [(None, None, True), (None, False, False), ("postgresql://x/y", None, False), ("postgresql://x/y", True, True)],
)
def test_demo_data_need_a_word_outside_the_embedded_database(database_url, demo, wanted) -> None:
    assert wants_demo(Settings(database_url=database_url, demo=demo)) is wanted


def test_public_address_joins_the_allowed_hosts() -> None:
    chosen = Settings(public_url="https://deck.example.com/portal", port=9000)
    made = environment({"PATH": "/bin"}, chosen, "/data")
    assert made["STREAMLIT_SERVER_ALLOWED_HOSTS"].split() == ["localhost", "127.0.0.1", "deck.example.com"]
    assert made["PATH"].split(":")[0] == str(Path(sys.executable).parent)
    assert (made["PORT"], made[MARK]) == ("9000", "/data")
