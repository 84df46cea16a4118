"""The audit trail: entries that nobody can change, and the seals that show when somebody did."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, TransactionId
from core.kernel.partitions import partition_statements


class AuditEntry(Base):
    """One row per action and tenant. `changes` lists table, id, operation and columns with [before, after]."""

    __tablename__ = "audit_entry"
    __resource__ = "audit"
    __table_args__ = (
        Index("ix_audit_entry_xid", "xid", "id"),
        Index("ix_audit_entry_tenant", "tenant_id", "occurred_at"),
        Index("ix_audit_entry_actor", "actor_id", "occurred_at"),
        Index("ix_audit_entry_action", "action", "occurred_at"),
        Index("ix_audit_entry_entities", "entity_ids", postgresql_using="gin"),
        {"postgresql_partition_by": "RANGE (occurred_at)"},
    )

    occurred_at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    action: Mapped[str]
    outcome: Mapped[str]
    severity: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    actor_role: Mapped[str]
    channel: Mapped[str]
    session_id: Mapped[UUID | None]
    ip: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    request_id: Mapped[str]
    reason: Mapped[str | None]
    tenant_id: Mapped[UUID | None]
    entity_type: Mapped[str | None]
    entity_ids: Mapped[list[UUID]]
    changes: Mapped[list[Any]]
    details: Mapped[dict[str, Any]]
    access: Mapped[dict[str, Any] | None]


class AuditSeal(Base):
    """One row per sealed batch: every entry of the transactions from `from_xid` up to, not including, `to_xid`."""

    __tablename__ = "audit_seal"
    __resource__ = "audit"
    __observation__ = True

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_xid: Mapped[int] = mapped_column(TransactionId())
    to_xid: Mapped[int] = mapped_column(TransactionId())
    entries: Mapped[int]
    last_position: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]


class AuditDigest(Base):
    """One sealed entry by its position in the whole trail (1, 2, 3 ...).

    `content` is the digest of what the entry says, `digest` chains it and its place to the one before.
    """

    __tablename__ = "audit_digest"
    __resource__ = "audit"
    __observation__ = True

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(unique=True)
    seal_number: Mapped[int] = mapped_column(index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


# Row triggers are inherited by partitions, statement triggers are not; TRUNCATE knows only statement triggers.
APPEND_ONLY = [
    """
CREATE FUNCTION qd_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'The audit trail is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME; END $$
""",
    *(
        f"CREATE TRIGGER {table}_{name} BEFORE {events} ON {table} FOR EACH {level} EXECUTE FUNCTION qd_refuse_change()"
        for table in ("audit_entry", "audit_seal", "audit_digest")
        for name, events, level in (
            ("append_only", "UPDATE OR DELETE", "ROW"),
            ("no_truncate", "TRUNCATE", "STATEMENT"),
        )
    ),
]


def partitions() -> list[str]:
    """For the migration: months from a year back (demo and imported history) to a quarter ahead."""
    return partition_statements("audit_entry", every="month", behind=timedelta(days=366), ahead=timedelta(days=92))
