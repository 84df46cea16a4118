"""How a tenant shows itself to its own people: names, colours, logo and domains. After ADR-020, "WhiteLabelConfig"."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.branding.challenge import FINDINGS, STATES
from core.kernel.models import Base, Identified, Stamped, Versioned


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class TenantBranding(Stamped, Versioned, Base):
    """Names and colours; NULL is the product's own. Colours are `#rrggbb` in lower case."""

    __tablename__ = "tenant_branding"
    __resource__ = "branding"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    company_name: Mapped[str | None]
    support_email: Mapped[str | None]
    sender_name: Mapped[str | None]
    background_color: Mapped[str | None]
    text_color: Mapped[str | None]
    button_color: Mapped[str | None]
    button_text_color: Mapped[str | None]


class TenantLogo(Stamped, Versioned, Base):
    """The logo as it is served, after it was drawn anew from what was uploaded; `digest` is SHA-256 in hexadecimal.

    `content` is kept out of the audit trail by its mark; digest, measures and size tell there what was changed.
    """

    __tablename__ = "tenant_logo"
    __resource__ = "branding"
    __table_args__ = (_one_of("media_type", ("image/png", "image/jpeg")),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, info={"secret": True})
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    digest: Mapped[str]


class BrandingDomain(Identified, Stamped, Versioned, Base):
    """A domain of the tenant's own, in ASCII. Several may claim one; it belongs to the one that has it verified."""

    __tablename__ = "branding_domain"
    __resource__ = "branding"
    __table_args__ = (
        _one_of("state", STATES),
        Index("uq_branding_domain_tenant", "tenant_id", "domain", unique=True),
        Index("uq_branding_domain_domain", "domain", unique=True, postgresql_where=text("state = 'verified'")),
        Index("ix_branding_domain_domain", text("domain text_pattern_ops")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    domain: Mapped[str]
    token: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending")
    verified_at: Mapped[datetime | None]
    lost_at: Mapped[datetime | None]
    added_by_name: Mapped[str]


class BrandingDomainCheck(Base):
    """What the name servers said last, and when they are asked again; NULL: not by itself any more."""

    __tablename__ = "branding_domain_check"
    __resource__ = "branding"
    __observation__ = True
    __table_args__ = (
        _one_of("finding", FINDINGS),
        Index("ix_branding_domain_check_due", "next_check_at", postgresql_where=text("next_check_at IS NOT NULL")),
    )

    domain_id: Mapped[UUID] = mapped_column(ForeignKey("branding_domain.id", ondelete="CASCADE"), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(index=True)
    checked_at: Mapped[datetime]
    finding: Mapped[str]
    told: Mapped[str]
    next_check_at: Mapped[datetime | None]
