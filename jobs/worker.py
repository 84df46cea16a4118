"""The worker process: jobs, events, heartbeats, this host's figures, and the jobs of workers that died."""

import asyncio
import gc
import logging
import os
import signal
import time
from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout

import core.tasks  # noqa: F401  (fills the registries)
from core.health.channels.delivering import notify
from core.health.monitors.checking import Checker
from core.health.servers.tasks import collect_here
from core.kernel import events
from core.kernel.errors import Unavailable
from core.kernel.logs import get_logger
from core.platform.flags import evaluating
from core.platform.queue import recovery
from core.platform.queue.beats import EVERY, Heart
from core.platform.webhooks.delivering import Deliverer
from jobs.binding import CONCURRENCY, Crew, QueueWorker, bind

GRACE_S = 5.0  # what a running job is given at a stop
LOOPS_GRACE_S = 2.0
COLLECT_EVERY_S, DISPATCH_EVERY_S, RECOVER_EVERY_S = 10.0, 0.5, 5.0
NOTIFY_EVERY_S = 1.0
POLL_EVERY_S = 2.0  # new jobs are announced; only what is due later is found by looking
RECONNECT_AFTER_S = 2.0
COLLECT_AFTER = (20_000, 20, 20)
log = get_logger()


def dispatch_batches() -> None:
    """Hands events to those who take them in batches, until none waits: these never wait for a slow handler."""
    while events.dispatch_once([one for one in events.subscribers() if one.takes_batches]):
        pass


def dispatch_singly() -> None:
    """Hands events to the others, until none waits."""
    while events.dispatch_once([one for one in events.subscribers() if not one.takes_batches]):
        pass


class Worker:
    """Runs until stopped, whatever the database does in the meantime."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._heart = Heart("worker")
        self._crew = Crew()
        self._queue_worker: QueueWorker | None = None
        self._suspects: set[int] = set()

    async def run(self) -> int:
        """Returns the exit code: 0 after a stop, 1 when the worker must be replaced."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        evaluating.start()
        loops = [asyncio.create_task(one) for one in (*self._loops(), self._deliver(), self._check())]
        await self._work()
        self._stop.set()
        await asyncio.wait(loops, timeout=LOOPS_GRACE_S)
        await asyncio.to_thread(evaluating.stop)
        await self._say_goodbye()
        return 1 if self._crew.is_worn_out else 0

    def _loops(self) -> list[Coroutine[Any, Any, None]]:
        return [
            self._repeat(EVERY.total_seconds(), self._heart.beat),
            self._repeat(DISPATCH_EVERY_S, dispatch_batches),
            self._repeat(DISPATCH_EVERY_S, dispatch_singly),
            self._repeat(COLLECT_EVERY_S, collect_here),
            self._repeat(RECOVER_EVERY_S, self._recover),
            self._repeat(NOTIFY_EVERY_S, notify),
        ]

    async def _repeat(self, every_s: float, step: Callable[[], object]) -> None:
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                await asyncio.to_thread(step)
            except Unavailable as error:
                log.warning("waiting for the database", step=step.__name__, error=str(error))
            except Exception:
                log.exception("a step of the worker failed", step=step.__name__)
            await self._pause(max(every_s - (time.monotonic() - begun), 0.1))

    async def _deliver(self) -> None:
        """Webhooks; a defect is told and the deliverer begins anew, with what it held free again when its leases end."""
        while not self._stop.is_set():
            try:
                await Deliverer().run(self._stop)
            except Exception:
                log.exception("the deliverer of webhooks stopped")
                await self._pause(RECONNECT_AFTER_S)

    async def _check(self) -> None:
        """Monitors; a defect is told and the checker begins anew, with the time in between unknown."""
        while not self._stop.is_set():
            try:
                await Checker().run(self._stop)
            except Exception:
                log.exception("the checker of monitors stopped")
                await self._pause(RECONNECT_AFTER_S)

    async def _pause(self, seconds: float) -> None:
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({stopped}, timeout=seconds)
        stopped.cancel()

    async def _work(self) -> None:
        while not self._stop.is_set() and not self._crew.is_worn_out:
            try:
                await self._work_while_connected()
            except (ConnectorException, psycopg.OperationalError, PoolTimeout) as error:
                log.warning("the queue waits for the database", error=str(error).strip())
            except Exception:
                log.exception("the queue stopped")
            await self._pause(RECONNECT_AFTER_S)

    async def _work_while_connected(self) -> None:
        async with bind(self._crew).open_async() as queue:
            worker = self._queue_worker = QueueWorker(
                queue, name="quarterdeck", concurrency=CONCURRENCY, fetch_job_polling_interval=POLL_EVERY_S,
                shutdown_graceful_timeout=GRACE_S, install_signal_handlers=False, listen_notify=False,
                update_heartbeat_interval=EVERY.total_seconds(), stalled_worker_timeout=recovery.WORKER_SILENCE.total_seconds(),
            )  # fmt: skip
            running = asyncio.create_task(worker.run())
            ending = asyncio.create_task(self._until_ending())
            await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
            ending.cancel()
            worker.stop()
            await running

    async def _until_ending(self) -> None:
        while not self._stop.is_set() and not self._crew.is_worn_out:
            await self._pause(1)

    def _recover(self) -> None:
        """What this worker is said to do and does not, at two looks in a row, could not be stored when it ended."""
        worker_id = self._queue_worker.worker_id if self._queue_worker else None
        said = recovery.doing_of(worker_id) if worker_id is not None else set()
        idle = said - self._crew.at_work
        recovery.recover(idle & self._suspects)
        self._suspects = idle

    async def _say_goodbye(self) -> None:
        try:
            await asyncio.to_thread(lambda: self._heart.beat(stopped=True))
        except Unavailable as error:
            log.warning("worker stops without the database", error=str(error))


def _calm_collector() -> None:
    """What was imported never becomes garbage; looking for some there again and again costs a tenth of the deliveries."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def main() -> None:
    """Works until a signal, and ends the process: a task that is still at it must not hold up the stop."""
    _calm_collector()
    loop = asyncio.new_event_loop()
    code = loop.run_until_complete(Worker().run())
    log.info("worker stopped", code=code)
    logging.shutdown()
    os._exit(code)
