"""When a key was last used: noted in memory, stored in batches."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func
from sqlalchemy.dialects.postgresql import insert

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.keys.models import ApiKeyUse

BATCH = 1_000


def store(rows: Sequence[dict[str, Any]]) -> None:
    """Stores the latest use of each key; an older one never replaces a newer. Raises Unavailable."""
    with record(Actor.system("api key uses"), timeout_ms=10_000) as tx:
        for first in range(0, len(rows), BATCH):
            new = insert(ApiKeyUse).values(list(rows[first : first + BATCH]))
            is_later = new.excluded.last_used_at > ApiKeyUse.last_used_at
            latest = {
                "last_used_at": func.greatest(ApiKeyUse.last_used_at, new.excluded.last_used_at),
                "last_ip": case((is_later, new.excluded.last_ip), else_=ApiKeyUse.last_ip),
                "previous_used_at": func.greatest(ApiKeyUse.previous_used_at, new.excluded.previous_used_at),
            }
            tx.execute(new.on_conflict_do_update(index_elements=["key_id"], set_=latest))


class Uses:
    """One per process: a thousand calls with one key are one row."""

    def __init__(self, save: Callable[[Sequence[dict[str, Any]]], None] = store) -> None:
        self._save = save
        self._waiting: dict[UUID, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def note(
        self,
        key_id: UUID,
        tenant_id: UUID | None,
        ip: str | None,
        *,
        is_previous: bool = False,
        at: datetime | None = None,
    ) -> None:
        """Returns at once. `is_previous`: it was used with the secret before the rotation."""
        moment = at or utc_now()
        with self._lock:
            known = self._waiting.get(key_id, {"first_used_at": moment, "previous_used_at": None})
            self._waiting[key_id] = {
                "key_id": key_id, "tenant_id": tenant_id, "first_used_at": known["first_used_at"], "last_used_at": moment,
                "last_ip": ip, "previous_used_at": moment if is_previous else known["previous_used_at"],
            }  # fmt: skip

    def flush(self) -> int:
        """Stores what waits, in the order of the keys so that two processes never wait for each other.

        Returns how many keys. What cannot be stored waits for the next time. Raises Unavailable.
        """
        with self._lock:
            taken, self._waiting = self._waiting, {}
        if not taken:
            return 0
        try:
            self._save(sorted(taken.values(), key=lambda row: row["key_id"]))
        except ExpectedError:
            self._keep(taken)
            raise
        return len(taken)

    def _keep(self, taken: dict[UUID, dict[str, Any]]) -> None:
        with self._lock:
            for key_id, row in taken.items():
                later = self._waiting.get(key_id, row)
                previous = later["previous_used_at"] or row["previous_used_at"]
                self._waiting[key_id] = later | {"first_used_at": row["first_used_at"], "previous_used_at": previous}


_uses = Uses()
note, flush = _uses.note, _uses.flush
