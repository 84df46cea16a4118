"""Binds the registry's plain functions to Procrastinate."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker

from core.kernel import db
from core.kernel.logs import get_logger
from core.kernel.tasks import Task, tasks
from core.platform.queue.running import Attempt, may_try_again

CONCURRENCY = 4
# The queue's own connections are under the app role, too.
_ROLE = f"-c role={db.APP_ROLE} -c qd.grants=* -c qd.scope=all"
log = get_logger()


def pause_before(attempts: int) -> timedelta:
    """Before the next attempt, after that many: 5 s, 15 s, 45 s ... at most five minutes."""
    return min(timedelta(seconds=5) * int(3 ** min(attempts, 5)), timedelta(minutes=5))


class Backoff(BaseRetryStrategy):
    """Tries again where the task allows it; a job that the worker's stop interrupted is queued again in any case."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=datetime.now(UTC))
        if not may_try_again(self._task, job.attempts, exception):
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

    async def run(self, task: Task, context: JobContext, arguments: dict[str, Any]) -> None:
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


class QueueWorker(Worker):
    """Procrastinate's worker, made to outlast a server that goes away for a while.

    Procrastinate 3.10 watches its side tasks only until the first of them ends, and without periodic tasks one ends at
    once: a listener or a heartbeat that fails is not noticed. So these go on by themselves here, and a fetch that fails
    does not interrupt the jobs that run.
    """

    async def _periodic_deferrer(self) -> None:
        await asyncio.Event().wait()

    async def _update_heartbeat(self) -> None:
        await self._keep_up("heartbeat", super()._update_heartbeat)

    def _start_side_tasks(self) -> list[asyncio.Task[Any]]:
        return [*super()._start_side_tasks(), asyncio.create_task(self._keep_up("listener", self._listen))]

    async def _listen(self) -> None:
        await self.app.job_manager.listen_for_jobs(on_notification=self._handle_notification, queues=self.queues)

    async def _keep_up(self, what: str, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except ConnectorException as error:
                log.warning("the queue waits for the database", step=what, error=str(error.__cause__ or error).strip())
            await asyncio.sleep(1)

    async def _fetch_and_process_jobs(self) -> None:
        try:
            await super()._fetch_and_process_jobs()
        except ConnectorException as error:
            if isinstance(error.__cause__, psycopg.errors.ForeignKeyViolation):
                raise  # taken for dead while the database was away, so that it must register anew
            log.warning("the queue waits for the database", step="fetch", error=str(error.__cause__ or error).strip())


def bind(crew: Crew) -> App:
    """The Procrastinate app with every task of the product."""
    address = db.database_url().replace("postgresql+psycopg://", "postgresql://", 1)
    options = {"options": _ROLE, "application_name": "quarterdeck queue", "connect_timeout": 5}
    app = App(connector=PsycopgConnector(conninfo=address, kwargs=options, min_size=2, max_size=8, timeout=4))
    for task in tasks().values():
        _bind(app, crew, task)
    return app


def _bind(app: App, crew: Crew, task: Task) -> None:
    async def perform(context: JobContext, /, **arguments: Any) -> None:
        await crew.run(task, context, arguments)

    app.task(name=task.name, queue=task.queue, pass_context=True, retry=Backoff(task))(perform)
