"""Flags in process, for pages, jobs and the API: `evaluating.is_on("new-grid", evaluating.context(tenant_id=...))`.

Evaluation never waits for the database: it uses the last snapshot of all flags. A thread (`start`) looks twice a second
whether anything changed; in a process without it, a call that finds the last look older than that looks itself. While the
database is away, the last snapshot stays, and `status` says how old it is.
"""

import threading
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from core.kernel.errors import ExpectedError
from core.kernel.logs import get_logger
from core.kernel.settings import settings
from core.platform.flags import exposures
from core.platform.flags.answers import ERROR, NOT_FOUND, NOT_READY, Definition, Evaluation, Tally
from core.platform.flags.conditions import Context
from core.platform.flags.loading import Snapshot, newer

LOOK_S, RETRY_S, STOP_S = 0.5, 2.0, 5.0
FLUSH_LOOKS = 10
log = get_logger()


@dataclass(frozen=True, slots=True)
class Status:
    """How fresh a process is: `age` since the last look that succeeded (None never), `error` of the last that did not."""

    environment: str
    revision: UUID | None
    age: timedelta | None
    error: str | None
    flags: int


def context(
    *, tenant_id: str | UUID | None = None, user_id: str | UUID | None = None, **attributes: Any
) -> dict[str, Any]:
    """What a flag is evaluated for. Known attributes: plan, region, status; any other may be given."""
    named = {"tenant_id": tenant_id, "user_id": user_id}
    return {name: str(value) for name, value in named.items() if value is not None} | attributes


class Flags:
    """The flags of one environment. One per environment and process; `load` gets a known revision and says what is newer."""

    def __init__(self, environment: str, load: Callable[..., Snapshot | None] = newer) -> None:
        self.environment = environment
        self._load = load
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()
        self._due = 0.0
        self._looked_at: float | None = None
        self._error: str | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def evaluate(self, key: str, context: Context) -> Evaluation:
        """What the context gets, with variant, reason and sentence; counted for the adoption figures.

        A flag that does not exist, and one that was never loaded, is an evaluation with an error code and the value None.
        """
        if time.monotonic() >= self._due:
            self._look_now_and_then()
        snapshot = self._snapshot
        decide = snapshot.flags.get(key) if snapshot is not None else None
        if decide is None:
            return _unknown(key, snapshot)
        found = decide(context)
        if found.hit is not None:
            found.hit()
        return found

    def is_on(self, key: str, context: Context, default: bool = False) -> bool:
        """Whether a boolean flag is on; `default` where it does not exist or is of another kind."""
        value = self.evaluate(key, context).value
        return value if type(value) is bool else default

    def value(self, key: str, context: Context, default: Any = None) -> Any:
        """The value that the context gets, the caller's own copy; `default` where the flag does not exist."""
        found = self.evaluate(key, context)
        return default if found.variant is None else deepcopy(found.value)

    def all(self, context: Context) -> dict[str, Evaluation]:
        """Every flag by its key. Not counted: who asks for all of them uses none of them yet."""
        if time.monotonic() >= self._due:
            self._look_now_and_then()
        snapshot = self._snapshot
        return {} if snapshot is None else {key: decide(context) for key, decide in snapshot.flags.items()}

    def look(self) -> Snapshot:
        """The flags as they are committed now. Raises Unavailable."""
        with self._lock:
            return self._refresh()

    def _refresh(self) -> Snapshot:
        known = self._snapshot
        current = self._load(self.environment, known.revision if known else None, self._tally) or known
        assert current is not None  # without a known one, there is something newer
        self._snapshot, self._looked_at, self._error = current, time.monotonic(), None
        return current

    def _look_now_and_then(self) -> None:
        """The look of a caller, one at a time; others go on with what is there, unless nothing is."""
        if not self._lock.acquire(blocking=self._snapshot is None):
            return
        try:
            if time.monotonic() >= self._due:
                self._try()
        finally:
            self._lock.release()

    def _try(self) -> None:
        wait = LOOK_S
        try:
            self._refresh()
        except ExpectedError as error:
            if self._error is None:
                log.warning("flags stay as they were", environment=self.environment, error=str(error))
            self._error, wait = str(error), RETRY_S
        except Exception as error:
            # Not a reason to end the watch, nor the caller's business: the flags stay, and the next look tries again.
            log.exception("flags could not be loaded", environment=self.environment)
            self._error, wait = f"{type(error).__name__}: {error}", RETRY_S
        self._due = float("inf") if self._is_watched() else time.monotonic() + wait

    def _is_watched(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _tally(self, flag: Definition) -> Tally:
        return lambda variant: exposures.hit_of(flag.id, self.environment, variant)

    def status(self) -> Status:
        """How fresh the flags of this process are."""
        age = None if self._looked_at is None else timedelta(seconds=time.monotonic() - self._looked_at)
        snapshot = self._snapshot
        return Status(
            self.environment,
            snapshot.revision if snapshot else None,
            age,
            self._error,
            len(snapshot.flags) if snapshot else 0,
        )

    def start(self) -> None:
        """Begins to watch; a second call does nothing."""
        if not self._is_watched():
            self._stop.clear()
            self._thread = threading.Thread(target=self._watch, name=f"flags of {self.environment}", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends the watch and stores what was counted."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(STOP_S)
            self._thread = None
        self._due = 0.0

    def _watch(self) -> None:
        looks = 0
        while not self._stop.is_set():
            with self._lock:
                self._try()
            looks += 1
            if looks % FLUSH_LOOKS == 0:
                exposures.flush()
            self._stop.wait(LOOK_S)
        exposures.flush()


def _unknown(key: str, snapshot: Snapshot | None) -> Evaluation:
    if snapshot is None:
        return Evaluation(key, None, None, ERROR, "The flags have not been loaded yet.", error_code=NOT_READY)
    return Evaluation(key, None, None, ERROR, f"There is no flag {key}.", error_code=NOT_FOUND)


@cache
def of(environment: str) -> Flags:
    """The flags of an environment in this process."""
    return Flags(environment)


def own() -> Flags:
    """The flags of the environment that this portal runs in (FLAG_ENVIRONMENT)."""
    return of(settings().flag_environment)


def evaluate(key: str, context: Context) -> Evaluation:
    """As Flags.evaluate, in this portal's own environment."""
    return own().evaluate(key, context)


def is_on(key: str, context: Context, default: bool = False) -> bool:
    """As Flags.is_on, in this portal's own environment."""
    return own().is_on(key, context, default)


def value(key: str, context: Context, default: Any = None) -> Any:
    """As Flags.value, in this portal's own environment."""
    return own().value(key, context, default)


def config(key: str, context: Context) -> Mapping[str, Any]:
    """The settings that go with the flag, with the tenant's own laid over them; empty for a flag that does not exist."""
    return deepcopy(dict(own().evaluate(key, context).config))


def start() -> None:
    """Watches the flags of this portal's own environment, until `stop`."""
    own().start()


def stop() -> None:
    """Ends the watch and stores what was counted."""
    own().stop()
