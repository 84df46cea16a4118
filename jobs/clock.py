"""The clock: APScheduler says when, and a tick queues what is due."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from core.kernel.errors import ExpectedError
from core.kernel.logs import get_logger
from core.kernel.tasks import Schedule
from core.platform.queue.beats import EVERY
from core.platform.schedules import ticks

MOST_MISSED = 10_000  # looked through after a standstill; more of them change nothing, since they become one tick
log = get_logger()


def trigger_of(schedule: Schedule) -> BaseTrigger:
    """Interval ticks lie on multiples of the interval since 1970, so that every leader finds the same moments."""
    if schedule.cron is not None:
        return CronTrigger.from_crontab(schedule.cron, timezone=UTC)
    return IntervalTrigger(seconds=schedule.seconds, start_date=datetime(1970, 1, 1, tzinfo=UTC), timezone=UTC)


def next_after(trigger: BaseTrigger, moment: datetime) -> datetime:
    """The first tick later than `moment`."""
    due: datetime = trigger.get_next_fire_time(None, moment + timedelta(milliseconds=1))
    return due.astimezone(UTC)


def missed(trigger: BaseTrigger, said: datetime, now: datetime) -> datetime | None:
    """The latest tick from `said` (the next one known before the standstill) until now: all of them become this one."""
    if said > now:
        return None
    latest = said
    for _ in range(MOST_MISSED):
        following = next_after(trigger, latest)
        if following > now:
            break
        latest = following
    return latest


class TickExecutor(BaseExecutor):
    """Runs a tick in the clock's own thread; several missed ones are one.

    A job's arguments are its name and the moment that it is due at, which only the executor is told.
    """

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        try:
            job.func(job.args[0], run_times[-1].astimezone(UTC))
        except ExpectedError as error:
            log.warning("tick failed", schedule=job.id, error=str(error))
        except Exception:
            log.exception("tick failed", schedule=job.id)
        self._run_job_success(job.id, [])


class Clock:
    """Ticks while it runs. `beat` is called every 3 s from the same thread: a clock that hangs falls silent."""

    def __init__(self, schedules: list[Schedule], beat: Callable[[], None], may_tick: Callable[[], bool]) -> None:
        self._triggers = {one.name: (one, trigger_of(one)) for one in schedules}
        self._beat, self._may_tick = beat, may_tick
        self._scheduler: Any = None

    def start(self) -> None:
        """Takes the ticks that were missed, as one for each schedule, and begins. Raises Unavailable."""
        self._beat()
        now = datetime.now(UTC)
        for name, moment in ticks.said_before().items():
            if name in self._triggers and (due := missed(self._triggers[name][1], moment, now)):
                self._tick(name, due)
        ticks.say({name: next_after(trigger, now) for name, (_, trigger) in self._triggers.items()})
        self._scheduler = BackgroundScheduler(
            executors={"default": TickExecutor()}, timezone=UTC, daemon=True,
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )  # fmt: skip
        self._add_jobs()
        self._scheduler.start()

    def _add_jobs(self) -> None:
        every_beat = IntervalTrigger(seconds=EVERY.seconds, timezone=UTC)
        self._scheduler.add_job(lambda name, due_at: self._beat(), every_beat, args=["heartbeat", None], id="heartbeat")
        for name, (_, trigger) in self._triggers.items():
            self._scheduler.add_job(self._tick, trigger, args=[name, None], id=name)

    def _tick(self, name: str, due_at: datetime) -> None:
        schedule, trigger = self._triggers[name]
        if self._may_tick():
            ticks.tick(schedule, due_at, next_after(trigger, due_at))

    def stop(self) -> None:
        """Ends ticking; a tick under way is finished first."""
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None
