"""How often each variant is served: counted in memory without a lock, stored in batches."""

import itertools
import threading
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.logs import get_logger
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.flags.models import FlagExposure

Key = tuple[UUID, str, str]
log = get_logger()


class _Counter:
    """Counts calls of `hit`, which is one step of the interpreter, so that no thread loses another's."""

    def __init__(self) -> None:
        count = itertools.count()
        self.hit: Callable[[], Any] = count.__next__
        self._looks = 0
        self._taken = 0

    def take(self) -> int:
        """How many there were since the last take; looking counts too and is left out."""
        whole: int = self.hit() - self._looks
        self._looks += 1
        new, self._taken = whole - self._taken, whole
        return new


_counters: dict[Key, _Counter] = {}
_waiting: dict[tuple[Key, date], int] = {}
_lock = threading.Lock()


def hit_of(flag_id: UUID, environment: str, variant: str) -> Callable[[], Any]:
    """The function that counts one evaluation. The same one over all snapshots, so that none is lost between them."""
    with _lock:
        return _counters.setdefault((flag_id, environment, variant), _Counter()).hit


def flush() -> int:
    """Adds what was counted to the day's figures; returns how many evaluations. What cannot be stored waits."""
    with _lock:
        today = utc_now().date()
        for key, counter in _counters.items():
            if new := counter.take():
                _waiting[key, today] = _waiting.get((key, today), 0) + new
        try:
            return _store() if _waiting else 0
        except ExpectedError as error:
            log.warning("evaluations wait for the database", waiting=sum(_waiting.values()), error=str(error))
            return 0


def _store() -> int:
    rows = [
        {
            "flag_id": flag_id,
            "environment": environment,
            "day": day,
            "variant": variant,
            "evaluations": count,
            "last_at": utc_now(),
        }
        for ((flag_id, environment, variant), day), count in sorted(_waiting.items(), key=str)
    ]
    added = insert(FlagExposure)
    merged = added.on_conflict_do_update(
        index_elements=["flag_id", "environment", "day", "variant"],
        set_={"evaluations": FlagExposure.evaluations + added.excluded.evaluations, "last_at": added.excluded.last_at},
    )
    with record(Actor.system("flags"), timeout_ms=10_000) as tx:
        tx.execute(merged, rows)
    stored = sum(_waiting.values())
    _waiting.clear()
    return stored
