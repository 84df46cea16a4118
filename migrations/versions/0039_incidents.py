"""Incidents, their timeline and what they hit; deployments."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0039"
down_revision = "0038"


def _security() -> Iterator[str]:
    made = f"({rls.may('incidents:create')} OR {rls.may('incidents:update')})"
    seen = rls.may("incidents:read")
    for table in ("incident", "incident_event", "incident_link", "incident_role", "incident_correction"):
        yield from rls.policies(table, select=seen, insert=made, update=made, delete=made)
    yield from rls.observe("incident_impact", readable_by="incidents:read")
    yield from rls.observe("incident_tenant", readable_by="incidents:read", tenant_column="tenant_id")
    yield from rls.policies(
        "deployment", select=rls.may("deployments:read"), insert=rls.may("deployments:create"),
        update=rls.may("deployments:create"), delete=rls.ITSELF,
    )  # fmt: skip


def upgrade() -> None:
    _incidents()
    _course()
    _impact()
    _deployments()
    for statement in _security():
        op.execute(statement)


def _incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("reported_by", sa.Uuid(), nullable=True),
        sa.Column("reported_by_name", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("monitoring_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_count", sa.BigInteger(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("root_cause", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("public_title", sa.Text(), nullable=False),
        sa.Column("next_update_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('resolved', 'closed')) <= (resolved_at IS NOT NULL)", name=op.f("ck_incident_resolved")
        ),
        sa.CheckConstraint("kind IN ('outage', 'bug', 'security', 'performance')", name=op.f("ck_incident_kind")),
        sa.CheckConstraint("severity IN ('sev1', 'sev2', 'sev3')", name=op.f("ck_incident_severity")),
        sa.CheckConstraint(
            "source IN ('manual', 'alert', 'violation', 'error', 'ticket', 'api')", name=op.f("ck_incident_source")
        ),
        sa.CheckConstraint(
            "status IN ('investigating', 'identified', 'monitoring', 'resolved', 'closed')",
            name=op.f("ck_incident_status"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["operator.id"], name=op.f("fk_incident_lead_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["incident.id"], name=op.f("fk_incident_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("number", name=op.f("uq_incident_number")),
    )
    op.create_index("ix_incident_declared", "incident", ["declared_at", "id"], unique=False)
    op.create_index("ix_incident_lead", "incident", ["lead_id"], unique=False)
    op.create_index(
        "ix_incident_merged",
        "incident",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index("ix_incident_started", "incident", ["started_at"], unique=False)
    op.create_index("ix_incident_status", "incident", ["status", "severity", "declared_at"], unique=False)
    op.create_index(
        "ix_incident_words",
        "incident",
        [sa.literal_column("qd_text((((((title || ' ') || description) || ' ') || root_cause) || ' ') || resolution)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "incident_role",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('lead', 'communications', 'operations', 'scribe', 'assignee')", name=op.f("ck_incident_role_role")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_role_incident_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_incident_role_operator_id")),
        sa.PrimaryKeyConstraint("incident_id", "role", "operator_id", name=op.f("pk_incident_role")),
    )
    op.create_index(op.f("ix_incident_role_operator_id"), "incident_role", ["operator_id"], unique=False)


def _course() -> None:
    op.create_table(
        "incident_event",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_key", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('declared', 'status', 'severity', 'role', 'note', 'link', 'merged', 'reopened', 'impact', 'alert', 'violation', 'flag', 'deployment', 'configuration', 'access', 'message', 'page', 'edited')",
            name=op.f("ck_incident_event_kind"),
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_event_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_event")),
    )
    op.create_index("ix_incident_event_of", "incident_event", ["incident_id", "at", "id"], unique=False)
    op.create_index(
        "uq_incident_event_source",
        "incident_event",
        ["incident_id", "source", "source_id"],
        unique=True,
        postgresql_where=sa.text("source IS NOT NULL"),
    )
    op.create_table(
        "incident_link",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('alert', 'violation', 'error', 'ticket', 'incident', 'deployment', 'flag')",
            name=op.f("ck_incident_link_kind"),
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_link_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_link")),
    )
    op.create_index("ix_incident_link_target", "incident_link", ["kind", "target"], unique=False)
    op.create_index("uq_incident_link_target", "incident_link", ["incident_id", "kind", "target"], unique=True)


def _impact() -> None:
    op.create_table(
        "incident_correction",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_correction_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_correction")),
    )
    op.create_index(
        "ix_incident_correction_of", "incident_correction", ["incident_id", "field", "created_at"], unique=False
    )
    op.create_table(
        "incident_impact",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenants", sa.BigInteger(), nullable=True),
        sa.Column("users", sa.BigInteger(), nullable=True),
        sa.Column("requests", sa.BigInteger(), nullable=True),
        sa.Column("requests_failed", sa.BigInteger(), nullable=True),
        sa.Column("tickets", sa.BigInteger(), nullable=True),
        sa.Column("contracts", sa.BigInteger(), nullable=True),
        sa.Column("violations", sa.BigInteger(), nullable=True),
        sa.Column("revenue", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("contracts_value", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_impact_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incident_impact")),
    )
    op.create_table(
        "incident_tenant",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=True),
        sa.Column("requests_failed", sa.BigInteger(), nullable=True),
        sa.Column("found_by", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_tenant_incident_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_incident_tenant_tenant_id")),
        sa.PrimaryKeyConstraint("incident_id", "tenant_id", name=op.f("pk_incident_tenant")),
    )
    op.create_index("ix_incident_tenant_tenant", "incident_tenant", ["tenant_id"], unique=False)


def _deployments() -> None:
    op.create_table(
        "deployment",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("deployed_by", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('started', 'succeeded', 'failed', 'rolled_back')", name=op.f("ck_deployment_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
        sa.UniqueConstraint("external_id", name=op.f("uq_deployment_external_id")),
    )
    op.create_index("ix_deployment_at", "deployment", ["at", "id"], unique=False)
    op.create_index("ix_deployment_service", "deployment", ["service", "at"], unique=False)
