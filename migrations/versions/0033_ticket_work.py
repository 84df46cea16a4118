"""What agents work with: files, watchers, links, drafts, prepared answers; and how tickets are found by their words."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0033"
down_revision = "0032"

# Under row-level security neither @@ nor && reaches an index, because they are not leakproof. So ids are found here, as the
# owner, within the actor's scope, and read under the policies afterwards. Who may not see names finds nobody by one.
FOUND = f"""
CREATE FUNCTION qd_tickets_found(given text, wanted bigint) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    word text; part tsquery; query tsquery; plain text; sees_names boolean := qd_may('users:pii');
BEGIN
    IF NOT qd_may('tickets:read') THEN RETURN; END IF;
    plain := regexp_replace(normalize(given, NFKD), '[\\u0300-\\u036f]', '', 'g');
    FOREACH word IN ARRAY regexp_split_to_array(plain, '\\s+') LOOP
        part := plainto_tsquery('pg_catalog.simple', word);
        CONTINUE WHEN numnode(part) = 0;
        IF numnode(part) = 1 THEN part := (part::text || ':*')::tsquery; END IF;
        query := CASE WHEN query IS NULL THEN part ELSE query && part END;
    END LOOP;
    RETURN QUERY EXECUTE
        'SELECT id FROM (
            (SELECT id, created_at FROM ticket WHERE number = $2)
            UNION
            (SELECT id, created_at FROM ticket WHERE qd_text((subject || '' '') || description) @@ $1
                AND {rls.in_scope("tenant_id").replace("'", "''")} ORDER BY created_at DESC LIMIT 1000)
            UNION
            (SELECT id, created_at FROM ticket
                WHERE $3 AND qd_words((requester_name || '' '') || coalesce(requester_email, '''')) @@ $1
                AND {rls.in_scope("tenant_id").replace("'", "''")} ORDER BY created_at DESC LIMIT 1000)
            UNION
            (SELECT ticket_id, max(created_at) FROM ticket_message WHERE qd_text(body) @@ $1
                AND {rls.in_scope("tenant_id").replace("'", "''")} GROUP BY ticket_id ORDER BY 2 DESC LIMIT 1000)
        ) AS found GROUP BY id ORDER BY max(created_at) DESC LIMIT 1000' USING query, wanted, sees_names;
END $$
"""
TAGGED = f"""
CREATE FUNCTION qd_tickets_tagged(wanted text[]) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT id FROM ticket WHERE qd_may('tickets:read') AND tags && wanted AND {rls.in_scope("tenant_id")}
    ORDER BY created_at DESC LIMIT 10000
$$
"""
# Who gives out tickets may note who had one last, and nothing else of an agent.
ASSIGNED = """
CREATE FUNCTION qd_agents_assigned(operators uuid[], moment timestamptz) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    UPDATE support_agent SET last_assigned_at = moment
    WHERE operator_id = ANY (operators) AND qd_may('tickets:update')
$$
"""
SCOPE = rls.in_scope("tenant_id")
OWN = "operator_id = (SELECT nullif(current_setting('qd.operator', true), '')::uuid)"
ADDED = "added_by = (SELECT nullif(current_setting('qd.operator', true), '')::uuid)"
SEEN = f"{rls.may('tickets:read')} AND {SCOPE}"
MADE = f"{rls.may('tickets:create')} AND {SCOPE}"
CHANGED = f"{rls.may('tickets:update')} AND {SCOPE}"


def _security() -> Iterator[str]:
    unused = f"(ticket_id IS NULL AND ({ADDED} OR {SCOPE}))"
    yield from rls.policies(
        "ticket_attachment",
        select=f"{rls.may('tickets:read')} AND ({SCOPE} OR {unused})",
        insert=f"{rls.may('tickets:create')} AND ({SCOPE} OR {unused})",
        update=f"{rls.may('tickets:create')} AND ({SCOPE} OR {unused})",
        delete=rls.ITSELF,
    )
    watched = f"{MADE} AND ({OWN} OR {rls.may('tickets:update')})"
    yield from rls.policies("ticket_watcher", select=SEEN, insert=watched, delete=watched)
    yield from rls.policies("ticket_link", select=SEEN, insert=MADE, delete=CHANGED)
    yield from rls.policies("ticket_draft", select=OWN, insert=OWN, update=OWN, delete=OWN)
    agents = rls.may("tickets:update")
    yield from rls.policies(
        "ticket_macro", select=rls.may("tickets:read"), insert=agents, update=agents, delete=rls.ITSELF
    )


def upgrade() -> None:
    _tickets()
    _files()
    _ties()
    _writing()
    for statement in (FOUND, TAGGED, ASSIGNED, *_security()):
        op.execute(statement)


def _tickets() -> None:
    op.add_column("ticket", sa.Column("mail_id", sa.Text(), nullable=True))
    op.create_index(
        "uq_ticket_mail_id", "ticket", ["mail_id"], unique=True, postgresql_where=sa.text("mail_id IS NOT NULL")
    )
    op.drop_index("ix_ticket_due", "ticket")
    op.create_index("ix_ticket_due", "ticket", ["due_at", "id"])
    op.create_index("ix_ticket_updated", "ticket", ["updated_at", "id"])
    op.create_index(
        "ix_ticket_merged", "ticket", ["merged_into_id"], postgresql_where=sa.text("merged_into_id IS NOT NULL")
    )
    op.create_index(
        "ix_ticket_people",
        "ticket",
        [sa.literal_column("qd_words((requester_name || ' ') || coalesce(requester_email, ''))")],
        postgresql_using="gin",
    )


def _files() -> None:
    op.create_table(
        "ticket_attachment",
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["ticket_message.id"], name=op.f("fk_ticket_attachment_message_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_attachment_tenant_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_attachment_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_attachment")),
    )
    op.create_index("ix_ticket_attachment_of", "ticket_attachment", ["ticket_id", "message_id"])
    op.create_index("ix_ticket_attachment_digest", "ticket_attachment", ["digest"])
    op.create_index(
        "ix_ticket_attachment_unused",
        "ticket_attachment",
        ["created_at"],
        postgresql_where=sa.text("ticket_id IS NULL"),
    )


def _ties() -> None:
    op.create_table(
        "ticket_watcher",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("why IN ('chosen', 'mentioned')", name=op.f("ck_ticket_watcher_why")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_ticket_watcher_operator_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_watcher_tenant_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_watcher_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "operator_id", name=op.f("pk_ticket_watcher")),
    )
    op.create_index(op.f("ix_ticket_watcher_operator_id"), "ticket_watcher", ["operator_id"])
    op.create_table(
        "ticket_link",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('ticket', 'incident', 'error')", name=op.f("ck_ticket_link_kind")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ticket_link_tenant_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_link_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_link")),
    )
    op.create_index("uq_ticket_link_target", "ticket_link", ["ticket_id", "kind", "target"], unique=True)
    op.create_index("ix_ticket_link_target", "ticket_link", ["kind", "target"])


def _writing() -> None:
    op.create_table(
        "ticket_draft",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_ticket_draft_operator_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_draft_ticket_id")),
        sa.PrimaryKeyConstraint("operator_id", "ticket_id", name=op.f("pk_ticket_draft")),
    )
    op.create_index("ix_ticket_draft_ticket_id", "ticket_draft", ["ticket_id"])
    op.create_table(
        "ticket_macro",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "priority IS NULL OR priority IN ('urgent', 'high', 'medium', 'low')", name=op.f("ck_ticket_macro_priority")
        ),
        sa.CheckConstraint(
            "status IS NULL OR status IN ('in_progress', 'waiting', 'resolved')", name=op.f("ck_ticket_macro_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_macro")),
    )
    op.create_index("uq_ticket_macro_name", "ticket_macro", [sa.literal_column("lower(name)")], unique=True)
