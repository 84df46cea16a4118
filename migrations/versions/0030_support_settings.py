"""Support's teams, agents, calendars and policies; and who may do what of support."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.kernel import rls
from core.roles import ROLES

revision = "0030"
down_revision = "0029"

WORKS = f"({rls.may('tickets:read')} OR {rls.may('tickets:create')} OR {rls.may('support_settings:read')})"
SETTINGS = ("support_team", "support_agent", "sla_calendar", "sla_holiday", "sla_policy")


def _security() -> Iterator[str]:
    for table in SETTINGS:
        change = rls.may("support_settings:update")
        yield from rls.policies(table, select=WORKS, insert=change, update=change, delete=change)
    yield from rls.policies("sla_terms", select=WORKS, insert=rls.may("tickets:create"), delete=rls.ITSELF)


def _grants() -> Iterator[str]:
    for role, one in ROLES.items():
        for permission in sorted(one.grants):
            yield f"INSERT INTO role_grant (role, permission) VALUES ('{role}', '{permission}') ON CONFLICT DO NOTHING"


def upgrade() -> None:
    _teams()
    _calendars()
    _policies()
    for statement in (*_security(), *_grants()):
        op.execute(statement)


def _teams() -> None:
    op.create_table(
        "support_team",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["operator.id"], name=op.f("fk_support_team_lead_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["operator.id"], name=op.f("fk_support_team_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_team")),
    )
    op.create_index("uq_support_team_name", "support_team", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "support_agent",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("last_assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("capacity BETWEEN 1 AND 1000", name=op.f("ck_support_agent_capacity")),
        sa.ForeignKeyConstraint(["operator_id"], ["operator.id"], name=op.f("fk_support_agent_operator_id")),
        sa.ForeignKeyConstraint(["team_id"], ["support_team.id"], name=op.f("fk_support_agent_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_agent")),
        sa.UniqueConstraint("operator_id", name=op.f("uq_support_agent_operator_id")),
    )
    op.create_index(op.f("ix_support_agent_team_id"), "support_agent", ["team_id"], unique=False)


def _calendars() -> None:
    op.create_table(
        "sla_calendar",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("is_always", sa.Boolean(), nullable=False),
        sa.Column("periods", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_calendar")),
    )
    op.create_index("uq_sla_calendar_name", "sla_calendar", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "sla_holiday",
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["sla_calendar.id"], name=op.f("fk_sla_holiday_calendar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_holiday")),
    )
    op.create_index("uq_sla_holiday_day", "sla_holiday", ["calendar_id", "day"], unique=True)


def _policies() -> None:
    op.create_table(
        "sla_policy",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("calendar_id", sa.Uuid(), nullable=False),
        sa.Column("conditions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("targets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pauses_in", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["calendar_id"], ["sla_calendar.id"], name=op.f("fk_sla_policy_calendar_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policy")),
    )
    op.create_index("uq_sla_policy_name", "sla_policy", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "sla_terms",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["sla_policy.id"], name=op.f("fk_sla_terms_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_terms")),
        sa.UniqueConstraint("digest", name=op.f("uq_sla_terms_digest")),
    )
    op.create_index(op.f("ix_sla_terms_policy_id"), "sla_terms", ["policy_id"], unique=False)
