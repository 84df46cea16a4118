"""Health: hosts, the database's figures, requests, component checks, errors, and their rollups."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import partitions, rls
from core.kernel.models import TransactionId

revision = "0005"
down_revision = "0004"

EVENTS = ("server_metric", "database_metric", "request_record", "component_check", "error_record")
ROLLUPS = ("server_rollup", "database_rollup", "request_rollup", "component_rollup")
# The app role does not see what the owner's connections do; it may know for how long the longest statement runs.
LONGEST_QUERY = """
CREATE FUNCTION qd_longest_query_s() RETURNS double precision LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT extract(epoch FROM max(clock_timestamp() - query_start))::float8 FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
      AND backend_type = 'client backend'
$$
"""
SECURITY = [
    *rls.observe("server"),
    *rls.observe("server_metric"),
    *rls.observe("database_metric"),
    *rls.observe("request_record", tenant_column="tenant_id"),
    *rls.observe("component_check"),
    *rls.observe("error_record", readable_by="errors:read"),
    *rls.observe("rollup_watermark"),
    *(
        statement
        for rollup in ROLLUPS
        for grain in ("minute", "hour", "day")
        for statement in rls.observe(
            f"{rollup}_{grain}", tenant_column="tenant_id" if rollup == "request_rollup" else None
        )
    ),
]


def _partitions() -> Iterator[str]:
    for table in EVENTS:
        yield from partitions.partition_statements(
            table, every="day", behind=timedelta(days=1), ahead=timedelta(days=3)
        )
    for rollup in ROLLUPS:
        yield from partitions.partition_statements(f"{rollup}_minute", every="day", behind=timedelta(days=1))
        yield from partitions.partition_statements(
            f"{rollup}_hour", every="month", behind=timedelta(days=31), ahead=timedelta(days=40)
        )


def _event_table(name: str, time: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column(time, sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(time, "id", name=f"pk_{name}"),
        postgresql_partition_by=f"RANGE ({time})",
    )
    op.create_index(f"ix_{name}_xid", name, ["xid"], unique=False)


def _rollup(name: str, dimensions: dict, sums: list[str], extremes: dict, counts: list[str], *, sketch: bool) -> None:
    for grain, every in (("minute", "day"), ("hour", "month"), ("day", None)):
        table = f"{name}_{grain}"
        arrays = {"sketch_keys": sa.SmallInteger(), "sketch_counts": sa.Integer()} if sketch else {}
        op.create_table(
            table,
            sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
            *(sa.Column(column, kind, nullable=True) for column, kind in dimensions.items()),
            *(sa.Column(column, sa.BigInteger(), nullable=False) for column in ("total", *counts)),
            *(sa.Column(f"{column}_sum", sa.Numeric(), nullable=False) for column in sums),
            *(sa.Column(column, kind, nullable=True) for column, kind in extremes.items()),
            *(sa.Column(column, postgresql.ARRAY(kind), nullable=False) for column, kind in arrays.items()),
            **({"postgresql_partition_by": "RANGE (bucket)"} if every else {}),
        )
        op.create_index(
            f"uq_{table}_bucket", table, ["bucket", *dimensions], unique=True, postgresql_nulls_not_distinct=True
        )


def upgrade() -> None:
    _hosts()
    _requests_and_checks()
    _rollups()
    for statement in (LONGEST_QUERY, *SECURITY, *_partitions()):
        op.execute(statement)


def _hosts() -> None:
    op.create_table(
        "server",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_server"),
        sa.UniqueConstraint("name", name="uq_server_name"),
    )
    _event_table(
        "server_metric", "measured_at",
        sa.Column("server_id", sa.Uuid(), nullable=False),
        sa.Column("cpu_ratio", sa.Float(), nullable=False),
        sa.Column("core_ratios", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.Column("load_average", sa.Float(), nullable=True),
        sa.Column("memory_total_bytes", sa.BigInteger(), nullable=False),
        sa.Column("memory_used_bytes", sa.BigInteger(), nullable=False),
        sa.Column("memory_ratio", sa.Float(), nullable=False),
        sa.Column("swap_used_bytes", sa.BigInteger(), nullable=False),
        sa.Column("disks", postgresql.JSONB(), nullable=False),
        sa.Column("disk_ratio", sa.Float(), nullable=True),
        sa.Column("network_in_rate", sa.Float(), nullable=True),
        sa.Column("network_out_rate", sa.Float(), nullable=True),
        sa.Column("open_connections", sa.BigInteger(), nullable=True),
    )  # fmt: skip
    op.create_index(
        "ix_server_metric_server", "server_metric", ["server_id", sa.literal_column("measured_at DESC")], unique=False
    )
    _event_table(
        "database_metric", "measured_at",
        sa.Column("connections", sa.BigInteger(), nullable=False),
        sa.Column("max_connections", sa.BigInteger(), nullable=False),
        sa.Column("transactions_rate", sa.Float(), nullable=True),
        sa.Column("cache_hit_ratio", sa.Float(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("longest_query_s", sa.Float(), nullable=True),
        sa.Column("deadlocks", sa.BigInteger(), nullable=False),
    )  # fmt: skip


def _requests_and_checks() -> None:
    _event_table(
        "request_record", "at",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("duration_ms", sa.Numeric(12, 3), nullable=False),
        sa.Column("is_error", sa.Boolean(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
    )  # fmt: skip
    op.create_index("ix_request_record_request_id", "request_record", ["request_id"], unique=False)
    op.create_index(
        "ix_request_record_operators", "request_record", ["at", "operator_id"], unique=False,
        postgresql_where=sa.text("operator_id IS NOT NULL"),
    )  # fmt: skip
    _event_table(
        "component_check", "at",
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("latency_ms", sa.Float(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('healthy', 'degraded', 'down', 'not_configured', 'unknown')", name="ck_component_check_status"
        ),
    )  # fmt: skip
    op.create_index(
        "ix_component_check_component", "component_check", ["component", sa.literal_column("at DESC")], unique=False
    )
    _event_table(
        "error_record", "at",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
    )  # fmt: skip
    op.create_index(
        "ix_error_record_fingerprint", "error_record", ["fingerprint", sa.literal_column("at DESC")], unique=False
    )
    op.create_index("ix_error_record_request_id", "error_record", ["request_id"], unique=False)


def _rollups() -> None:
    op.create_table(
        "rollup_watermark",
        sa.Column("rollup", sa.Text(), nullable=False),
        sa.Column("xid", TransactionId(), server_default=sa.text("'0'::xid8"), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("rollup", name="pk_rollup_watermark"),
    )
    averaged = ["disk_ratio", "network_in_rate", "network_out_rate", "open_connections", "load_average"]
    ratios = {"cpu_ratio_max": sa.Float(), "memory_ratio_max": sa.Float(), "disk_ratio_max": sa.Float()}
    _rollup(
        "server_rollup", {"server_id": sa.Uuid()}, ["cpu_ratio", "memory_ratio", *averaged], ratios,
        [f"{name}_count" for name in averaged], sketch=False,
    )  # fmt: skip
    most = {"connections_max": sa.BigInteger(), "longest_query_s_max": sa.Float(),
            "size_bytes_max": sa.BigInteger(), "deadlocks_max": sa.BigInteger()}  # fmt: skip
    _rollup(
        "database_rollup", {}, ["connections", "transactions_rate", "cache_hit_ratio"], most,
        ["transactions_rate_count", "cache_hit_ratio_count"], sketch=False,
    )  # fmt: skip
    asked = {"tenant_id": sa.Uuid(), "channel": sa.Text(), "route": sa.Text(), "status_class": sa.BigInteger()}
    durations = {"duration_ms_max": sa.Numeric(12, 3), "duration_ms_min": sa.Numeric(12, 3)}
    _rollup("request_rollup", asked, ["duration_ms"], durations, ["errors"], sketch=True)
    _rollup(
        "component_rollup", {"component": sa.Text(), "status": sa.Text()}, ["latency_ms"],
        {"latency_ms_max": sa.Float()}, ["latency_ms_count"], sketch=False,
    )  # fmt: skip
