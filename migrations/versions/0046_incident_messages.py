"""Who wrote on a message, who holds a delivery, and texts to begin with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"

_HEAD = "{{incident.number}}: {{incident.title}}"
# Name, channel, state of the incident, subject, body.
TEMPLATES = (
    (
        "Status page: investigating", "status_page", "investigating", "{{incident.title}}",
        ("We are investigating a problem with {{incident.services}} that began at {{incident.started_at}}. "
        "We will tell more by {{next_update.at}}."),
    ),
    (
        "Status page: identified", "status_page", "identified", "{{incident.title}}",
        ("We have found what causes the problem with {{incident.services}} and work on putting it right. "
        "We will tell more by {{next_update.at}}."),
    ),
    (
        "Status page: monitoring", "status_page", "monitoring", "{{incident.title}}",
        "A fix is in place for {{incident.services}}. We watch whether it holds, and will tell more by {{next_update.at}}.",
    ),
    (
        "Status page: resolved", "status_page", "resolved", "{{incident.title}}",
        ("The problem with {{incident.services}}, which began at {{incident.started_at}} and lasted {{incident.duration}}, is "
        "resolved. We are sorry for the trouble."),
    ),
    (
        "Mail: affected customers", "mail", "investigating", "{{incident.title}}",
        ("Hello {{tenant.name}},\n\nsince {{incident.started_at}} there is a problem with {{incident.services}} that concerns "
        "you.\n\nWe work on it and will write again by {{next_update.at}}. There is nothing that you have to do.\n\n"
        "{{author.name}}\n{{incident.number}}"),
    ),
    (
        "Mail: resolved", "mail", "resolved", "Resolved: {{incident.title}}",
        ("Hello {{tenant.name}},\n\nthe problem with {{incident.services}} is resolved. It began at {{incident.started_at}} and "
        "lasted {{incident.duration}}.\n\nWe are sorry for the trouble. Answer your contact with us if something still does not "
        "work.\n\n{{author.name}}\n{{incident.number}}"),
    ),
    (
        "Slack: new incident", "slack", "investigating", f"{{{{incident.severity}}}} {_HEAD}",
        ("{{incident.status}} since {{incident.started_at}}. Services: {{incident.services}}. Affected: {{impact.tenants}} tenants, "
        "{{impact.requests_failed}} failed requests.\n{{incident.url}}"),
    ),
    (
        "Slack: update", "slack", None, _HEAD,
        ("Now: {{incident.status}} after {{incident.duration}}. Affected: {{impact.tenants}} tenants. Next update by "
        "{{next_update.at}}.\n{{incident.url}}"),
    ),
)  # fmt: skip


def upgrade() -> None:
    op.add_column("incident_message", sa.Column("next_update_minutes", sa.BigInteger(), nullable=True))
    op.add_column(
        "incident_message",
        sa.Column("author_ids", postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.alter_column("incident_message", "author_ids", server_default=None)
    op.add_column("incident_delivery", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_incident_delivery_tenant_id",
        "incident_delivery",
        ["tenant_id"],
        unique=False,
        postgresql_where=sa.text("tenant_id IS NOT NULL"),
    )
    _texts()


def _texts() -> None:
    made = sa.text(
        "INSERT INTO message_template (id, name, channel, status, subject, body, created_at, updated_at, version) "
        "VALUES (gen_random_uuid(), :name, :channel, :status, :subject, :body, now(), now(), 1)"
    )
    columns = ("name", "channel", "status", "subject", "body")
    for template in TEMPLATES:
        op.execute(made.bindparams(**dict(zip(columns, template, strict=True))))
