"""Mails of tickets in both directions, and surveys."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from core.kernel import rls

revision = "0035"
down_revision = "0034"

SCOPE = rls.in_scope("tenant_id")
SEEN = f"{rls.may('tickets:read')} AND {SCOPE}"
MADE = f"{rls.may('tickets:create')} AND {SCOPE}"
ANSWERED = f"({rls.may('tickets:create')} OR {rls.may('tickets:update')}) AND {SCOPE}"
# What colleagues say among themselves is for nobody whose sight ends at one tenant, such as the key of its front end.
AMONG_OURSELVES = "(NOT is_internal OR left((SELECT current_setting('qd.scope', true)), 7) <> 'tenant:')"
# The accounts with an address: under row-level security no index on lower(email) is used, as lower() is not leakproof.
PEOPLE = """
CREATE FUNCTION qd_people_of_address(given text) RETURNS TABLE (id uuid, tenant_id uuid, name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT qd_may('*') THEN RETURN; END IF;
    RETURN QUERY SELECT u.id, u.tenant_id, u.name FROM tenant_user u JOIN tenant t ON t.id = u.tenant_id
        WHERE lower(u.email) = lower(given) AND u.deactivated_at IS NULL AND t.status NOT IN ('deleted', 'purged')
        ORDER BY u.last_seen_at DESC NULLS LAST, u.id LIMIT 5;
END $$
"""


def _security() -> Iterator[str]:
    for table in ("ticket_mail", "inbound_mail"):
        yield from rls.policies(table, select=SEEN, insert=rls.ITSELF, update=rls.ITSELF, delete=rls.ITSELF)
    yield from rls.policies("survey", select=SEEN, insert=MADE, update=ANSWERED, delete=rls.ITSELF)
    yield f"ALTER POLICY ticket_message_select ON ticket_message USING ({SEEN} AND {AMONG_OURSELVES})"


def upgrade() -> None:
    _survey()
    _mail()
    _inbound()
    op.execute(PEOPLE)
    op.execute("REVOKE ALL ON FUNCTION qd_people_of_address(text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION qd_people_of_address(text) TO quarterdeck_app")
    for statement in _security():
        op.execute(statement)


def _refers(table: str, **targets: str) -> Iterator[sa.ForeignKeyConstraint]:
    for column, target in targets.items():
        yield sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _moment(name: str, *, null: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _survey() -> None:
    op.create_table(
        "survey",
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("tenant_id", "ticket_id", "user_id", "team_id", "agent_id")),
        sa.Column("quarter", sa.Date(), nullable=True),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        _moment("created_at", null=False),
        _moment("expires_at", null=False),
        _moment("answered_at"),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        _moment("followed_up_at"),
        sa.Column("followed_up_by", sa.Uuid(), nullable=True),
        sa.Column("followed_up_by_name", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('csat', 'nps')", name=op.f("ck_survey_kind")),
        sa.CheckConstraint("(kind = 'csat') = (ticket_id IS NOT NULL)", name=op.f("ck_survey_ticket")),
        sa.CheckConstraint("(kind = 'nps') = (quarter IS NOT NULL)", name=op.f("ck_survey_quarter")),
        sa.CheckConstraint(
            "score BETWEEN CASE kind WHEN 'csat' THEN 1 ELSE 0 END AND CASE kind WHEN 'csat' THEN 5 ELSE 10 END",
            name=op.f("ck_survey_score"),
        ),
        sa.CheckConstraint("(score IS NULL) = (answered_at IS NULL)", name=op.f("ck_survey_answered")),
        *_refers("survey", tenant_id="tenant", ticket_id="ticket", user_id="tenant_user", team_id="support_team",
                 agent_id="operator"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
    )  # fmt: skip
    op.create_index("uq_survey_token_digest", "survey", ["token_digest"], unique=True)
    op.create_index("ix_survey_asked", "survey", ["kind", "created_at"])
    op.create_index("ix_survey_tenant_id", "survey", ["tenant_id"])
    for name, columns, where in (
        ("ix_survey_answered", ["kind", "answered_at", "id"], "answered_at IS NOT NULL"),
        ("ix_survey_low", ["answered_at", "id"], "kind = 'csat' AND score <= 2 AND followed_up_at IS NULL"),
        ("ix_survey_ticket", ["ticket_id", "created_at"], "ticket_id IS NOT NULL"),
        ("ix_survey_of_quarter", ["quarter"], "quarter IS NOT NULL"),
    ):
        op.create_index(name, "survey", columns, postgresql_where=sa.text(where))
    op.create_index(
        "uq_survey_quarter", "survey", ["user_id", "quarter"], unique=True, postgresql_where=sa.text("kind = 'nps'")
    )


def _mail() -> None:
    op.create_table(
        "ticket_mail",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("ticket_id", "tenant_id", "message_id", "survey_id")),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        _moment("queued_at", null=False),
        _moment("finished_at"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('created', 'reply', 'resolved', 'assigned', 'received', 'mentioned', 'nps')",
            name=op.f("ck_ticket_mail_kind"),
        ),
        sa.CheckConstraint(
            "outcome IN ('queued', 'sent', 'failed', 'bounced', 'no mail server', 'dropped')",
            name=op.f("ck_ticket_mail_outcome"),
        ),
        *_refers("ticket_mail", ticket_id="ticket", tenant_id="tenant", message_id="ticket_message", survey_id="survey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_mail")),
    )  # fmt: skip
    op.create_index("uq_ticket_mail_event", "ticket_mail", ["event_id", "kind", "recipient"], unique=True)
    op.create_index("ix_ticket_mail_of", "ticket_mail", ["ticket_id", "queued_at"])
    op.create_index("ix_ticket_mail_tenant_id", "ticket_mail", ["tenant_id"])
    op.create_index(
        "ix_ticket_mail_survey", "ticket_mail", ["survey_id"], postgresql_where=sa.text("survey_id IS NOT NULL")
    )


def _inbound() -> None:
    op.create_table(
        "inbound_mail",
        sa.Column("mail_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("ticket_id", "tenant_id")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("sender", "subject", "outcome")),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("refused_files", sa.BigInteger(), nullable=False),
        _moment("received_at", null=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('received', 'created', 'ignored', 'failed')", name=op.f("ck_inbound_mail_outcome")
        ),
        sa.CheckConstraint("via IN ('api', 'imap')", name=op.f("ck_inbound_mail_via")),
        *_refers("inbound_mail", ticket_id="ticket", tenant_id="tenant"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_mail")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_inbound_mail_mail_id")),
    )
    op.create_index("ix_inbound_mail_received", "inbound_mail", ["received_at", "id"])
    op.create_index("ix_inbound_mail_tenant_id", "inbound_mail", ["tenant_id"])
    op.create_index(
        "ix_inbound_mail_ticket", "inbound_mail", ["ticket_id", "received_at"],
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )  # fmt: skip
