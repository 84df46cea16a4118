"""Binds the registry's plain functions to Procrastinate."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from core.kernel import db
from core.kernel.logs import get_logger
from core.kernel.tasks import Task, tasks
from core.platform.queue.running import Attempt

CONCURRENCY = 4
# The queue's own connections are under the app role, too.
_ROLE = f"-c role={db.APP_ROLE} -c qd.grants=* -c qd.scope=all"
log = get_logger()


def pause_before(attempts: int) -> timedelta:
    """Before the next attempt, after that many: 5 s, 15 s, 45 s ... at most five minutes."""
    return min(timedelta(seconds=5) * 3 ** min(attempts, 5), timedelta(minutes=5))


class Backoff(BaseRetryStrategy):
    """Tries again where the task allows it; a job that the worker's stop interrupted is queued again in any case."""

    def __init__(self, retry: int) -> None:
        self._retry = retry

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=datetime.now(UTC))
        if job.attempts >= self._retry:
            return None
        return RetryDecision(retry_at=datetime.now(UTC) + pause_before(job.attempts))


class Crew:
    """The threads that run tasks, and which jobs they are at.

    A thread cannot be ended: one that is over its time limit keeps its place, and when no place is left the worker must
    be replaced (`is_worn_out`).
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(2 * CONCURRENCY, thread_name_prefix="job")
        self._over_time = 0
        self.at_work: set[int] = set()

    @property
    def is_worn_out(self) -> bool:
        return self._over_time >= CONCURRENCY

    async def run(self, task: Task, context: JobContext, **arguments: Any) -> None:
        job = context.job
        assert job.id is not None
        attempt = Attempt(job.id, task.name, job.attempts, arguments)
        self.at_work.add(job.id)
        try:
            await self._within_limit(task, attempt)
        finally:
            self.at_work.discard(job.id)

    async def _within_limit(self, task: Task, attempt: Attempt) -> None:
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, attempt.perform)
        try:
            done, _ = await asyncio.wait({work}, timeout=task.timeout_s)
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.to_thread(attempt.keep, "interrupted", "The worker was stopped."))
            raise
        if done:
            await work
        else:
            self._over_time += 1
            await asyncio.to_thread(self._give_up, attempt, task)

    @staticmethod
    def _give_up(attempt: Attempt, task: Task) -> None:
        sentence = f"It took longer than {task.timeout_s:g} s and was given up."
        attempt.keep("retrying" if attempt.job.attempt <= task.retry else "failed", sentence)
        log.error("job over its time limit", job_id=attempt.job.id, task=task.name, limit_s=task.timeout_s)
        raise TimeoutError(sentence)


def bind(crew: Crew) -> App:
    """The Procrastinate app with every task of the product."""
    address = db.database_url().replace("postgresql+psycopg://", "postgresql://", 1)
    options = {"options": _ROLE, "application_name": "quarterdeck queue", "connect_timeout": 5}
    app = App(connector=PsycopgConnector(conninfo=address, kwargs=options, min_size=2, max_size=8, timeout=10))
    for task in tasks().values():
        _bind(app, crew, task)
    return app


def _bind(app: App, crew: Crew, task: Task) -> None:
    work: Callable[..., Awaitable[None]] = partial(crew.run, task)

    async def perform(context: JobContext, **arguments: Any) -> None:
        await work(context, **arguments)

    app.task(name=task.name, queue=task.queue, pass_context=True, retry=Backoff(task.retry))(perform)
