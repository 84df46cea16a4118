"""What was removed of a purged tenant, and the certificate of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified
from core.kernel.times import utc_now


class PurgeCount(Base):
    """How many rows a purge removed from one table, counted in the transaction that removed them: a purge that was
    interrupted goes on without forgetting any."""

    __tablename__ = "purge_count"
    __resource__ = "tenants"
    __observation__ = True

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    removed: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(default=utc_now)


class DeletionCertificate(Identified, Base):
    """Says what was removed and what is kept. `document` is canonical JSON, exactly the bytes that were digested and signed.

    `digest` is its SHA-256 in hexadecimal, `signature` Ed25519 over its bytes, both it and `public_key` in base64.
    """

    __tablename__ = "deletion_certificate"
    __resource__ = "tenants"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    document: Mapped[str]
    digest: Mapped[str]
    signature: Mapped[str]
    key_id: Mapped[str]
    public_key: Mapped[str]
