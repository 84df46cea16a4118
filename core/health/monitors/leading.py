"""One checker at a time: an advisory lock on a connection of its own. Whoever loses the one has lost the other."""

from typing import Any

import psycopg

from core.health.monitors.rules import SILENCE
from core.kernel import db

LOCK = (0x5144, 2)  # "QD"; the second number is the checker, 1 is the clock

# A checker that hangs (a stopped process) keeps its connection: it is deposed when it was not seen for so long.
_DEPOSE = """
SELECT pg_terminate_backend(holder.pid) FROM pg_locks AS lock JOIN pg_stat_activity AS holder USING (pid)
WHERE lock.locktype = 'advisory' AND lock.granted AND lock.classid = %(space)s AND lock.objid = %(number)s
  AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND greatest((SELECT max(seen_at) FROM checker_run), holder.backend_start) < clock_timestamp() - %(silence)s
"""


class Lead:
    """A candidate. Not for several threads at once."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            address = db.database_url().replace("postgresql+psycopg://", "postgresql://", 1)
            self._connection = psycopg.connect(
                address, autocommit=True, application_name="quarterdeck checker", connect_timeout=5, tcp_user_timeout=8000,
                keepalives_idle=5, keepalives_interval=2, keepalives_count=3,
            )  # fmt: skip
        return self._connection

    def take(self) -> bool:
        """True when this process is the checker from now on. Raises psycopg.OperationalError."""
        connection = self._connected()
        if self._try(connection):
            return True
        known = {"space": LOCK[0], "number": LOCK[1], "silence": SILENCE}
        return bool(connection.execute(_DEPOSE, known).fetchall()) and self._try(connection)

    @staticmethod
    def _try(connection: psycopg.Connection[Any]) -> bool:
        row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", LOCK).fetchone()
        return row is not None and bool(row[0])

    def give_up(self) -> None:
        """Closes the connection, and with it the lock."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
