"""Contracts whose tenants are watched and asked: written by a few statements, whatever their number."""

from datetime import datetime

from bench.owner import owner

MINUTES = 90
_TENANTS = """
INSERT INTO tenant (id, name, domain, status, tier, region, seats, tags, created_at, updated_at, version)
SELECT gen_random_uuid(), 'Tenant ' || n, 'tenant-' || n || '.bench.example', 'active', 'enterprise', 'EU', 80, '{}', now(),
    now(), 1
FROM generate_series(CAST(%(first)s AS int), CAST(%(last)s AS int)) AS n
"""
_CONTRACTS = """
INSERT INTO contract (id, tenant_id, status, currency, time_zone, starts_on, account_executive, created_at, updated_at, version)
SELECT gen_random_uuid(), t.id, 'active', 'USD', (ARRAY['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'])[1 + n %% 4],
    current_date - 400, '', now(), now(), 1
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM tenant) AS t
WHERE NOT EXISTS (SELECT FROM contract c WHERE c.tenant_id = t.id)
"""
_VERSIONS = """
INSERT INTO contract_version (id, contract_id, tenant_id, number, effective_on, reason, annual_value, term_months, ends_on,
    renewal_on, notice_days, payment_terms, billing_cycle, support_level, uptime_target, latency_p99_ms, error_rate_target,
    support_response_minutes, credit_tiers, credit_cap, maintenance, maintenance_minutes, limits, created_by_name, created_at)
SELECT gen_random_uuid(), c.id, c.tenant_id, v, c.starts_on + 200 * (v - 1), '', 120000, 36, c.starts_on + 1095,
    c.starts_on + 1095, 60, 'net_30', 'monthly', 'enterprise', 99.95, 400, 1, 60, '[]', 100, 'excluded', 120, '{}', 'bench', now()
FROM contract c, generate_series(1, 2) AS v WHERE NOT EXISTS (SELECT FROM contract_version w WHERE w.contract_id = c.id)
"""
_MONITORS = """
WITH made AS (
    INSERT INTO monitor (id, name, description, kind, settings, target, interval_s, timeout_s, retries, retry_interval_s, tags,
        is_paused, allows_private, created_at, updated_at, version)
    SELECT t.id, t.name, '', 'http', '{}', 'x', 60, 10, 1, 20, '{}', false, false, now(), now(), 1 FROM tenant t
    WHERE NOT EXISTS (SELECT FROM monitor m WHERE m.id = t.id) RETURNING id
), bound AS (
    INSERT INTO monitor_tenant (monitor_id, tenant_id) SELECT id, id FROM made
), known AS (
    INSERT INTO monitor_state (monitor_id, state, since, failures, detail)
    SELECT id, 'up', now() - interval '9 days', 0, '' FROM made
)
INSERT INTO monitor_change (id, monitor_id, at, state, previous, cause)
SELECT gen_random_uuid(), id, now() - interval '9 days', 'up', 'unknown', '' FROM made
"""
# One in fifty goes down.
_DOWN = """
INSERT INTO monitor_change (id, monitor_id, at, state, previous, cause)
SELECT gen_random_uuid(), id, %(at)s, 'down', 'up', '' FROM monitor m
WHERE abs(hashtext(id::text)) %% 50 = 0
  AND NOT EXISTS (SELECT FROM monitor_change c WHERE c.monitor_id = m.id AND c.state = 'down')
"""
# Every tenant is asked each minute; one in a hundred is slow, one in a hundred fails.
_REQUESTS = """
INSERT INTO tenant_total_rollup_minute (bucket, tenant_id, channel, total, errors, timed, status_2xx, status_3xx,
    status_4xx, status_5xx, duration_ms_sum, duration_ms_max, duration_ms_min, sketch_keys, sketch_counts)
SELECT date_trunc('minute', now()) - n * interval '1 minute', t.id, 'product', 60, CASE WHEN h = 1 THEN 6 ELSE 0 END, 60, 60,
    0, 0, 0, 3000, CASE WHEN h = 2 THEN 700 ELSE 300 END, 10, k.keys, k.counts
FROM (SELECT id, abs(hashtext(id::text)) %% 100 AS h FROM tenant WHERE name LIKE 'Tenant %%') AS t,
    generate_series(0, CAST(%(minutes)s AS int)) AS n,
    LATERAL (SELECT array_agg(CAST(170 + i + CASE WHEN h = 2 THEN 145 ELSE 0 END AS smallint)) AS keys,
                    array_agg(2) AS counts FROM generate_series(1, 30) AS i) AS k
WHERE NOT EXISTS (SELECT FROM tenant_total_rollup_minute r WHERE r.tenant_id = t.id)
"""
# What the loop measures uptime by.
_LOOKS = """
INSERT INTO monitor_rollup_minute (bucket, monitor_id, state, is_counted, total, timed, seconds_sum, latency_ms_sum, sketch_keys,
    sketch_counts)
SELECT date_trunc('minute', now()) - n * interval '1 minute', m.id, 'up', true, 1, 0, 60, 0, '{}', '{}'
FROM monitor m, generate_series(0, CAST(%(minutes)s AS int)) AS n
"""


def fill(first: int, last: int, *, minutes: int = MINUTES) -> None:
    """Adds contracts `first` to `last` (numbers from 1)."""
    with owner() as connection:
        for statement in (_TENANTS, _CONTRACTS, _VERSIONS, _MONITORS, _REQUESTS):
            connection.execute(statement, {"first": first, "last": last, "minutes": minutes})
        connection.execute("VACUUM ANALYZE")


def watch(*, minutes: int = MINUTES) -> None:
    """Adds what the rollup of monitors has of them."""
    with owner() as connection:
        connection.execute(_LOOKS, {"minutes": minutes})
        connection.execute("VACUUM ANALYZE")


def break_some(at: datetime) -> None:
    """Those that are new: one in fifty of them is down from then on."""
    with owner() as connection:
        connection.execute(_DOWN, {"at": at})
