"""Which messages are due, held by the sender that took them until it has stored what became of them, or has died."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from core.health.channels.rules import DIGEST
from core.kernel.telemetry import Recording

LEASE = timedelta(minutes=2)
AT_ONCE = 5_000

# One sender at a time takes, so that what belongs together is taken together.
_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('qd_alert_notifications', 0))")
# Held back: what follows a message about the same alert that still waits, and what opened (or ended) less than a minute
# after, or while, its group was told.
_CLAIM = text("""
WITH due AS (
  SELECT n.id FROM alert_notification n
  WHERE n.status = 'waiting' AND n.next_attempt_at <= :now AND (n.leased_until IS NULL OR n.leased_until < :now)
  AND NOT EXISTS (
    SELECT FROM alert_notification earlier WHERE earlier.alert_id = n.alert_id AND earlier.channel_id = n.channel_id
    AND earlier.status = 'waiting' AND (earlier.created_at, earlier.id) < (n.created_at, n.id))
  AND (n.attempts > 0 OR n.group_key = '' OR n.reason NOT IN ('opened', 'resolved') OR NOT EXISTS (
    SELECT FROM alert_notification told WHERE told.channel_id = n.channel_id AND told.group_key = n.group_key
    AND told.status = 'sent' AND told.finished_at > :told_since AND told.reason = n.reason)
  AND NOT EXISTS (
    SELECT FROM alert_notification held WHERE held.channel_id = n.channel_id AND held.group_key = n.group_key
    AND held.status = 'waiting' AND held.leased_until >= :now AND held.reason = n.reason))
  ORDER BY n.next_attempt_at, n.id LIMIT :most FOR UPDATE SKIP LOCKED)
UPDATE alert_notification n SET leased_by = :who, leased_until = :until FROM due WHERE n.id = due.id
RETURNING n.id, n.alert_id, n.group_key, n.channel_id, n.reason, n.attempts, n.created_at
""")
_STORE = text("""
UPDATE alert_notification n SET status = given.status, attempts = n.attempts + given.tried, error = given.error,
  next_attempt_at = coalesce(given.next_attempt_at, n.next_attempt_at), finished_at = given.finished_at,
  message_id = given.message_id, duration_ms = given.duration_ms, leased_by = NULL, leased_until = NULL
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (id uuid, status text, tried integer, error text,
  next_attempt_at timestamptz, finished_at timestamptz, message_id uuid, duration_ms double precision)
WHERE n.id = given.id AND n.status = 'waiting' AND n.leased_by = :who
RETURNING n.id
""")


def claim(tx: Recording, who: str, now: datetime) -> list[Row[Any]]:
    """Rows: id, alert_id, group_key, channel_id, reason, attempts, created_at; oldest first."""
    if not tx.session.scalar(_LOCK):
        return []
    given = {"now": now, "told_since": now - DIGEST, "until": now + LEASE, "who": who, "most": AT_ONCE}
    return sorted(tx.session.execute(_CLAIM, given), key=lambda row: (row.created_at, row.id))


def store(tx: Recording, who: str, rows: str) -> list[UUID]:
    """Stores what became of messages that this sender still holds, given as JSON, and lets them go."""
    return list(tx.session.scalars(_STORE, {"rows": rows, "who": who}))
