"""Questions to customers and their answers."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified
from core.kernel.times import utc_now


class Survey(Identified, Base):
    """One question to one person: `csat` about a resolved ticket (1 to 5), `nps` about us in a quarter (0 to 10).

    It is answered once, by the link whose token's digest is kept here, or through the API. Team and agent are those of the
    moment of asking. A low answer waits for a follow-up until somebody marks it as done.
    """

    __tablename__ = "survey"
    __resource__ = "tickets"
    __table_args__ = (
        CheckConstraint("kind IN ('csat', 'nps')", name="kind"),
        CheckConstraint("(kind = 'csat') = (ticket_id IS NOT NULL)", name="ticket"),
        CheckConstraint("(kind = 'nps') = (quarter IS NOT NULL)", name="quarter"),
        CheckConstraint("score BETWEEN CASE kind WHEN 'csat' THEN 1 ELSE 0 END AND CASE kind WHEN 'csat' THEN 5 ELSE 10 END",
                        name="score"),
        CheckConstraint("(score IS NULL) = (answered_at IS NULL)", name="answered"),
        Index("uq_survey_token_digest", "token_digest", unique=True),
        Index("uq_survey_quarter", "user_id", "quarter", unique=True, postgresql_where=text("kind = 'nps'")),
        Index("ix_survey_asked", "kind", "created_at"),
        Index("ix_survey_answered", "kind", "answered_at", "id", postgresql_where=text("answered_at IS NOT NULL")),
        Index("ix_survey_low", "answered_at", "id",
              postgresql_where=text("kind = 'csat' AND score <= 2 AND followed_up_at IS NULL")),
        Index("ix_survey_ticket", "ticket_id", "created_at", postgresql_where=text("ticket_id IS NOT NULL")),
        Index("ix_survey_of_quarter", "quarter", postgresql_where=text("quarter IS NOT NULL")),
        Index("ix_survey_tenant_id", "tenant_id"),
    )  # fmt: skip

    kind: Mapped[str]
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant_user.id"))
    quarter: Mapped[date | None]
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("support_team.id"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("operator.id"))
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    comment: Mapped[str | None]
    followed_up_at: Mapped[datetime | None]
    followed_up_by: Mapped[UUID | None]
    followed_up_by_name: Mapped[str | None]
