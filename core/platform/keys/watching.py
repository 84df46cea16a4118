"""The thread beside the API that keeps known keys fresh and stores when they were used."""

import threading

from core.kernel.errors import ExpectedError
from core.kernel.logs import get_logger
from core.platform.keys import uses, verifying

EVERY_S, STOP_S = 2.0, 5.0
log = get_logger()
_stop = threading.Event()
_threads: list[threading.Thread] = []


def start() -> None:
    """Begins; a second call does nothing."""
    if not any(thread.is_alive() for thread in _threads):
        _stop.clear()
        _threads[:] = [threading.Thread(target=_run, name="api keys", daemon=True)]
        _threads[0].start()


def stop() -> None:
    """Stores what was noted, and ends."""
    _stop.set()
    for thread in _threads:
        thread.join(STOP_S)


def _run() -> None:
    while not _stop.wait(EVERY_S):
        once()
    once()


def once() -> None:
    """One look and one batch. What fails is told and tried again: keys that cannot be read again stop counting."""
    for step in (verifying.look, uses.flush):
        try:
            step()
        except ExpectedError as error:
            log.warning("api keys wait for the database", error=str(error))
        except Exception:
            # Not a reason to end the thread: the next round tries again.
            log.exception("api keys could not be watched")
