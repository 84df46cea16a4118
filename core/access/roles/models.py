"""Roles as data: what each may do and whose tenants it sees. The defaults are core/roles.py."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base


class RoleRow(Base):
    __tablename__ = "role"
    __resource__ = "roles"
    __table_args__ = (CheckConstraint("scope IN ('all', 'assigned')", name="scope"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    scope: Mapped[str]


class RoleGrant(Base):
    """One permission of a role: `resource:verb`, `resource:*` or `*`."""

    __tablename__ = "role_grant"
    __resource__ = "roles"

    role: Mapped[str] = mapped_column(ForeignKey("role.name", ondelete="CASCADE"), primary_key=True)
    permission: Mapped[str] = mapped_column(primary_key=True)
