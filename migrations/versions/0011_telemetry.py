"""Telemetry of the product: services and tenants of requests and errors, messages, metrics, batches; rollups that add."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import partitions, rls
from core.kernel.models import TransactionId
from core.roles import ROLES

revision = "0011"
down_revision = "0010"

RESOURCES = ("telemetry:", "monitors:", "alerts:", "alert_rules:", "alert_channels:", "providers:", "errors:")
GRAINS = (("minute", "day"), ("hour", "month"), ("day", None))
EVENTS = ("message_event", "metric_point")
# name -> (dimensions, sums, extremes, counts, sketched, whose tenant's rows, the column of its second index)
DURATIONS = {"duration_ms_max": sa.Numeric(12, 3), "duration_ms_min": sa.Numeric(12, 3)}
TIMED = ["errors", "timed"]
TENANT, SERVICE, CHANNEL = {"tenant_id": sa.Uuid()}, {"service": sa.Text()}, {"channel": sa.Text()}
ROUTE, CLASS = {"route": sa.Text()}, {"status_class": sa.BigInteger()}
PROVIDER = {"provider": sa.Text(), "channel": sa.Text(), "currency": sa.Text()}
OUTCOMES = ["sent", "delivered", "failed", "timed", "priced"]
VALUES = {"value_max": sa.Float(), "value_min": sa.Float()}
ROLLUPS = {
    "request_rollup": (TENANT | SERVICE | CHANNEL | ROUTE | CLASS, ["duration_ms"], DURATIONS, TIMED, True, "route"),
    "route_rollup": (
        SERVICE | CHANNEL | ROUTE | {"status": sa.SmallInteger()}, ["duration_ms"], DURATIONS, TIMED, True, "route",
    ),
    "service_rollup": (SERVICE | CHANNEL | {"status": sa.SmallInteger()}, ["duration_ms"], DURATIONS, TIMED, True, None),
    "tenant_rollup": (TENANT | SERVICE | CHANNEL | CLASS, ["duration_ms"], DURATIONS, TIMED, True, "tenant_id"),
    "message_rollup": (
        TENANT | PROVIDER, ["duration_ms", "cost"], {"duration_ms_max": sa.Numeric(12, 3)}, OUTCOMES, True, "tenant_id",
    ),
    "provider_rollup": (
        PROVIDER, ["duration_ms", "cost"], {"duration_ms_max": sa.Numeric(12, 3)}, OUTCOMES, True, None,
    ),
    "metric_rollup": ({"series_id": sa.Uuid()} | TENANT, ["value_total", "count"], VALUES, [], True, "series_id"),
    "error_rollup": ({"fingerprint": sa.Text()} | SERVICE | TENANT, [], {}, [], False, "fingerprint"),
}  # fmt: skip
# This one remade its buckets until now; adding to one is an update.
ADDED_TO = [f"api_key_rollup_{grain}" for grain, _ in GRAINS]


def upgrade() -> None:
    _requests_and_errors()
    _messages_and_metrics()
    _rollups()
    for statement in (*_security(), *_grants(), *_partitions()):
        op.execute(statement)


def _requests_and_errors() -> None:
    op.add_column("request_record", sa.Column("service", sa.Text(), server_default="portal", nullable=False))
    op.add_column("request_record", sa.Column("response_bytes", sa.BigInteger(), nullable=True))
    op.alter_column("request_record", "duration_ms", nullable=True)
    op.create_index("ix_request_record_route", "request_record", ["route", sa.literal_column("at DESC")], unique=False)
    op.add_column("error_record", sa.Column("service", sa.Text(), server_default="portal", nullable=False))
    op.add_column("error_record", sa.Column("tenant_id", sa.Uuid(), nullable=True))
    op.create_table(
        "error_group",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("fingerprint", "service", "type", "message", "route")
        ),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_error_group"),
    )
    op.create_index("ix_error_group_last_seen_at", "error_group", ["last_seen_at"], unique=False)
    op.execute(
        "INSERT INTO error_group SELECT fingerprint, min(service), min(type), min(message), min(route), min(at), max(at)"
        " FROM error_record GROUP BY fingerprint"
    )


def _event_table(name: str, *columns: sa.Column | sa.Constraint) -> None:
    op.create_table(
        name,
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("xid", TransactionId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("at", "id", name=f"pk_{name}"),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index(f"ix_{name}_xid", name, ["xid"], unique=False)


def _messages_and_metrics() -> None:
    _event_table(
        "message_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Numeric(12, 3), nullable=True),
        sa.Column("cost", sa.Numeric(18, 8), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('sent', 'delivered', 'failed')", name="ck_message_event_status"),
    )
    op.create_index(
        "ix_message_event_provider",
        "message_event",
        ["provider", "channel", sa.literal_column("at DESC")],
        unique=False,
    )
    op.create_table(
        "metric_series",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "kind", "unit", "service")),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("labels", postgresql.JSONB(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('gauge', 'counter', 'histogram')", name="ck_metric_series_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_metric_series"),
    )
    op.create_index("ix_metric_series_name", "metric_series", ["name", "service"], unique=False)
    op.create_index("ix_metric_series_tenant_id", "metric_series", ["tenant_id", "service"], unique=False)
    _event_table(
        "metric_point",
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
    )
    op.create_index("ix_metric_point_series", "metric_point", ["series_id", sa.literal_column("at DESC")], unique=False)
    op.create_table(
        "ingest_batch",
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "batch_id", name="pk_ingest_batch"),
    )
    op.create_index("ix_ingest_batch_at", "ingest_batch", ["at"], unique=False)


def _rollups() -> None:
    # Its dimensions are others now. What it held is counted anew from the rows that are still there.
    for grain, _ in GRAINS:
        op.drop_table(f"request_rollup_{grain}")
    op.execute("DELETE FROM rollup_watermark WHERE rollup = 'request_rollup'")
    for name, shape in ROLLUPS.items():
        for grain, every in GRAINS:
            _rollup(f"{name}_{grain}", every, *shape)


def _rollup(
    table: str, every: str | None, dimensions: dict, sums: list[str], extremes: dict, counts: list[str],
    is_sketched: bool, indexed: str | None,
) -> None:  # fmt: skip
    arrays = {"sketch_keys": sa.SmallInteger(), "sketch_counts": sa.Integer()} if is_sketched else {}
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
    if indexed:
        op.create_index(f"ix_{table}_{indexed}", table, [indexed, "bucket"], unique=False)


def _security() -> Iterator[str]:
    yield "DROP POLICY error_record_select ON error_record"
    tenants = f"(tenant_id IS NULL OR {rls.in_scope('tenant_id')})"
    yield from rls.policies("error_record", select=f"{rls.may('errors:read')} AND {tenants}")
    yield from rls.observe("error_group", readable_by="errors:read")
    yield from rls.observe("message_event", tenant_column="tenant_id")
    yield from rls.observe("metric_series", tenant_column="tenant_id")
    yield from rls.observe("metric_point", tenant_column="tenant_id")
    own = dict.fromkeys(("select", "insert", "update", "delete"), rls.ITSELF)
    yield from rls.policies("ingest_batch", **own)
    for name, (dimensions, *_) in ROLLUPS.items():
        readable_by = "errors:read" if name == "error_rollup" else "health:read"
        for grain, _ in GRAINS:
            tenant_column = "tenant_id" if "tenant_id" in dimensions else None
            yield from rls.observe(f"{name}_{grain}", readable_by=readable_by, tenant_column=tenant_column)
    for table in ADDED_TO:
        yield from rls.policies(table, update=rls.ITSELF)


def _grants() -> Iterator[str]:
    for role, one in ROLES.items():
        for permission in sorted(one.grants):
            if permission.startswith(RESOURCES):
                yield f"INSERT INTO role_grant (role, permission) VALUES ('{role}', '{permission}') ON CONFLICT DO NOTHING"


def _partitions() -> Iterator[str]:
    for table in EVENTS:
        yield from partitions.partition_statements(table, every="day")
    for rollup in ROLLUPS:
        yield from partitions.partition_statements(f"{rollup}_minute", every="day")
        yield from partitions.partition_statements(
            f"{rollup}_hour", every="month", behind=timedelta(days=31), ahead=timedelta(days=40)
        )
