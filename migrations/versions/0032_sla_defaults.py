"""The calendars and the policy that support starts with, and what policies ask of a ticket's tenant."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

HOUR = 3600
# Iris section 5.1: hours to the resolution by priority; and hours to each response.
RESOLUTION = {"urgent": 4, "high": 8, "medium": 24, "low": 48}
RESPONSE = {"urgent": 1, "high": 2, "medium": 4, "low": 8}
WEEKDAYS = [[weekday, 9 * 60, 17 * 60] for weekday in range(5)]
ALWAYS, HOURS, STANDARD = (f"5a000000-0000-7000-8000-00000000000{place}" for place in (1, 2, 3))

# Who opens a ticket need not be able to read its tenant, such as an integration; the policy is chosen all the same.
KINDS = """
CREATE FUNCTION qd_tenant_kinds(ids uuid[]) RETURNS TABLE (id uuid, tier text, region text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT (qd_may('tickets:create') OR qd_may('tickets:read')) THEN RETURN; END IF;
    RETURN QUERY SELECT tenant.id, tenant.tier, tenant.region FROM tenant WHERE tenant.id = ANY (ids);
END $$
"""
CALENDAR = (
    "INSERT INTO sla_calendar (id, name, time_zone, is_always, periods, created_at, updated_at, version)"
    " VALUES (CAST(:id AS uuid), :name, 'UTC', :is_always, CAST(:periods AS jsonb), now(), now(), 1)"
)
POLICY = (
    "INSERT INTO sla_policy (id, name, position, calendar_id, conditions, targets, pauses_in, created_at, updated_at, version)"
    " VALUES (CAST(:id AS uuid), 'Standard', 1000, CAST(:calendar AS uuid), '{}', CAST(:targets AS jsonb), ARRAY['waiting'], now(), now(), 1)"
)


def upgrade() -> None:
    op.execute(KINDS)
    calendars = ((ALWAYS, "Always", True, []), (HOURS, "Business hours", False, WEEKDAYS))
    for key, name, is_always, periods in calendars:
        values = {"id": key, "name": name, "is_always": is_always, "periods": json.dumps(periods)}
        op.execute(sa.text(CALENDAR).bindparams(**values))
    targets = {
        priority: {"first_response": RESPONSE[priority] * HOUR, "next_response": RESPONSE[priority] * HOUR,
                   "resolution": hours * HOUR}
        for priority, hours in RESOLUTION.items()
    }  # fmt: skip
    op.execute(sa.text(POLICY).bindparams(id=STANDARD, calendar=ALWAYS, targets=json.dumps(targets)))
