"""Server-side sessions. The browser holds an opaque token; the server keeps its digest."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified


class OperatorSession(Identified, Base):
    __tablename__ = "operator_session"
    __resource__ = "sessions"

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"), index=True)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info={"secret": True})
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    ip: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]


class SignInCode(Identified, Base):
    """Stands between the form, which cannot set a cookie, and the route that can. Used once, for 30 s, by one browser."""

    __tablename__ = "sign_in_code"
    __resource__ = "sessions"

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"))
    code_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info={"secret": True})
    browser_digest: Mapped[bytes] = mapped_column(LargeBinary, info={"secret": True})
    expires_at: Mapped[datetime] = mapped_column(index=True)
