"""The deliverer: takes endpoints, calls them side by side, stores what became of it. Any number may run, anywhere.

At least once: until its outcome is stored, a delivery waits, so that after a kill another deliverer makes the call again.
An endpoint is held until all its outcomes are stored, so that this process never repeats a call that succeeded.
"""

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Unavailable
from core.kernel.logs import get_logger
from core.kernel.outbound import Outbound
from core.platform.webhooks import actions, outcomes
from core.platform.webhooks.claiming import LEASE, Delivery, Lane, claim, renew
from core.platform.webhooks.outcomes import Outcome, Verdict
from core.platform.webhooks.rules import GONE, rest_after
from core.platform.webhooks.sending import send

LANES = 128  # endpoints at once; a slow one holds its own place and nobody else's
BUSY = 4  # with so many at work it leaves others a moment to take theirs
TURN_S = 5.0  # then an endpoint is given back, so that its settings are read anew and others come first
LOOK_EVERY_S, LOOK_AT_WORK_S = 0.3, 0.05
RENEW_EVERY_S, RETRY_EVERY_S = LEASE.total_seconds() / 4, 1.0
STORE_AT_ONCE = 500
log = get_logger()


class Deliverer:
    """Runs in one event loop until `stop` is set; the database is used in threads."""

    def __init__(self) -> None:
        self.who = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"
        self.stored = 0
        self._lanes: dict[UUID, Lane] = {}
        self._turns: set[asyncio.Task[None]] = set()
        self._waiting: list[Outcome] = []
        self._done: list[Lane] = []
        self._news = asyncio.Event()
        self._free = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Delivers until stopped; then it waits for the calls under way, and gives the endpoints back."""
        outbound = Outbound()
        loops = [asyncio.create_task(one) for one in (self._store_forever(), self._renew_forever())]
        try:
            while not stop.is_set():
                if not await self._take(outbound, stop) or len(self._lanes) >= BUSY:
                    await _first(stop, self._free, LOOK_AT_WORK_S if self._lanes else LOOK_EVERY_S)
            await self._finish()
        finally:
            for one in loops:
                one.cancel()
            await outbound.close()

    async def _take(self, outbound: Outbound, stop: asyncio.Event) -> bool:
        """Whether there was anything to take."""
        self._free.clear()
        if len(self._lanes) >= LANES:
            return False
        try:
            lanes = await asyncio.to_thread(claim, self.who, most=LANES - len(self._lanes), held=list(self._lanes))
        except Unavailable as error:
            log.warning("webhooks wait for the database", error=str(error))
            await _first(stop, stop, RETRY_EVERY_S)
            return False
        for lane in lanes:
            self._lanes[lane.webhook_id] = lane
            turn = asyncio.create_task(self._turn(outbound, lane, stop))
            self._turns.add(turn)
            turn.add_done_callback(self._turns.discard)
            turn.add_done_callback(_tell_defect)
        return bool(lanes)

    async def _turn(self, outbound: Outbound, lane: Lane, stop: asyncio.Event) -> None:
        """One endpoint's turn: its calls, as many at once as it allows, until they are done or its time is over."""
        until = time.monotonic() + TURN_S
        waiting = iter(lane.deliveries)
        callers = min(1 if lane.is_ordered else lane.calls_at_once, len(lane.deliveries))
        try:
            await asyncio.gather(*(self._call(outbound, lane, waiting, until, stop) for _ in range(callers)))
        finally:
            self._done.append(lane)
            self._news.set()

    async def _call(
        self, outbound: Outbound, lane: Lane, waiting: Iterator[Delivery], until: float, stop: asyncio.Event
    ) -> None:
        for delivery in waiting:
            attempt = await send(outbound, lane.endpoint, delivery.message)
            outcomes.note(lane, attempt)
            self._waiting.append(Outcome(lane, delivery, attempt))
            self._news.set()
            must_wait = attempt.error is not None and (lane.is_ordered or attempt.status == GONE)
            is_over = stop.is_set() or lane.is_lost or time.monotonic() > until
            if must_wait or is_over or rest_after(lane.failures) is not None:
                return

    async def _store_forever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self._store()

    async def _store(self) -> None:
        """Stores all there is; while the database does not answer, it is kept and tried again."""
        while self._waiting or self._done:
            # An endpoint that is done with has put all its outcomes before, so that they are stored together or earlier.
            some, rest = self._waiting[:STORE_AT_ONCE], len(self._waiting) > STORE_AT_ONCE
            done = [] if rest else list(self._done)
            try:
                verdict = await asyncio.to_thread(outcomes.store, self.who, some, done)
            except Unavailable as error:
                log.warning("outcomes of webhooks wait for the database", waiting=len(some), error=str(error))
                await asyncio.sleep(RETRY_EVERY_S)
                continue
            self._forget(some, done)
            await asyncio.to_thread(_carry_out, verdict)

    def _forget(self, some: list[Outcome], done: list[Lane]) -> None:
        del self._waiting[: len(some)]
        del self._done[: len(done)]
        self.stored += len(some)
        for lane in done:
            self._lanes.pop(lane.webhook_id, None)
        if done and len(self._lanes) < BUSY:
            self._free.set()

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            held = list(self._lanes)
            try:
                still = await asyncio.to_thread(renew, self.who, held)
            except Unavailable as error:
                log.warning("leases of webhooks wait for the database", error=str(error))
                continue
            for webhook_id in set(held) - still:
                if webhook_id in self._lanes:
                    self._lanes[webhook_id].is_lost = True

    async def _finish(self) -> None:
        while self._lanes:
            await asyncio.sleep(0.05)


async def _first(one: asyncio.Event, other: asyncio.Event, seconds: float) -> None:
    """Waits for either, at most so long."""
    waits = [asyncio.create_task(event.wait()) for event in {one, other}]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


def _tell_defect(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("a webhook's turn ended in a defect", exc_info=task.exception())


def _carry_out(verdict: Verdict) -> None:
    """Disables what must be. A refusal (somebody removed it meanwhile) is told; the next failure asks again."""
    actor = Actor.system("webhooks")
    for webhook_id in verdict.gone:
        _try(actions.disable_gone, actor, webhook_id)
    for webhook_id, error in verdict.failing.items():
        _try(actions.disable_failing, actor, webhook_id, error=error)


def _try(action: object, *given: object, **named: object) -> None:
    assert callable(action)
    try:
        action(*given, **named)
    except ExpectedError as error:
        log.warning("a webhook was not disabled", error=str(error))
