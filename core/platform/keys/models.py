"""API keys, when each was last used, and how much. Fields after the admin tools document, section 11.1."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.health.requests.models import RequestRecord
from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.rollups import Dimension, Rollup


class ApiKey(Identified, Stamped, Versioned, Base):
    """A key is bound to a tenant, or to none: then it is the platform's own.

    After a rotation `previous_digest` counts beside `secret_digest` until `previous_expires_at`; it stays stored, so that
    a leaked key can be traced later.
    """

    __tablename__ = "api_key"
    __resource__ = "api_keys"
    __table_args__ = (
        CheckConstraint("mode IN ('live', 'test')", name="mode"),
        CheckConstraint("rate_limit_per_minute > 0", name="rate_limit_per_minute"),
        Index("ix_api_key_created", "created_at", "id"),
        Index("ix_api_key_name", text("lower(name) text_pattern_ops")),
    )

    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    mode: Mapped[str]
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info={"secret": True})
    hint: Mapped[str] = mapped_column(index=True)
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime | None]
    rate_limit_per_minute: Mapped[int]
    allowed_networks: Mapped[list[str]]
    created_by: Mapped[UUID | None]
    created_by_name: Mapped[str]
    rotated_at: Mapped[datetime | None]
    previous_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True, info={"secret": True})
    previous_expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None]
    revocation_reason: Mapped[str | None]


class ApiKeyUse(Base):
    """When and from where a key was first and last used, and when with the secret before its rotation."""

    __tablename__ = "api_key_use"
    __resource__ = "api_keys"
    __observation__ = True

    key_id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID | None]
    first_used_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    last_ip: Mapped[str | None]
    previous_used_at: Mapped[datetime | None]


KEY_ROLLUP = Rollup(
    "api_key_rollup", RequestRecord, "at", "api_keys",
    dimensions=(
        Dimension("key_id", Uuid()),
        Dimension("tenant_id", Uuid()),
        Dimension("status_class", BigInteger(), "source.status / 100"),
    ),
    sums=("duration_ms",),
    counts={"limited": "source.status = 429"},
    where="source.key_id IS NOT NULL",
    kept_days={"minute": 2, "hour": 90},
)  # fmt: skip

# One key's course is read by its id, and the rollup's own index begins with the time.
for _model in (KEY_ROLLUP.hour, KEY_ROLLUP.day):
    Index(f"ix_{_model.__tablename__}_key", _model.__table__.c.key_id, _model.__table__.c.bucket)
