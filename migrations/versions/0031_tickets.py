"""Tickets with their messages, events and clocks."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0031"
down_revision = "0030"

# The words of a long text in lower case without accents. Immutable, so that an index can hold them; a text is cut where
# tsvector would refuse it.
TEXT = """
CREATE FUNCTION qd_text(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.simple'::regconfig,
                       regexp_replace(normalize(left($1, 100000), NFKD), '[\\u0300-\\u036f]', '', 'g'))
$$
"""
SCOPE = rls.in_scope("tenant_id")
OWN = "operator_id = (SELECT nullif(current_setting('qd.operator', true), '')::uuid)"
SEEN = f"{rls.may('tickets:read')} AND {SCOPE}"
MADE = f"{rls.may('tickets:create')} AND {SCOPE}"


def _security() -> Iterator[str]:
    handed = rls.may("tickets:create")
    yield from rls.policies("ticket_counter", select=handed, update=handed)
    yield from rls.secure("ticket", "tickets", tenant_column="tenant_id")
    for table in ("ticket_message", "ticket_event"):
        yield from rls.policies(table, select=SEEN, insert=MADE, delete=rls.ITSELF)
    mine = f"{OWN} AND {SEEN}"
    yield from rls.policies("ticket_view", select=SEEN, insert=mine, update=mine, delete=rls.ITSELF)
    yield from rls.policies("ticket_clock", select=SEEN, insert=MADE, update=MADE, delete=MADE)


def upgrade() -> None:
    op.execute(TEXT)
    _tickets()
    _course()
    _reading()
    op.execute("INSERT INTO ticket_counter (id, last) VALUES (1, 0)")
    for statement in _security():
        op.execute(statement)


def _tickets() -> None:
    op.create_table(
        "ticket_counter",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_counter")),
    )
    op.create_table(
        "ticket",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("requester_id", sa.Uuid(), nullable=True),
        sa.Column("requester_name", sa.Text(), nullable=False),
        sa.Column("requester_email", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_label", sa.Text(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("terms_id", sa.Uuid(), nullable=True),
        sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_count", sa.BigInteger(), nullable=False),
        sa.Column("last_customer_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_agent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sla_state", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel IN ('portal', 'email', 'api', 'phone', 'import')", name=op.f("ck_ticket_channel")),
        sa.CheckConstraint("priority IN ('urgent', 'high', 'medium', 'low')", name=op.f("ck_ticket_priority")),
        sa.CheckConstraint(
            "status IN ('open', 'in_progress', 'waiting', 'resolved', 'closed', 'reopened')",
            name=op.f("ck_ticket_status"),
        ),
        sa.ForeignKeyConstraint(["assignee_id"], ["operator.id"], name=op.f("fk_ticket_assignee_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["ticket.id"], name=op.f("fk_ticket_merged_into_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["tenant_user.id"], name=op.f("fk_ticket_requester_id")),
        sa.ForeignKeyConstraint(["team_id"], ["support_team.id"], name=op.f("fk_ticket_team_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_tenant_id")),
        sa.ForeignKeyConstraint(["terms_id"], ["sla_terms.id"], name=op.f("fk_ticket_terms_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_ticket_number")),
    )
    op.create_index("ix_ticket_assignee", "ticket", ["assignee_id", "status", "created_at"], unique=False)
    op.create_index(
        "ix_ticket_correlation_id",
        "ticket",
        ["correlation_id"],
        unique=False,
        postgresql_where=sa.text("correlation_id IS NOT NULL"),
    )
    op.create_index("ix_ticket_created", "ticket", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_ticket_due", "ticket", ["due_at", "id"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index("ix_ticket_queue", "ticket", ["status", "created_at", "id"], unique=False)
    op.create_index("ix_ticket_requester", "ticket", ["requester_id"], unique=False)
    op.create_index(
        "ix_ticket_resolved",
        "ticket",
        ["resolved_at"],
        unique=False,
        postgresql_where=sa.text("resolved_at IS NOT NULL"),
    )
    op.create_index("ix_ticket_tags", "ticket", ["tags"], unique=False, postgresql_using="gin")
    op.create_index("ix_ticket_team", "ticket", ["team_id", "status", "created_at"], unique=False)
    op.create_index("ix_ticket_tenant", "ticket", ["tenant_id", "created_at"], unique=False)
    op.create_index(
        "ix_ticket_words",
        "ticket",
        [sa.literal_column("qd_text((subject || ' ') || description)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "uq_ticket_external_id",
        "ticket",
        ["external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )


def _course() -> None:
    op.create_table(
        "ticket_message",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("author_kind", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("mentions", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("mail_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("NOT (is_internal AND author_kind = 'customer')", name=op.f("ck_ticket_message_internal")),
        sa.CheckConstraint(
            "author_kind IN ('customer', 'agent', 'system')", name=op.f("ck_ticket_message_author_kind")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_message_tenant_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_message_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_message")),
    )
    op.create_index("ix_ticket_message_of", "ticket_message", ["ticket_id", "created_at", "id"], unique=False)
    op.create_index("ix_ticket_message_tenant_id", "ticket_message", ["tenant_id"], unique=False)
    op.create_index(
        "ix_ticket_message_words",
        "ticket_message",
        [sa.literal_column("qd_text(body)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "uq_ticket_message_mail_id",
        "ticket_message",
        ["mail_id"],
        unique=True,
        postgresql_where=sa.text("mail_id IS NOT NULL"),
    )
    op.create_table(
        "ticket_event",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('created', 'status', 'priority', 'category', 'assignee', 'team', 'tags', 'subject', 'reply', 'customer', 'note', 'merged', 'linked', 'unlinked', 'terms', 'attached', 'watched', 'level', 'escalated', 'rated')",
            name=op.f("ck_ticket_event_kind"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_event_tenant_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
    )
    op.create_index("ix_ticket_event_at", "ticket_event", ["at"], unique=False, postgresql_using="brin")
    op.create_index("ix_ticket_event_of", "ticket_event", ["ticket_id", "at", "id"], unique=False)
    op.create_index("ix_ticket_event_tenant_id", "ticket_event", ["tenant_id"], unique=False)


def _reading() -> None:
    op.create_table(
        "ticket_view",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_ticket_view_operator_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_view_tenant_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_view_ticket_id")),
        sa.PrimaryKeyConstraint("operator_id", "ticket_id", name=op.f("pk_ticket_view")),
    )
    op.create_index("ix_ticket_view_of", "ticket_view", ["ticket_id", "seen_at"], unique=False)
    op.create_table(
        "ticket_clock",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("target_s", sa.BigInteger(), nullable=False),
        sa.Column("elapsed_s", sa.BigInteger(), nullable=False),
        sa.Column("at_50", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at_75", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at_90", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('running', 'paused', 'met', 'missed')", name=op.f("ck_ticket_clock_state")),
        sa.CheckConstraint(
            "target IN ('first_response', 'next_response', 'resolution')", name=op.f("ck_ticket_clock_target")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_clock_tenant_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_clock_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "target", name=op.f("pk_ticket_clock")),
    )
    op.create_index(
        "ix_ticket_clock_due",
        "ticket_clock",
        ["due_at", "ticket_id"],
        unique=False,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "ix_ticket_clock_next",
        "ticket_clock",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "ix_ticket_clock_stopped",
        "ticket_clock",
        ["target", "stopped_at"],
        unique=False,
        postgresql_where=sa.text("stopped_at IS NOT NULL"),
    )
    op.create_index("ix_ticket_clock_tenant_id", "ticket_clock", ["tenant_id"], unique=False)
