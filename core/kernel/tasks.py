"""Tasks and schedules: plain functions in a registry, queued in the transaction that wants them done."""

import importlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg

# Imports every slice's tasks. Named and not imported: the kernel knows no area.
CATALOGUE = "core.tasks"
REQUEST_ID, SCHEDULE = "_request_id", "_schedule"

Function = TypeVar("Function", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Task:
    """A function of (actor, **JSON arguments). `retry` is how often a failed job may be tried again."""

    name: str
    function: Callable[..., None]
    retry: int
    queue: str
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a task without arguments is queued: every `seconds` of the epoch, or by `cron` (five fields, UTC)."""

    name: str
    task: str
    seconds: int | None
    cron: str | None


@dataclass(frozen=True, slots=True)
class RunningJob:
    """The job that this thread works on; `attempt` counts from 1."""

    id: int
    task: str
    attempt: int
    schedule: str | None
    request_id: str


_tasks: dict[str, Task] = {}
_schedules: dict[str, Schedule] = {}
_running: ContextVar[RunningJob | None] = ContextVar("running_job", default=None)


def task(
    name: str, *, retry: int = 0, queue: str = "default", timeout_s: float = 300
) -> Callable[[Function], Function]:
    """Registers a function as the task `slice.name`. With `retry`, the function must bear being run again."""

    def register(function: Function) -> Function:
        _add_task(Task(name, function, retry, queue, timeout_s))
        return function

    return register


def every(name: str, *, seconds: int | None = None, cron: str | None = None) -> Callable[[Function], Function]:
    """Queues the task at each tick; a function that is no task yet becomes the task `name`. Times are UTC."""
    if (seconds is None) == (cron is None):
        raise ValueError(f"The schedule {name} needs either seconds or cron.")

    def register(function: Function) -> Function:
        known = next((one.name for one in _tasks.values() if one.function is function), None)
        if known is None:
            _add_task(Task(name, function, 0, "default", 300))
        _schedules[name] = Schedule(name, known or name, seconds, cron)
        return function

    return register


def _add_task(new: Task) -> None:
    old = _tasks.get(new.name)
    if old is not None and _origin(old.function) != _origin(new.function):
        raise ValueError(f"Two tasks are called {new.name}: {_origin(old.function)} and {_origin(new.function)}.")
    _tasks[new.name] = new


def _origin(function: Callable[..., None]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def tasks() -> Mapping[str, Task]:
    """Every task of the product by its name."""
    importlib.import_module(CATALOGUE)
    return dict(_tasks)


def schedules() -> Mapping[str, Schedule]:
    """Every schedule of the product by its name."""
    importlib.import_module(CATALOGUE)
    return dict(_schedules)


def task_of(name: str) -> Task:
    """Raises LookupError for a task that nobody registered: a programming error."""
    known = _tasks.get(name) or tasks().get(name)
    if known is None:
        raise LookupError(f"{name} is not a task. Register it with @task and import it in core/tasks.py.")
    return known


def enqueue_on(
    connection: psycopg.Connection[Any],
    name: str,
    *,
    priority: int = 0,
    key: str | None = None,
    request_id: str,
    arguments: Mapping[str, Any],
    schedule: str | None = None,
) -> int | None:
    """Queues a job in the connection's transaction. Returns its id, or None when one with this `key` waits already.

    Jobs of one schedule never run at the same time. Raises LookupError for an unknown task, TypeError for arguments
    that are not JSON or that the function does not take.
    """  # fmt: skip
    wanted = task_of(name)
    _require_fitting(wanted, arguments)
    reserved = {REQUEST_ID: request_id} | ({SCHEDULE: schedule} if schedule else {})
    values = {
        "task": name, "queue": wanted.queue, "priority": priority, "key": key,
        "lock": f"schedule:{schedule}" if schedule else None, "args": json.dumps({**arguments, **reserved}, allow_nan=False),
    }  # fmt: skip
    row = connection.execute(
        "SELECT qd_enqueue(%(task)s, %(queue)s, %(priority)s, %(key)s, %(lock)s, %(args)s::jsonb)", values
    ).fetchone()
    return row[0] if row else None


def _require_fitting(wanted: Task, arguments: Mapping[str, Any]) -> None:
    try:
        inspect.signature(wanted.function).bind(None, **arguments)
    except TypeError as error:
        raise TypeError(f"The task {wanted.name} cannot be run with these arguments: {error}.") from error


@contextmanager
def running(job: RunningJob) -> Iterator[None]:
    """Marks the job as the one that this thread works on."""
    token = _running.set(job)
    try:
        yield
    finally:
        _running.reset(token)


def current_job() -> RunningJob | None:
    """The job of this thread, or None outside of a job."""
    return _running.get()


def once_per_job(what: str = "effect") -> str:
    """A key for `write(..., once=...)`: the same in every attempt of this job. Raises LookupError outside of a job."""
    job = _running.get()
    if job is None:
        raise LookupError("Only a running job has a key of its own.")
    return f"job:{job.id}:{what}"
