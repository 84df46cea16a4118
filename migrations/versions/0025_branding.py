"""White-label settings and dedicated infrastructure."""

import sqlalchemy as sa
from alembic import op

from core.kernel import rls

revision = "0025"
down_revision = "0024"

_MINE = f" AND {rls.in_scope('tenant_id')}"
_BRANDS = rls.may("branding:update") + _MINE
# Who requests infrastructure writes its checklist and what it violates; who keeps it writes violations too.
_KEEPS = f"({rls.may('infrastructure:create')} OR {rls.may('infrastructure:update')}){_MINE}"
_SEES = rls.may("infrastructure:read") + _MINE
SECURITY = [
    *(
        statement
        for table in ("tenant_branding", "tenant_logo", "branding_domain")
        for statement in rls.policies(
            table, select=f"({rls.may('branding:read')} OR {rls.may('branding:update')}){_MINE}", insert=_BRANDS,
            update=_BRANDS, delete=_BRANDS,
        )
    ),
    *rls.observe("branding_domain_check", readable_by="branding:read", tenant_column="tenant_id"),
    *rls.policies(
        "infrastructure", select=f"({rls.may('infrastructure:read')} OR {_KEEPS.removesuffix(_MINE)}){_MINE}",
        insert=rls.may("infrastructure:create") + _MINE, update=rls.may("infrastructure:update") + _MINE, delete=rls.ITSELF,
    ),
    *rls.policies(
        "infrastructure_step", select=f"({rls.may('infrastructure:read')} OR {_KEEPS.removesuffix(_MINE)}){_MINE}",
        insert=rls.may("infrastructure:create") + _MINE, update=rls.may("infrastructure:update") + _MINE, delete=rls.ITSELF,
    ),
    *rls.policies(
        "residency_violation", select=f"({rls.may('infrastructure:read')} OR {_KEEPS.removesuffix(_MINE)}){_MINE}",
        insert=_KEEPS, update=_KEEPS, delete=rls.ITSELF,
    ),
]  # fmt: skip


def _stamps(*, has_id: bool = True) -> list[sa.Column]:
    stamps = [
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    ]
    return [sa.Column("id", sa.Uuid(), nullable=False), *stamps] if has_id else stamps


def _texts(*names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def _branding() -> None:
    op.create_table(
        "tenant_branding",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *_texts("company_name", "support_email", "sender_name", nullable=True),
        *_texts("background_color", "text_color", "button_color", "button_text_color", nullable=True),
        *_stamps(has_id=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_tenant_branding_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_tenant_branding"),
    )
    op.create_table(
        "tenant_logo",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *_texts("media_type", "digest"),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("width", "height", "size_bytes")),
        *_stamps(has_id=False),
        _one_of("tenant_logo", "media_type", "image/png", "image/jpeg"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_tenant_logo_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_tenant_logo"),
    )


def _domains() -> None:
    op.create_table(
        "branding_domain",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *_texts("domain", "token", "state", "added_by_name"),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        *_stamps(),
        _one_of("branding_domain", "state", "pending", "verified", "failed", "lost"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_branding_domain_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_branding_domain"),
    )
    op.create_index("uq_branding_domain_tenant", "branding_domain", ["tenant_id", "domain"], unique=True)
    op.create_index(
        "uq_branding_domain_domain", "branding_domain", ["domain"], unique=True,
        postgresql_where=sa.text("state = 'verified'"),
    )  # fmt: skip
    op.create_index("ix_branding_domain_domain", "branding_domain", [sa.literal_column("domain text_pattern_ops")])
    op.create_table(
        "branding_domain_check",
        sa.Column("domain_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("finding", "told"),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        _one_of("branding_domain_check", "finding", "found", "absent", "wrong", "unreachable"),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["branding_domain.id"], name="fk_branding_domain_check_domain_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("domain_id", name="pk_branding_domain_check"),
    )
    op.create_index("ix_branding_domain_check_tenant_id", "branding_domain_check", ["tenant_id"])
    op.create_index(
        "ix_branding_domain_check_due", "branding_domain_check", ["next_check_at"],
        postgresql_where=sa.text("next_check_at IS NOT NULL"),
    )  # fmt: skip


def _infrastructure() -> None:
    op.create_table(
        "infrastructure",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *_texts("status", "provider", "region", "requested_by_name"),
        *_texts("region_group", "host", "database_name", "database_version", "compute", "notes", "retirement_reason",
                nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("cpus", "memory_gb", "storage_gb")),
        sa.Column("provisioned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        *_stamps(),
        _one_of("infrastructure", "status", "requested", "provisioning", "ready", "retired"),
        _one_of("infrastructure", "provider", "aws", "azure", "gcp", "other"),
        _one_of("infrastructure", "region_group", "US", "EU", "APAC", "Other"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_infrastructure_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_infrastructure"),
    )  # fmt: skip
    op.create_index("ix_infrastructure_created", "infrastructure", ["created_at", "id"])
    op.create_index("ix_infrastructure_tenant", "infrastructure", ["tenant_id", "status"])
    op.create_index("ix_infrastructure_host", "infrastructure", [sa.literal_column("host text_pattern_ops")])
    op.create_index(
        "uq_infrastructure_database", "infrastructure", ["host", "database_name"], unique=True,
        postgresql_where=sa.text("status <> 'retired'"),
    )  # fmt: skip


def _steps() -> None:
    op.create_table(
        "infrastructure_step",
        sa.Column("infrastructure_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        *_texts("key", "title", "about", "team", "state"),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        *_texts("owner_name", "evidence", "done_by_name", nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        *_stamps(),
        _one_of("infrastructure_step", "state", "open", "in_progress", "blocked", "done", "skipped"),
        sa.ForeignKeyConstraint(
            ["infrastructure_id"],
            ["infrastructure.id"],
            name="fk_infrastructure_step_infrastructure_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_infrastructure_step"),
    )
    op.create_index("ix_infrastructure_step_tenant_id", "infrastructure_step", ["tenant_id"])
    op.create_index("uq_infrastructure_step_key", "infrastructure_step", ["infrastructure_id", "key"], unique=True)
    op.create_index(
        "ix_infrastructure_step_due", "infrastructure_step", ["due_on", "id"],
        postgresql_where=sa.text("state NOT IN ('done', 'skipped')"),
    )  # fmt: skip


def _violations() -> None:
    op.create_table(
        "residency_violation",
        sa.Column("infrastructure_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *_texts("tenant_region", "region_group", "cause", "caused_by_name"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        *_texts("settled_by_name", "settlement", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["infrastructure_id"],
            ["infrastructure.id"],
            name="fk_residency_violation_infrastructure_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_residency_violation"),
    )
    op.create_index("ix_residency_violation_tenant_id", "residency_violation", ["tenant_id"])
    op.create_index("ix_residency_violation_opened", "residency_violation", ["opened_at", "id"])
    op.create_index(
        "uq_residency_violation_open", "residency_violation", ["infrastructure_id"], unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )  # fmt: skip


def upgrade() -> None:
    _branding()
    _domains()
    _infrastructure()
    _steps()
    _violations()
    for statement in SECURITY:
        op.execute(statement)
