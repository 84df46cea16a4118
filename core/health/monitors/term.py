"""One term of the checker that is at work: from when it took the lead until it stops or another one takes over."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from core.health.maintenance import running
from core.health.monitors import storing, watching
from core.health.monitors.courses import Course, Look
from core.health.monitors.ledger import Ledger
from core.health.monitors.listening import Listener
from core.health.monitors.network_check import NetworkCheck
from core.health.monitors.outage import Outage
from core.health.monitors.planning import Gate, Plan
from core.health.monitors.probes import Finding, Network, probe
from core.health.monitors.rules import next_slot, phase_of
from core.health.monitors.storing import GAP, Deposed, Gap
from core.health.monitors.watching import Roster, Watch
from core.kernel.errors import ExpectedError
from core.kernel.logs import get_logger
from core.kernel.times import utc_now

TICK_S, STORE_EVERY_S, LISTEN_EVERY_S, REFRESH_EVERY_S, REREAD_EVERY_S = 0.2, 1.0, 1.0, 2.0, 60.0
RETRY_NETWORK_S, FINISH_S = 2.0, 1.0
OVERLAP = timedelta(seconds=30)  # signals become visible in another order than they were made in
SOON_PER_S = 50.0  # so many of those that nobody looked at for too long are looked at in a second
HUNG = "the checker hung"
Result = TypeVar("Result")
log = get_logger()


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


class Term:
    """The database is used in the threads of `threads`; everything else happens in one event loop."""

    def __init__(self, run_id: UUID, network: Network, check: NetworkCheck, threads: ThreadPoolExecutor) -> None:
        self.watches: dict[UUID, Watch] = {}
        self.ledger = Ledger(run_id)
        self._network, self._threads = network, threads
        self._plan, self._gate = Plan(), Gate()
        self._courses: dict[UUID, Course] = {}
        self._listener = Listener(self._plan, self.ledger)
        self._outage = Outage(check, self.ledger, self._forget_failures)
        self._looking: dict[UUID, asyncio.Task[None]] = {}
        self._lags: deque[tuple[float, float]] = deque(maxlen=20_000)
        self._epoch = 0
        self._mark: tuple[Any, ...] = ()
        self._read_at = float("-inf")

    async def run(self, roster: Roster, stop: asyncio.Event) -> None:
        """Returns after a stop; raises Deposed when another checker has taken over."""
        self.adopt(roster)
        loops = [asyncio.create_task(one) for one in (
            self._tick(), self._repeat(STORE_EVERY_S, self._store), self._repeat(LISTEN_EVERY_S, self._listen),
            self._repeat(REFRESH_EVERY_S, self._refresh), self._repeat(RETRY_NETWORK_S, self._outage.look),
        )]  # fmt: skip
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait({stopped, *loops}, return_when=asyncio.FIRST_COMPLETED)
            for one in done - {stopped}:
                one.result()
            await self._finish()
        finally:
            for task in (stopped, *loops, *self._looking.values()):
                task.cancel()

    async def _finish(self) -> None:
        if self._looking:
            await asyncio.wait(list(self._looking.values()), timeout=FINISH_S)
        await self._store()
        await self._in_thread(storing.end, self.ledger.run_id)

    async def _repeat(self, every_s: float, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A step that fails for want of the database, or by a defect, is told and tried again; a deposition is passed on."""
        while True:
            try:
                await step()
            except Deposed:
                raise
            except ExpectedError as error:
                log.warning("the checker waits", step=step.__name__, error=str(error))
            except Exception:
                log.exception("a step of the checker failed", step=step.__name__)
            await asyncio.sleep(every_s)

    async def _in_thread(self, function: Callable[..., Result], *given: Any, **named: Any) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: function(*given, **named))

    # What is watched

    def adopt(self, roster: Roster) -> None:
        """Goes by the present monitors from now on; what did not change keeps its place."""
        self._mark, now = roster.mark, time.time()
        for monitor_id in self.watches.keys() - roster.watches.keys():
            self._forget(monitor_id)
        news = [one for one in roster.watches.values() if self._version(one.id) != one.version]
        for watch in news:
            known, is_new = roster.known[watch.id], watch.id not in self.watches
            course = self._courses.setdefault(watch.id, Course(known.state))
            course.forget()
            self.watches[watch.id] = watch
            self._schedule(watch, known.checked_at if is_new else None, now, len(news))

    def _version(self, monitor_id: UUID) -> int | None:
        known = self.watches.get(monitor_id)
        return known.version if known else None

    def _forget(self, monitor_id: UUID) -> None:
        self._plan.drop(monitor_id)
        self._listener.forget(monitor_id)
        self.watches.pop(monitor_id, None)
        self._courses.pop(monitor_id, None)

    def _forget_failures(self) -> None:
        for course in self._courses.values():
            course.forget()

    def _schedule(self, watch: Watch, checked_at: datetime | None, now: float, how_many: int) -> None:
        """Its slot; soon, with others in the same case spread a little, when it was never checked or not for too long."""
        if watch.kind == "push":
            self._listener.expect(watch, now)
            return
        slot = next_slot(watch.id, watch.interval_s, now)
        is_late = checked_at is None or checked_at.timestamp() + watch.interval_s < now
        soon = now + phase_of(watch.id, 1) * max(how_many / SOON_PER_S, 1.0)
        self._plan.put(watch.id, min(slot, soon) if is_late else slot)

    async def _refresh(self) -> None:
        self.ledger.calendar = await self._in_thread(running.current)
        is_time = time.monotonic() - self._read_at > REREAD_EVERY_S
        if is_time or await self._in_thread(watching.mark) != self._mark:
            self.adopt(await self._in_thread(watching.roster))
            self._read_at = time.monotonic()

    # Looking

    async def _tick(self) -> None:
        last = time.time()
        while True:
            now = time.time()
            if not -1 < now - last < GAP.total_seconds():
                self._lose(last, now)
            last = now
            for monitor_id, due in self._plan.take(now):
                self._begin(monitor_id, due)
            await asyncio.sleep(min(max(self._plan.next_due() - time.time(), 0.005), TICK_S))

    def _lose(self, since: float, until: float) -> None:
        """The process stood still, or the clock was set: what was under way says nothing, and what was missed is unknown."""
        self._epoch += 1
        if until > since:
            self.ledger.gap(Gap(_moment(since), _moment(until), HUNG))
        self._forget_failures()
        self._listener.begin_anew()
        for watch in self.watches.values():
            self._schedule(watch, None, until, len(self.watches))

    def _begin(self, monitor_id: UUID, due: float) -> None:
        watch = self.watches.get(monitor_id)
        if watch is None:
            return
        if watch.kind == "push":
            self._listener.miss(watch, self._courses[monitor_id])
        elif monitor_id in self._looking:
            self._plan.put(monitor_id, next_slot(monitor_id, watch.interval_s, time.time()))
        else:
            task = asyncio.create_task(self._look(watch, due))
            self._looking[monitor_id] = task
            task.add_done_callback(lambda done: self._end(watch, done))

    def _end(self, watch: Watch, task: "asyncio.Task[None]") -> None:
        del self._looking[watch.id]
        if not task.cancelled() and task.exception() is not None:
            log.error("a monitor's check ended in a defect", exc_info=task.exception())
        if watch.id in self.watches and watch.id not in self._plan:
            self._plan.put(watch.id, next_slot(watch.id, watch.interval_s, time.time()))

    async def _look(self, watch: Watch, due: float) -> None:
        async with self._gate.to(watch.host):
            begun, epoch = time.time(), self._epoch
            self._lags.append((begun, begun - due))
            finding = await probe(self._network, watch)
        if finding.is_own_fault:
            log.warning("a monitor could not be checked", monitor=watch.name, error=finding.detail)
        elif (
            await self._outage.stands(watch, begun, finding)
            and epoch == self._epoch
            and self.watches.get(watch.id) is watch
        ):
            self._judge(watch, begun, finding)

    def _judge(self, watch: Watch, begun: float, finding: Finding) -> None:
        now, course = time.time(), self._courses[watch.id]
        is_retry = finding.state == "down" and course.state != "down" and course.failures < watch.retries
        next_due = now + watch.retry_interval_s if is_retry else next_slot(watch.id, watch.interval_s, now)
        look = Look(_moment(begun), finding, next_due - begun)
        verdict = course.take(look, retries=watch.retries)
        self.ledger.enter(watch, look, verdict, failures=course.failures)
        self._plan.put(watch.id, next_due)

    async def _listen(self) -> None:
        """Calls of push monitors, and wishes for a check now."""
        since = self._listener.latest(utc_now()) - OVERLAP
        for row, is_call, is_wish in self._listener.news(await self._in_thread(storing.signals, since)):
            watch = self.watches.get(row.monitor_id)
            if watch is not None and watch.kind == "push" and is_call:
                self._listener.hear(watch, self._courses[watch.id], row.pushed_at, row.push)
            elif watch is not None and watch.kind != "push" and is_wish:
                self._plan.put(watch.id, time.time())

    # Storing

    async def _store(self) -> None:
        now = time.time()
        lags = sorted(lag for at, lag in self._lags if at > now - 60)
        lag_ms = lags[min(int(len(lags) * 0.99), len(lags) - 1)] * 1000 if lags else None
        self.ledger.close()
        await self._in_thread(self.ledger.store, monitors=len(self.watches), lag_ms=lag_ms)
