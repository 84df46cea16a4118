"""Reads the figures that PostgreSQL keeps of itself."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from core.health.servers.rules import rate
from core.kernel.telemetry import Recording
from core.kernel.times import utc_now

# pg_stat_activity hides from the app role what other roles do, so the longest query comes from a function of the owner's.
_FIGURES = text(
    "SELECT stat.numbackends AS connections, current_setting('max_connections')::bigint AS max_connections,"
    " stat.xact_commit + stat.xact_rollback AS transactions, stat.blks_hit AS hits, stat.blks_read AS reads,"
    " stat.deadlocks, pg_database_size(stat.datid) AS size_bytes,"
    " qd_longest_query_s() AS longest_query_s"
    " FROM pg_stat_database AS stat WHERE stat.datname = current_database()"
)


@dataclass(slots=True)
class Counters:
    """What only means something as a difference to the reading before."""

    transactions: int
    hits: int
    reads: int
    read_at: float


class Collector:
    """Keeps the last counters, so that rates are those of the time between two readings."""

    def __init__(self) -> None:
        self._before: Counters | None = None

    def figures(self, tx: Recording) -> dict[str, Any]:
        """The columns of DatabaseMetric, without id; rates are None at the first reading."""
        row = tx.session.execute(_FIGURES).one()
        after = Counters(row.transactions, row.hits, row.reads, time.monotonic())
        before, self._before = self._before, after
        return {
            "measured_at": utc_now(), "connections": row.connections, "max_connections": row.max_connections,
            "transactions_rate": before and rate(before.transactions, after.transactions, after.read_at - before.read_at),
            "cache_hit_ratio": before and hit_ratio(before, after), "size_bytes": row.size_bytes,
            "longest_query_s": row.longest_query_s, "deadlocks": row.deadlocks,
        }  # fmt: skip


def hit_ratio(before: Counters, after: Counters) -> float | None:
    """The share of pages that were found in PostgreSQL's own memory; None when none was asked for."""
    hits, reads = after.hits - before.hits, after.reads - before.reads
    return hits / (hits + reads) if hits >= 0 and reads >= 0 and hits + reads else None
