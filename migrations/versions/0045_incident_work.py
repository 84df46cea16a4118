"""Finding incidents by words; a ticket's link to an incident means one, and no longer an alert."""

import sqlalchemy as sa
from alembic import op

from core.kernel import rls

revision = "0045"
down_revision = "0044"

# Under row-level security @@ does not reach an index, because it is not leakproof. So ids are found here, as the owner, and
# read under the policies afterwards.
FOUND = """
CREATE FUNCTION qd_incidents_found(given text, wanted bigint) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    word text; part tsquery; query tsquery; plain text;
BEGIN
    IF NOT qd_may('incidents:read') OR coalesce(current_setting('qd.scope', true), '') LIKE 'tenant:%' THEN RETURN; END IF;
    plain := regexp_replace(normalize(given, NFKD), '[\\u0300-\\u036f]', '', 'g');
    FOREACH word IN ARRAY regexp_split_to_array(plain, '\\s+') LOOP
        part := plainto_tsquery('pg_catalog.simple', word);
        CONTINUE WHEN numnode(part) = 0;
        IF numnode(part) = 1 THEN part := (part::text || ':*')::tsquery; END IF;
        query := CASE WHEN query IS NULL THEN part ELSE query && part END;
    END LOOP;
    RETURN QUERY SELECT id FROM incident WHERE number = wanted
        UNION SELECT id FROM incident
        WHERE qd_text((((((title || ' ') || description) || ' ') || root_cause) || ' ') || resolution) @@ query LIMIT 1000;
END $$
"""

# An API key that is bound to a tenant reads the status page, and not what colleagues say among themselves.
COLLEAGUES = "(SELECT coalesce(current_setting('qd.scope', true), '')) NOT LIKE 'tenant:%'"
OURS = (
    "incident",
    "incident_event",
    "incident_link",
    "incident_role",
    "incident_correction",
    "incident_impact",
    "incident_message",
    "message_template",
    "post_mortem",
    "action_item",
)


def upgrade() -> None:
    op.execute(FOUND)
    op.drop_constraint(op.f("ck_ticket_link_kind"), "ticket_link", type_="check")
    # There were no incidents before: what was called one is an alert.
    op.execute("UPDATE ticket_link SET kind = 'alert' WHERE kind = 'incident'")
    op.execute(
        "UPDATE ticket_event SET detail = jsonb_set(detail, '{link}', '\"alert\"')"
        " WHERE kind IN ('linked', 'unlinked') AND detail ->> 'link' = 'incident'"
    )
    op.create_check_constraint(
        op.f("ck_ticket_link_kind"), "ticket_link", sa.text("kind IN ('ticket', 'incident', 'alert', 'error')")
    )
    for table in OURS:
        op.execute(f"ALTER POLICY {table}_select ON {table} USING ({rls.may('incidents:read')} AND {COLLEAGUES})")
