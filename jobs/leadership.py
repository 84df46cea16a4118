"""Leadership: one scheduler holds a PostgreSQL advisory lock on a connection of its own."""

from typing import Any
from uuid import UUID

import psycopg

from core.kernel import db
from core.platform.queue.rules import LONGEST_SILENCE  # with a try every 2 s, taken over within 15 s

LOCK = (0x5144, 1)  # "QD"; the second number is the clock

# The holder names itself in application_name, so that its heartbeat can be found from its connection.
_DEPOSE = """
SELECT heartbeat.host, heartbeat.pid, pg_terminate_backend(holder.pid)
FROM pg_locks AS lock JOIN pg_stat_activity AS holder USING (pid)
LEFT JOIN process_heartbeat AS heartbeat ON heartbeat.id::text = split_part(holder.application_name, ' ', 3)
WHERE lock.locktype = 'advisory' AND lock.granted AND lock.classid = %(space)s AND lock.objid = %(number)s
  AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND coalesce(heartbeat.seen_at, holder.backend_start) < now() - %(silence)s
"""

# A leader frozen in the midst of a tick holds that tick's rows: its other connections end with its leadership.
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"


class Leadership:
    """A candidate. The lock goes with the connection: whoever loses the one has lost the other."""

    def __init__(self, heart_id: UUID) -> None:
        self._heart_id = heart_id
        self._connection: psycopg.Connection[Any] | None = None

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            address = db.database_url().replace("postgresql+psycopg://", "postgresql://", 1)
            name = f"quarterdeck clock {self._heart_id}"
            # Keepalives: a database host that vanished is noticed in about 10 s and not after hours.
            self._connection = psycopg.connect(
                address, autocommit=True, application_name=name, connect_timeout=5, tcp_user_timeout=8000,
                keepalives_idle=5, keepalives_interval=2, keepalives_count=3,
            )  # fmt: skip
        return self._connection

    def try_to_lead(self) -> bool:
        """True when this process leads from now on. Deposes a leader that hangs. Raises psycopg.OperationalError."""
        connection = self._connected()
        if self._try(connection):
            return True
        return self._depose(connection) and self._try(connection)

    @staticmethod
    def _depose(connection: psycopg.Connection[Any]) -> bool:
        known = {"space": LOCK[0], "number": LOCK[1], "silence": LONGEST_SILENCE}
        deposed = connection.execute(_DEPOSE, known).fetchall()
        for host, pid, _ in deposed:
            if host is not None:
                connection.execute(_END, [db.process_name(host, pid)])
        return bool(deposed)

    @staticmethod
    def _try(connection: psycopg.Connection[Any]) -> bool:
        row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", LOCK).fetchone()
        return row is not None and bool(row[0])

    def is_held(self) -> bool:
        """False when the connection, and the lock with it, is gone."""
        if self._connection is None or self._connection.closed:
            return False
        try:
            self._connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def resign(self) -> None:
        """Gives up the lock by closing the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
