"""Access: roles with their default grants, operators, sessions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls
from core.roles import ROLES

revision = "0002"
down_revision = "0001"

SECURITY = [
    *rls.policies(
        "role",
        select="true",
        insert=rls.may("roles:create"),
        update=rls.may("roles:update"),
        delete=rls.may("roles:delete"),
    ),
    *rls.policies("role_grant", select="true", insert=rls.may("roles:update"), delete=rls.may("roles:update")),
    *rls.secure("operator", "operators"),
    *rls.secure("operator_session", "sessions"),
    *rls.secure("sign_in_code", "sessions"),
]


def upgrade() -> None:
    op.create_table(
        "role",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.CheckConstraint("scope IN ('all', 'assigned')", name="ck_role_scope"),
        sa.PrimaryKeyConstraint("name", name="pk_role"),
    )
    op.create_table(
        "operator",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_by", sa.Uuid(), nullable=True),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("scope IN ('all', 'assigned')", name="ck_operator_scope"),
        sa.ForeignKeyConstraint(["role"], ["role.name"], name="fk_operator_role"),
        sa.PrimaryKeyConstraint("id", name="pk_operator"),
    )
    op.create_index("uq_operator_email", "operator", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "role_grant",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["role"], ["role.name"], name="fk_role_grant_role", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("role", "permission", name="pk_role_grant"),
    )
    op.create_table(
        "operator_session",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ip", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name="fk_operator_session_operator_id"),
        sa.PrimaryKeyConstraint("id", name="pk_operator_session"),
        sa.UniqueConstraint("token_digest", name="uq_operator_session_token_digest"),
    )
    op.create_index("ix_operator_session_expires_at", "operator_session", ["expires_at"], unique=False)
    op.create_index("ix_operator_session_operator_id", "operator_session", ["operator_id"], unique=False)
    op.create_table(
        "sign_in_code",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name="fk_sign_in_code_operator_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_code"),
        sa.UniqueConstraint("code_digest", name="uq_sign_in_code_code_digest"),
    )
    op.create_index("ix_sign_in_code_expires_at", "sign_in_code", ["expires_at"], unique=False)
    for statement in SECURITY:
        op.execute(statement)
    _insert_default_roles()


def _insert_default_roles() -> None:
    role = sa.table("role", *map(sa.column, ("name", "title", "scope")))
    op.bulk_insert(role, [{"name": name, "title": one.title, "scope": one.scope} for name, one in ROLES.items()])
    grant = sa.table("role_grant", *map(sa.column, ("role", "permission")))
    grants = [(name, permission) for name, one in ROLES.items() for permission in sorted(one.grants)]
    op.bulk_insert(grant, [{"role": name, "permission": permission} for name, permission in grants])
