"""SQL over the rollups of tenants' requests and over urgent tickets: what periods tell beside their minutes.

Only requests to the product count, not pages of the portal. Latencies come from sketches, so they are within 1 % of the
request that they stand for.
"""

from core.customers.contracts.terms import TERMS
from core.kernel.sketch import GAMMA, LOG_GAMMA

CHANNELS = "('api', 'product')"
LENGTHS = {"hour": "1 hour", "day": "1 day", "month": "1 month", "quarter": "3 months"}


def latency_sql(key: str) -> str:
    """Milliseconds that stand for a sketch's bucket."""
    return f"2 * exp({key} * {LOG_GAMMA!r}) / {GAMMA + 1!r}"


def slower_sql(row: str, target: str) -> str:
    """How many timed requests of a rollup's row took longer than the target; no sketch is opened where none did."""
    return (
        f"CASE WHEN {row}.duration_ms_max > {target} THEN (SELECT coalesce(sum(k.count), 0)"
        f" FROM unnest({row}.sketch_keys, {row}.sketch_counts) AS k (key, count)"
        f" WHERE {latency_sql('CAST(k.key AS float8)')} > {target}) ELSE 0 END"
    )


def _percentile(share: float) -> str:
    return f"min({latency_sql('CAST(key AS float8)')}) FILTER (WHERE below >= {share} * whole)"


def _rows(grain: str, condition: str) -> str:
    return (
        f"SELECT total, errors, sketch_keys, sketch_counts FROM tenant_total_rollup_{grain} r"
        f" WHERE r.tenant_id = w.tenant_id AND r.channel IN {CHANNELS} AND {condition}"
    )


_LENGTH = " ".join(f"WHEN '{grain}' THEN interval '{length}'" for grain, length in LENGTHS.items())
_DAYS = "w.first_day < w.last_day AND"
# Periods of these grains that had not ended at :since, cut to the contract's life; with the full hours and days (UTC) in them.
_WINDOWS = f"""
terms AS MATERIALIZED ({TERMS}),
cut AS (
    SELECT p.contract_id, p.tenant_id, p.grain, p.bucket, greatest(p.bucket, l.since) AS starts_at,
           least(e.ends_at, l.until) AS ends_at
    FROM sla_period p
    JOIN (SELECT contract_id, time_zone, min(valid_from) AS since, max(valid_until) AS until FROM terms GROUP BY 1, 2) AS l
      ON l.contract_id = p.contract_id
    CROSS JOIN LATERAL (
        SELECT (p.bucket AT TIME ZONE l.time_zone + CASE p.grain {_LENGTH} END) AT TIME ZONE l.time_zone AS ends_at
    ) AS e
    WHERE p.grain = ANY (:grains) AND p.bucket > :since - interval '95 days' AND e.ends_at > :since
),
windows AS MATERIALIZED (
    SELECT c.*, date_trunc('hour', c.starts_at + interval '59 minutes 59.999999 seconds', 'UTC') AS first_hour,
           date_trunc('hour', c.ends_at, 'UTC') AS last_hour,
           date_trunc('day', c.starts_at + interval '23:59:59.999999', 'UTC') AS first_day,
           date_trunc('day', c.ends_at, 'UTC') AS last_day
    FROM cut c WHERE c.starts_at < c.ends_at
)"""
_TRAFFIC = f"""
held AS MATERIALIZED (
    SELECT w.contract_id, w.grain, w.bucket, r.* FROM windows w CROSS JOIN LATERAL (
        {_rows("day", f"{_DAYS} r.bucket >= w.first_day AND r.bucket < w.last_day")}
        UNION ALL
        {_rows("hour", "r.bucket >= w.first_hour AND r.bucket < w.last_hour")}
            AND NOT ({_DAYS} r.bucket >= w.first_day AND r.bucket < w.last_day)
        UNION ALL
        {_rows("minute", "r.bucket >= w.starts_at AND r.bucket < w.first_hour")}
        UNION ALL
        {_rows("minute", "r.bucket >= w.last_hour AND r.bucket < w.ends_at")}
    ) AS r
),
sums AS (SELECT contract_id, grain, bucket, sum(total) AS requests, sum(errors) AS errors FROM held GROUP BY 1, 2, 3),
latencies AS (
    SELECT contract_id, grain, bucket, {_percentile(0.5)} AS p50, {_percentile(0.95)} AS p95, {_percentile(0.99)} AS p99
    FROM (
        SELECT contract_id, grain, bucket, key, sum(count) OVER (w ORDER BY key) AS below, sum(count) OVER w AS whole
        FROM (
            SELECT contract_id, grain, bucket, key, sum(count) AS count FROM (
                SELECT contract_id, grain, bucket, unnest(sketch_keys) AS key, unnest(sketch_counts) AS count FROM held
            ) AS every GROUP BY 1, 2, 3, 4
        ) AS merged WINDOW w AS (PARTITION BY contract_id, grain, bucket)
    ) AS ranked GROUP BY 1, 2, 3
)"""
_ANSWERS = """
answers AS (
    SELECT w.contract_id, w.grain, w.bucket, count(*) AS responses,
           count(*) FILTER (WHERE k.answered_at IS NULL OR k.answered_at > k.due_at) AS late
    FROM windows w CROSS JOIN LATERAL (
        SELECT u.created_at + t.support_response_minutes * interval '1 minute' AS due_at,
               coalesce(u.first_response_at, u.resolved_at, u.closed_at) AS answered_at
        FROM terms t JOIN ticket u ON u.tenant_id = t.tenant_id AND u.created_at >= t.valid_from AND u.created_at < t.valid_until
        WHERE t.contract_id = w.contract_id AND u.tenant_id = w.tenant_id AND u.priority = 'urgent' AND u.merged_into_id IS NULL
          AND u.created_at >= w.starts_at - t.support_response_minutes * interval '1 minute'
          AND u.created_at < least(w.ends_at, now()) - t.support_response_minutes * interval '1 minute'
    ) AS k GROUP BY 1, 2, 3
)"""
FIGURES = f"""
WITH {_WINDOWS}, {_TRAFFIC}, {_ANSWERS}
UPDATE sla_period p SET requests = coalesce(s.requests, 0), errors = coalesce(s.errors, 0),
    error_rate = CAST(100.0 * s.errors / nullif(s.requests, 0) AS float8), latency_p50_ms = l.p50, latency_p95_ms = l.p95,
    latency_p99_ms = l.p99, responses = coalesce(a.responses, 0), responses_late = coalesce(a.late, 0), computed_at = :now
FROM windows w LEFT JOIN sums s USING (contract_id, grain, bucket) LEFT JOIN latencies l USING (contract_id, grain, bucket)
LEFT JOIN answers a USING (contract_id, grain, bucket)
WHERE p.contract_id = w.contract_id AND p.grain = w.grain AND p.bucket = w.bucket AND p.grain = ANY (:grains)
  AND p.bucket > :since - interval '95 days'
"""
