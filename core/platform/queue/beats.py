"""Heartbeats: how the portal knows which of its processes live."""

import os
import socket
from datetime import timedelta
from typing import Literal

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.platform.queue.models import ProcessHeartbeat

Kind = Literal["scheduler", "worker"]
EVERY = timedelta(seconds=3)
VERSION = "0.1.0"


class Heart:
    """The heartbeat of this process."""

    def __init__(self, kind: Kind) -> None:
        self.kind, self.id, self.started_at = kind, uuid7(), utc_now()

    def beat(self, *, is_leader: bool = False, stopped: bool = False) -> None:
        """Shows that the process lives, or that it stopped on purpose. Raises Unavailable.

        Times of beats are the database's, so that hosts whose clocks differ can be compared.
        """
        known = {"id": self.id, "kind": self.kind, "host": socket.gethostname(), "pid": os.getpid(), "version": VERSION}
        now = {"is_leader": is_leader, "seen_at": func.now(), "stopped_at": func.now() if stopped else None}
        row = insert(ProcessHeartbeat).values(started_at=self.started_at, **known, **now)
        with record(Actor.system(self.kind), timeout_ms=5_000) as tx:
            tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=now))
