"""Real processes for tests: started, watched, killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def until(condition: Callable[[], object], *, within_s: float, every_s: float = 0.05) -> float:
    """Waits until the condition holds and returns how long that took, in seconds. Raises AssertionError when it never does."""
    begun = time.monotonic()
    while time.monotonic() - begun < within_s:
        if condition():
            return time.monotonic() - begun
        time.sleep(every_s)
    raise AssertionError(f"not within {within_s} s: {condition}")


class Process:
    """A process of the portal; its log is in `log`."""

    def __init__(self, folder: Path, url: str, *words: str, module: str = "tests.jobs.sample", **extra: str) -> None:
        self.log = folder / f"{'-'.join(words) or 'jobs'}-{time.monotonic_ns()}.log"
        environment = os.environ | {"DATABASE_URL": url, "SAMPLE_LOG": str(folder / "sample.log"), **extra}
        with self.log.open("wb") as file:
            command = [sys.executable, "-m", module, *words]
            self.process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, start_new_session=True)

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)

    def stop(self, within_s: float = 60) -> int:
        """Asks it to stop and returns its exit code."""
        self.process.terminate()
        return self.process.wait(within_s)


@contextmanager
def ended(*processes: Process) -> Iterator[None]:
    """Leaves none of them behind; shows their logs when the test fails."""
    try:
        yield
    except BaseException:
        for one in processes:
            sys.stderr.write(f"--- {one.log.name}\n{one.log.read_text()}\n")
        raise
    finally:
        for one in processes:
            if one.process.poll() is None:
                one.process.send_signal(signal.SIGCONT)
                one.kill()
