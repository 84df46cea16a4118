"""Saved views, exports, invitations of the tenants' people, and how these are found by their words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls

revision = "0022"
down_revision = "0021"

# Words in lower case without accents. Immutable, so that an index can hold them; nothing but built-in functions, because
# an index is built without a search path.
WORDS = """
CREATE FUNCTION qd_words(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_to_tsvector(array_remove(string_to_array(regexp_replace(lower(regexp_replace(
        normalize(left($1, 500), NFKD), '[\\u0300-\\u036f]', '', 'g')), '[^[:alnum:]]+', ' ', 'g'), ' '), ''))
$$
"""
# Under row-level security an operator that is not leakproof, such as @@, never reaches an index. So ids are found here,
# as the owner, and read under the policies afterwards. Who may not see names finds nobody by parts of one.
FOUND = """
CREATE FUNCTION qd_users_found(given text, words text[]) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    word text; query tsquery; known uuid[]; step uuid[];
BEGIN
    IF NOT qd_may('users:read') THEN RETURN; END IF;
    IF NOT qd_may('users:pii') THEN
        RETURN QUERY SELECT id FROM tenant_user WHERE lower(email) = lower(given);
    END IF;
    FOREACH word IN ARRAY words LOOP
        query := (quote_literal(word) || ':*')::tsquery;
        step := ARRAY(SELECT id FROM tenant WHERE qd_words(name || ' ' || domain) @@ query);
        IF qd_may('users:pii') THEN
            step := ARRAY(SELECT id FROM tenant_user WHERE qd_words(name || ' ' || email) @@ query
                          UNION SELECT id FROM tenant_user WHERE tenant_id = ANY (step));
        ELSE
            step := ARRAY(SELECT id FROM tenant_user WHERE tenant_id = ANY (step));
        END IF;
        known := CASE WHEN known IS NULL THEN step
                 ELSE ARRAY(SELECT unnest(known) INTERSECT SELECT unnest(step)) END;
    END LOOP;
    RETURN QUERY SELECT unnest(known);
END $$
"""

OWN = "operator_id = (SELECT nullif(current_setting('qd.operator', true), '')::uuid)"
OF_USERS = rls.in_scope("tenant_id")
SECURITY = [
    *rls.policies("saved_view", select=OWN, insert=OWN, update=OWN, delete=OWN),
    *rls.policies(
        "data_export",
        select=f"{rls.may('audit:read')} AND (tenant_id IS NULL OR {rls.in_scope('tenant_id')})",
        insert=f"{rls.may('exports:create')} AND (tenant_id IS NULL OR {rls.in_scope('tenant_id')})",
        delete=rls.ITSELF,
    ),
    *rls.policies(
        "user_invitation",
        select=f"{rls.may('users:read')} AND {OF_USERS}",
        insert=f"{rls.may('users:update')} AND {OF_USERS}",
        update=f"{rls.may('users:update')} AND {OF_USERS}",
        delete=rls.ITSELF,
    ),
]


def upgrade() -> None:
    op.execute(WORDS)
    op.execute(FOUND)
    _views()
    _exports()
    _invitations()
    op.create_index("ix_tenant_user_created", "tenant_user", ["created_at", "id"])
    op.create_index("ix_tenant_user_of_tenant", "tenant_user", ["tenant_id", "created_at", "id"])
    op.create_index(
        "ix_tenant_user_words",
        "tenant_user",
        [sa.literal_column("qd_words(name || ' ' || email)")],
        postgresql_using="gin",
    )
    for statement in SECURITY:
        op.execute(statement)


def _views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", postgresql.JSONB(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name="fk_saved_view_operator_id"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
    )
    op.create_index(
        "uq_saved_view_name", "saved_view", ["operator_id", "page", sa.literal_column("lower(name)")], unique=True
    )
    op.create_index(
        "uq_saved_view_default",
        "saved_view",
        ["operator_id", "page"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )


def _exports() -> None:
    op.create_table(
        "data_export",
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("filters", postgresql.JSONB(), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("is_truncated", sa.Boolean(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("format IN ('csv', 'xlsx', 'json')", name=op.f("ck_data_export_format")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_data_export_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_data_export"),
    )
    op.create_index("ix_data_export_created", "data_export", ["created_at", "id"])
    op.create_index("ix_data_export_tenant_id", "data_export", ["tenant_id"])


def _invitations() -> None:
    op.create_table(
        "user_invitation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('queued', 'sent', 'failed', 'no mail server')", name=op.f("ck_user_invitation_outcome")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_user_invitation_tenant_id"),
        sa.ForeignKeyConstraint(["user_id"], ["tenant_user.id"], name="fk_user_invitation_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_user_invitation"),
        sa.UniqueConstraint("token_digest", name="uq_user_invitation_token_digest"),
    )
    op.create_index("ix_user_invitation_tenant_id", "user_invitation", ["tenant_id"])
    op.create_index("ix_user_invitation_user_id", "user_invitation", ["user_id"])
    op.create_index(
        "uq_user_invitation_current", "user_invitation", ["user_id"], unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )  # fmt: skip
