"""The scheduler process: leads, or stands by for the one that leads."""

import threading

import psycopg

from core.kernel.errors import Unavailable
from core.kernel.logs import get_logger
from core.kernel.tasks import schedules
from core.platform.queue.beats import Heart
from jobs.clock import Clock
from jobs.leadership import Leadership

TRY_EVERY_S = 2.0
LOOK_EVERY_S = 0.5
log = get_logger()


class Scheduler:
    """Runs until `stop` is set, whatever the database does in the meantime."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._heart = Heart("scheduler")
        self._leadership = Leadership(self._heart.id)
        self._lock = threading.Lock()

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                if self._leadership.try_to_lead():
                    self._lead()
                self._heart.beat()
            except (Unavailable, psycopg.OperationalError) as error:
                log.warning("scheduler waits for the database", error=str(error).strip())
            except Exception:
                log.exception("scheduler stands by after an error")
            self._stop.wait(TRY_EVERY_S)
        self._say_goodbye()

    def _lead(self) -> None:
        clock = Clock(list(schedules().values()), beat=self._beat_as_leader, may_tick=self._holds)
        log.info("scheduler leads")
        try:
            clock.start()
            while self._holds() and not self._stop.wait(LOOK_EVERY_S):
                pass
        finally:
            clock.stop()
            self._leadership.resign()
            log.info("scheduler leads no more")

    def _beat_as_leader(self) -> None:
        self._heart.beat(is_leader=True)

    def _holds(self) -> bool:
        with self._lock:  # asked by the clock's thread and by this one, on one connection
            return self._leadership.is_held()

    def _say_goodbye(self) -> None:
        try:
            self._heart.beat(stopped=True)
        except Unavailable as error:
            log.warning("scheduler stops without the database", error=str(error))
