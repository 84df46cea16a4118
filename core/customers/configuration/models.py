"""What tenants have of their own among the settings, what is asked for, and what was changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.configuration.rules import OPERATIONS, OUTCOMES
from core.kernel.crypto import EncryptedText
from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

CHANGES = ("set", "cleared", "expired")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class TenantSetting(Identified, Stamped, Versioned, Base):
    """An override: it counts until `expires_at`, whether or not it was removed by then. Of a secret, `value` is NULL.

    `approved_by_name` is who let it through, NULL where it was set directly.
    """

    __tablename__ = "tenant_setting"
    __resource__ = "configuration"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        CheckConstraint("(value IS NULL) <> (secret IS NULL)", name="value"),
        Index("ix_tenant_setting_key", "key", "created_at", "id"),
        Index("ix_tenant_setting_created", "created_at", "id"),
        Index("ix_tenant_setting_expiry", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    key: Mapped[str]
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    secret: Mapped[str | None] = mapped_column(EncryptedText("tenant_setting.secret"))
    reason: Mapped[str]
    expires_at: Mapped[datetime | None]
    set_by: Mapped[UUID | None]
    set_by_name: Mapped[str]
    approved_by_name: Mapped[str | None]


class TenantSettingRequest(Identified, Stamped, Versioned, Base):
    """A change that waits for a second person. `base_version` is that of the override it was made against, 0 for none.

    A secret is kept until the request is decided, and then no longer.
    """

    __tablename__ = "tenant_setting_request"
    __resource__ = "configuration"
    __table_args__ = (
        CheckConstraint(
            f"operation IN ({', '.join(repr(one) for one in OPERATIONS)})", name="operation"
        ),
        _one_of("outcome", OUTCOMES),
        Index(
            "uq_tenant_setting_request_waiting", "tenant_id", "key", unique=True, postgresql_where=text("outcome = 'waiting'")
        ),
        Index("ix_tenant_setting_request_outcome", "outcome", "created_at", "id"),
        Index("ix_tenant_setting_request_created", "created_at", "id"),
        Index("ix_tenant_setting_request_tenant", "tenant_id", "created_at", "id"),
    )  # fmt: skip

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    key: Mapped[str]
    operation: Mapped[str]
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    secret: Mapped[str | None] = mapped_column(EncryptedText("tenant_setting_request.secret"))
    reason: Mapped[str]
    expires_at: Mapped[datetime | None]
    base_version: Mapped[int] = mapped_column(BigInteger, default=0)
    proposed_by: Mapped[UUID]
    proposed_by_name: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="waiting")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    decided_by_name: Mapped[str | None]
    decision_reason: Mapped[str | None]


class TenantSettingChange(Base):
    """One change of one override; `before` and `after` are NULL where there was none, and for secrets.

    Its key is a number, so that events about settings name overrides alone.
    """

    __tablename__ = "tenant_setting_change"
    __resource__ = "configuration"
    __table_args__ = (
        _one_of("change", CHANGES),
        Index("ix_tenant_setting_change_key", "tenant_id", "key", "at", "id"),
        Index("ix_tenant_setting_change_tenant", "tenant_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    key: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utc_now)
    change: Mapped[str]
    before: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    by_name: Mapped[str]
    approved_by_name: Mapped[str | None]
    reason: Mapped[str | None]
    expires_at: Mapped[datetime | None]
