"""Monitors, their checks and changes, the checker's terms and gaps, maintenance windows."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import partitions, rls
from core.kernel.models import TransactionId

revision = "0012"
down_revision = "0011"

# A monitor is seen by who sees all tenants, or one of those that it concerns (monitor_tenant shows only these).
_ALL = "(SELECT current_setting('qd.scope', true)) = 'all'"
_CONCERNED = f"({_ALL} OR {{column}} IN (SELECT monitor_id FROM monitor_tenant))"
_READ, _CREATE, _UPDATE, _DELETE = (rls.may(f"monitors:{verb}") for verb in ("read", "create", "update", "delete"))
_EDIT = f"({_UPDATE} OR {_CREATE})"
_WINDOW = f"({_ALL} OR monitor_ids && ARRAY(SELECT monitor_id FROM monitor_tenant))"


def _of(column: str) -> str:
    return _CONCERNED.format(column=column)


def _observe(table: str) -> list[str]:
    """Facts of a monitor: the portal's own work leaves them, and who sees the monitor sees them."""
    return rls.policies(
        table, select=f"{_READ} AND {_of('monitor_id')}", insert="true", update=rls.ITSELF, delete=rls.ITSELF
    )


SECURITY = [
    *rls.policies(
        "monitor_tenant",
        select=f"{_READ} AND {rls.in_scope('tenant_id')}",
        insert=f"{_EDIT} AND {rls.in_scope('tenant_id')}",
        delete=f"{_UPDATE} AND {rls.in_scope('tenant_id')}",
    ),
    *rls.policies(
        "monitor",
        select=f"{_READ} AND {_of('id')}",
        insert=_CREATE,
        update=f"{_UPDATE} AND {_of('id')}",
        delete=f"{_DELETE} AND {_of('id')}",
    ),
    *rls.policies(
        "monitor_pause",
        select=f"{_READ} AND {_of('monitor_id')}",
        insert=f"{_UPDATE} AND {_of('monitor_id')}",
        update=f"{_UPDATE} AND {_of('monitor_id')}",
    ),
    *rls.policies(
        "monitor_state",
        select=f"{_READ} AND {_of('monitor_id')}",
        insert=_CREATE,
        update=f"{_UPDATE} AND {_of('monitor_id')}",
    ),
    *_observe("monitor_check"),
    *_observe("monitor_change"),
    *rls.observe("checker_run", readable_by="monitors:read"),
    *rls.observe("checker_gap", readable_by="monitors:read"),
    *(statement for grain in ("minute", "hour", "day") for statement in _observe(f"monitor_rollup_{grain}")),
    *rls.policies(
        "maintenance_window",
        select=f"{_READ} AND {_WINDOW}",
        insert=f"{_UPDATE} AND {_WINDOW}",
        update=f"{_UPDATE} AND {_WINDOW}",
    ),
]


def _partitions() -> Iterator[str]:
    yield from partitions.partition_statements("monitor_check", every="day")
    yield from partitions.partition_statements("monitor_rollup_minute", every="day")
    yield from partitions.partition_statements(
        "monitor_rollup_hour", every="month", behind=timedelta(days=31), ahead=timedelta(days=40)
    )


def upgrade() -> None:
    _monitors()
    _facts()
    _checker()
    _rollup()
    _maintenance()
    for statement in (*SECURITY, *_partitions()):
        op.execute(statement)


def _stamped() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    ]


def _monitors() -> None:
    op.create_table(
        "monitor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("timeout_s", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("retry_interval_s", sa.Integer(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("allows_private", sa.Boolean(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("previous_digest", sa.LargeBinary(), nullable=True),
        sa.Column("previous_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        *_stamped(),
        sa.CheckConstraint("kind IN ('http', 'tcp', 'dns', 'tls', 'push')", name="ck_monitor_kind"),
        sa.CheckConstraint("interval_s BETWEEN 10 AND 86400", name="ck_monitor_interval_s"),
        sa.CheckConstraint("timeout_s BETWEEN 1 AND 60", name="ck_monitor_timeout_s"),
        sa.CheckConstraint("retries BETWEEN 0 AND 10", name="ck_monitor_retries"),
        sa.CheckConstraint("retry_interval_s BETWEEN 5 AND 3600", name="ck_monitor_retry_interval_s"),
        sa.CheckConstraint("(kind = 'push') = (token_digest IS NOT NULL)", name="ck_monitor_token_digest"),
        sa.PrimaryKeyConstraint("id", name="pk_monitor"),
    )
    op.create_index("ix_monitor_name", "monitor", [sa.literal_column("lower(name)"), "id"], unique=False)
    op.create_index("ix_monitor_tags", "monitor", ["tags"], unique=False, postgresql_using="gin")
    op.create_index("ix_monitor_owner_id", "monitor", ["owner_id"], unique=False)
    op.create_index("uq_monitor_token_digest", "monitor", ["token_digest"], unique=True)
    op.create_index(
        "ix_monitor_previous_digest", "monitor", ["previous_digest"], unique=False,
        postgresql_where=sa.text("previous_digest IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "monitor_tenant",
        sa.Column("monitor_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["monitor_id"], ["monitor.id"], name="fk_monitor_tenant_monitor_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_monitor_tenant_tenant_id"),
        sa.PrimaryKeyConstraint("monitor_id", "tenant_id", name="pk_monitor_tenant"),
    )
    op.create_index("ix_monitor_tenant_tenant_id", "monitor_tenant", ["tenant_id"], unique=False)
    op.create_table(
        "monitor_pause",
        sa.Column("monitor_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["monitor_id"], ["monitor.id"], name="fk_monitor_pause_monitor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_monitor_pause"),
    )
    op.create_index("ix_monitor_pause_monitor", "monitor_pause", ["monitor_id", "since"], unique=False)


def _facts() -> None:
    op.create_table(
        "monitor_state",
        sa.Column("monitor_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("latency_ms", sa.Float(), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("certificate_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("maintenance_id", sa.Uuid(), nullable=True),
        sa.Column("signal_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("push", postgresql.JSONB(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('up', 'degraded', 'down', 'unknown')", name="ck_monitor_state_state"),
        sa.ForeignKeyConstraint(["monitor_id"], ["monitor.id"], name="fk_monitor_state_monitor_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("monitor_id", name="pk_monitor_state"),
    )
    op.create_index(
        "ix_monitor_state_signal_at", "monitor_state", ["signal_at"], unique=False,
        postgresql_where=sa.text("signal_at IS NOT NULL"),
    )  # fmt: skip
    op.create_table(
        "monitor_check",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("monitor_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("latency_ms", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("maintenance_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('up', 'degraded', 'down')", name="ck_monitor_check_state"),
        sa.PrimaryKeyConstraint("at", "id", name="pk_monitor_check"),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("ix_monitor_check_xid", "monitor_check", ["xid"], unique=False)
    op.create_index("ix_monitor_check_monitor", "monitor_check", ["monitor_id", "at", "id"], unique=False)
    op.create_table(
        "monitor_change",
        sa.Column("monitor_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('up', 'degraded', 'down', 'paused', 'unknown')", name="ck_monitor_change_state"),
        sa.PrimaryKeyConstraint("id", name="pk_monitor_change"),
    )
    op.create_index("ix_monitor_change_monitor", "monitor_change", ["monitor_id", "at"], unique=False)
    op.create_index(
        "ix_monitor_change_down", "monitor_change", ["at"], unique=False, postgresql_where=sa.text("state = 'down'")
    )


def _checker() -> None:
    op.create_table(
        "checker_run",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lag_ms", sa.Float(), nullable=True),
        sa.Column("monitors", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_checker_run"),
    )
    op.create_index("ix_checker_run_seen_at", "checker_run", ["seen_at"], unique=False)
    op.create_table(
        "checker_gap",
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_checker_gap"),
    )
    op.create_index("ix_checker_gap_since", "checker_gap", ["since"], unique=False)
    op.create_index(
        "uq_checker_gap_open", "checker_gap", [sa.literal_column("(1)")], unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )  # fmt: skip


def _rollup() -> None:
    for grain, every in (("minute", "day"), ("hour", "month"), ("day", None)):
        table = f"monitor_rollup_{grain}"
        keys = {"monitor_id": sa.Uuid(), "state": sa.Text(), "is_counted": sa.Boolean()}
        op.create_table(
            table,
            sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
            *(sa.Column(name, kind, nullable=True) for name, kind in keys.items()),
            *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("total", "timed")),
            *(sa.Column(f"{name}_sum", sa.Numeric(), nullable=False) for name in ("seconds", "latency_ms")),
            sa.Column("latency_ms_max", sa.Float(), nullable=True),
            sa.Column("sketch_keys", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
            sa.Column("sketch_counts", postgresql.ARRAY(sa.Integer()), nullable=False),
            **({"postgresql_partition_by": "RANGE (bucket)"} if every else {}),
        )
        op.create_index(f"uq_{table}_bucket", table, ["bucket", *keys], unique=True, postgresql_nulls_not_distinct=True)
        op.create_index(f"ix_{table}_monitor", table, ["monitor_id", "bucket"], unique=False)


def _maintenance() -> None:
    op.create_table(
        "maintenance_window",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("monitor_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=True),
        *_stamped(),
        sa.CheckConstraint("covers IN ('all', 'tags', 'monitors')", name="ck_maintenance_window_covers"),
        sa.CheckConstraint("policy IN ('excluded', 'counted')", name="ck_maintenance_window_policy"),
        sa.CheckConstraint("duration_s BETWEEN 60 AND 1209600", name="ck_maintenance_window_duration_s"),
        sa.PrimaryKeyConstraint("id", name="pk_maintenance_window"),
    )
    op.create_index("ix_maintenance_window_starts", "maintenance_window", ["starts_at", "id"], unique=False)
    op.create_index(
        "ix_maintenance_window_live", "maintenance_window", ["over_at"], unique=False,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )  # fmt: skip
