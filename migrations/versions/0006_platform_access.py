"""Grants of webhooks, feature flags and API keys; an API key may be bound to one tenant's rows."""

from alembic import op

from core.roles import ROLES

revision = "0006"
down_revision = "0005"

RESOURCES = ("webhooks:", "flags:", "api_keys:")
SIGHT = """
CREATE OR REPLACE FUNCTION qd_tenants() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    scope text := coalesce(current_setting('qd.scope', true), '');
BEGIN
    IF scope LIKE 'tenant:%' THEN RETURN ARRAY[split_part(scope, ':', 2)::uuid]; END IF;
    RETURN coalesce((SELECT array_agg(tenant_id) FROM tenant_assignment
                     WHERE operator_id = nullif(current_setting('qd.operator', true), '')::uuid), '{}');
END $$
"""


def upgrade() -> None:
    op.execute(SIGHT)
    for role, one in ROLES.items():
        for permission in sorted(one.grants):
            if permission.startswith(RESOURCES):
                op.execute(
                    f"INSERT INTO role_grant (role, permission) VALUES ('{role}', '{permission}') ON CONFLICT DO NOTHING"
                )
