"""One scheduler here, and one worker as a child that is replaced when it dies."""

import os
import subprocess
import sys
import threading
import time

from core.kernel.logs import get_logger
from jobs.parent import PARENT
from jobs.scheduler import Scheduler

# Long enough that its absence shows on Health and that a worker which dies at its start does not spin.
RESTART_AFTER_S = 30.0
STOP_GRACE_S = 10.0
log = get_logger()


class WorkerChild:
    """The supervised worker."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._restart_at = 0.0

    def look(self) -> None:
        """Starts the worker at first, and again 30 s after it died."""
        if self._process is not None and (code := self._process.poll()) is not None:
            log.error("worker died", code=code, restart_in_s=RESTART_AFTER_S)
            self._process, self._restart_at = None, time.monotonic() + RESTART_AFTER_S
        if self._process is None and time.monotonic() >= self._restart_at:
            environment = os.environ | {PARENT: str(os.getpid())}
            self._process = subprocess.Popen([sys.executable, "-m", "jobs", "worker"], env=environment)

    def stop(self) -> None:
        """Asks it to stop, and ends it when it does not within 10 s."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_GRACE_S)
        except subprocess.TimeoutExpired:
            log.error("worker did not stop and was killed")
            self._process.kill()
            self._process.wait()


def run(stop: threading.Event) -> None:
    """Until `stop`: the scheduler in a thread, the worker started by this thread (its end would end the worker)."""
    clock = threading.Thread(target=Scheduler(stop).run, name="scheduler", daemon=True)
    clock.start()
    child = WorkerChild()
    while not stop.is_set() and clock.is_alive():
        child.look()
        stop.wait(0.5)
    stop.set()
    child.stop()
    clock.join(STOP_GRACE_S)
