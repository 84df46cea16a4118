"""On-call schedules and pages; messages about incidents; post-mortems."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0040"
down_revision = "0039"


def _security() -> Iterator[str]:
    plans = rls.may("on_call:update")
    for table in ("on_call_schedule", "on_call_rotation", "on_call_override", "escalation_policy"):
        yield from rls.policies(table, select=rls.may("on_call:read"), insert=plans, update=plans, delete=plans)
    made = f"({rls.may('incidents:create')} OR {rls.may('incidents:update')})"
    yield from rls.policies("on_call_page", select=rls.may("on_call:read"), insert=made, update=made)
    yield from rls.observe("on_call_delivery", readable_by="on_call:read")
    seen, either = rls.may("incidents:read"), f"({made} OR {rls.may('incidents:approve')})"
    for table in ("message_template", "incident_message", "post_mortem", "action_item"):
        yield from rls.policies(table, select=seen, insert=made, update=either, delete=rls.ITSELF)
    yield from rls.observe("incident_delivery", readable_by="incidents:read", tenant_column="tenant_id")


def upgrade() -> None:
    _schedules()
    _pages()
    _messages()
    _reviews()
    for statement in _security():
        op.execute(statement)


def _schedules() -> None:
    op.create_table(
        "on_call_schedule",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("feed_digest", sa.LargeBinary(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call_schedule")),
        sa.UniqueConstraint("feed_digest", name=op.f("uq_on_call_schedule_feed_digest")),
    )
    op.create_index("uq_on_call_schedule_name", "on_call_schedule", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "on_call_rotation",
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("operator_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("periods", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("unit IN ('hour', 'day', 'week')", name=op.f("ck_on_call_rotation_unit")),
        sa.CheckConstraint("length BETWEEN 1 AND 366", name=op.f("ck_on_call_rotation_length")),
        sa.ForeignKeyConstraint(["schedule_id"], ["on_call_schedule.id"], name=op.f("fk_on_call_rotation_schedule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call_rotation")),
    )
    op.create_index("ix_on_call_rotation_of", "on_call_rotation", ["schedule_id", "position"], unique=False)
    op.create_table(
        "on_call_override",
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_on_call_override_length")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_on_call_override_operator_id")),
        sa.ForeignKeyConstraint(["schedule_id"], ["on_call_schedule.id"], name=op.f("fk_on_call_override_schedule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call_override")),
    )
    op.create_index("ix_on_call_override_of", "on_call_override", ["schedule_id", "ends_at"], unique=False)


def _pages() -> None:
    op.create_table(
        "escalation_policy",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("repeats", sa.BigInteger(), nullable=False),
        sa.Column("severities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_policy")),
    )
    op.create_index("uq_escalation_policy_name", "escalation_policy", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "on_call_page",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("policy_steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("repeats_left", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_by_name", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'acknowledged', 'resolved', 'exhausted')", name=op.f("ck_on_call_page_status")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_on_call_page_incident_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["escalation_policy.id"], name=op.f("fk_on_call_page_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call_page")),
    )
    op.create_index("ix_on_call_page_created", "on_call_page", ["created_at", "id"], unique=False)
    op.create_index("ix_on_call_page_incident", "on_call_page", ["incident_id"], unique=False)
    op.create_index(
        "ix_on_call_page_next",
        "on_call_page",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "on_call_delivery",
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=True),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('queued', 'sent', 'failed', 'no mail server', 'nobody')",
            name=op.f("ck_on_call_delivery_outcome"),
        ),
        sa.ForeignKeyConstraint(["page_id"], ["on_call_page.id"], name=op.f("fk_on_call_delivery_page_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call_delivery")),
    )
    op.create_index("ix_on_call_delivery_page", "on_call_delivery", ["page_id", "at"], unique=False)
    op.create_index(
        "ix_on_call_delivery_queued",
        "on_call_delivery",
        ["at", "id"],
        unique=False,
        postgresql_where=sa.text("outcome = 'queued'"),
    )


def _messages() -> None:
    op.create_table(
        "message_template",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel IN ('status_page', 'mail', 'slack')", name=op.f("ck_message_template_channel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template")),
    )
    op.create_index("uq_message_template_name", "message_template", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "incident_message",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("tenant_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("channel_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("incident_status", sa.Text(), nullable=False),
        sa.Column("components", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("written_by_name", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by_name", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('affected', 'all', 'tenants', 'internal', 'public')",
            name=op.f("ck_incident_message_audience"),
        ),
        sa.CheckConstraint("channel IN ('status_page', 'mail', 'slack')", name=op.f("ck_incident_message_channel")),
        sa.CheckConstraint(
            "status IN ('draft', 'waiting', 'approved', 'sent', 'cancelled')", name=op.f("ck_incident_message_status")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_message_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_message")),
    )
    op.create_index("ix_incident_message_of", "incident_message", ["incident_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_incident_message_sent",
        "incident_message",
        ["sent_at"],
        unique=False,
        postgresql_where=sa.text("status = 'sent'"),
    )
    op.create_index(
        "ix_incident_message_waiting",
        "incident_message",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "incident_delivery",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("channel_id", sa.Uuid(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('queued', 'sent', 'failed', 'no mail server', 'no recipient')",
            name=op.f("ck_incident_delivery_outcome"),
        ),
        sa.ForeignKeyConstraint(["message_id"], ["incident_message.id"], name=op.f("fk_incident_delivery_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_delivery")),
    )
    op.create_index(
        "ix_incident_delivery_queued",
        "incident_delivery",
        ["at", "id"],
        unique=False,
        postgresql_where=sa.text("outcome = 'queued'"),
    )
    op.create_index("uq_incident_delivery_recipient", "incident_delivery", ["message_id", "recipient"], unique=True)


def _reviews() -> None:
    op.create_table(
        "action_item",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_name", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("priority IN ('high', 'medium', 'low')", name=op.f("ck_action_item_priority")),
        sa.CheckConstraint("status IN ('open', 'done', 'cancelled')", name=op.f("ck_action_item_status")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_action_item_incident_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["operator.id"], name=op.f("fk_action_item_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_item")),
    )
    op.create_index(
        "ix_action_item_due", "action_item", ["due_on", "id"], unique=False, postgresql_where=sa.text("status = 'open'")
    )
    op.create_index("ix_action_item_incident", "action_item", ["incident_id"], unique=False)
    op.create_index("ix_action_item_owner", "action_item", ["owner_id", "status"], unique=False)
    op.create_table(
        "post_mortem",
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("whys", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("factors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("went_well", sa.Text(), nullable=False),
        sa.Column("went_wrong", sa.Text(), nullable=False),
        sa.Column("was_lucky", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_by_name", sa.Text(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'review', 'approved')", name=op.f("ck_post_mortem_status")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_post_mortem_incident_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["operator.id"], name=op.f("fk_post_mortem_owner_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_post_mortem")),
    )
