"""Violations: opened with the first bad minute, kept up to date, ended after good ones. Each is one row for good.

The minutes of a step that fell short are put together with what was open or had just ended; so a step that is taken again
finds the violation that it made. What late figures take back stays as a violation of no minutes.
"""

from datetime import datetime

from sqlalchemy import text

from core.customers.contracts.terms import TERMS
from core.kernel.telemetry import Recording
from core.kernel.times import utc_now
from core.reliability.sla.figures_sql import CHANNELS, latency_sql, slower_sql
from core.reliability.sla.judging import IN_FORCE
from core.reliability.sla.spans import counted_sql

LEAST_REQUESTS, OVER_MINUTES = 20, 5  # what latencies and errors are judged over
# ADR-020, section 3: the durations of the enum ImpactLevel, and the points and milliseconds of calculateImpact.
MAJOR_MINUTES, CRITICAL_MINUTES = 5, 30
MAJOR_POINTS, CRITICAL_POINTS = 0.05, 0.1
MAJOR_MS, CRITICAL_MS = 100, 200
IMPACTS = "ARRAY['minor', 'major', 'critical']"
_BEFORE = f"interval '{OVER_MINUTES - 1} minutes'"
_GOOD = "CASE {0} WHEN 'uptime' THEN interval '2 minutes' ELSE interval '5 minutes' END"
_MINUTES = "CAST(extract(epoch FROM {0}) / 60 AS bigint)"

# What is open, or ended so late in the past that it may go on.
_HELD = """
held AS MATERIALIZED (
    SELECT v.id, v.contract_id, v.metric, v.target, v.started_at, v.last_bad_at, v.actual, v.impact FROM sla_violation v
    WHERE v.ticket_id IS NULL AND v.ended_at IS NULL AND v.started_at < :finish
    UNION ALL
    SELECT v.id, v.contract_id, v.metric, v.target, v.started_at, v.last_bad_at, v.actual, v.impact FROM sla_violation v
    WHERE v.ticket_id IS NULL AND v.ended_at > :begin - interval '5 minutes' AND v.minutes > 0 AND v.started_at < :finish
)"""

# Each minute stands for the five that end with it.
_REQUESTS = f"""
suspects AS MATERIALIZED (
    SELECT DISTINCT t.contract_id, t.tenant_id, t.latency_p99_ms
    FROM tenant_total_rollup_minute r JOIN terms t ON t.tenant_id = r.tenant_id
    WHERE r.bucket >= :begin - {_BEFORE} AND r.bucket < :finish AND r.channel IN {CHANNELS}
      AND ((r.errors > 0 AND t.error_rate_target IS NOT NULL) OR r.duration_ms_max > t.latency_p99_ms)
),
asked AS MATERIALIZED (
    SELECT t.contract_id, r.bucket, sum(r.total) AS total, sum(r.errors) AS errors, sum(r.timed) AS timed,
           sum({slower_sql("r", "t.latency_p99_ms")}) AS slower
    FROM tenant_total_rollup_minute r JOIN suspects t ON t.tenant_id = r.tenant_id
    WHERE r.bucket >= :begin - {_BEFORE} AND r.bucket < :finish AND r.channel IN {CHANNELS}
    GROUP BY t.contract_id, r.bucket
),
five AS (
    SELECT g.contract_id, g.minute, sum(a.total) OVER w AS total, sum(a.errors) OVER w AS errors,
           sum(a.timed) OVER w AS timed, sum(a.slower) OVER w AS slower
    FROM (
        SELECT s.contract_id, m.minute FROM suspects s
        CROSS JOIN generate_series(:begin - {_BEFORE}, :finish - interval '1 minute', interval '1 minute') AS m (minute)
    ) AS g LEFT JOIN asked a ON a.contract_id = g.contract_id AND a.bucket = g.minute
    WINDOW w AS (PARTITION BY g.contract_id ORDER BY g.minute ROWS BETWEEN {OVER_MINUTES - 1} PRECEDING AND CURRENT ROW)
),
short AS (
    SELECT f.contract_id, 'error_rate' AS metric, f.minute, CAST(100.0 * f.errors / f.total AS float8) AS actual, 0.0 AS share
    FROM five f JOIN terms t ON t.contract_id = f.contract_id
    WHERE f.minute >= :begin AND f.total >= {LEAST_REQUESTS} AND 100 * f.errors > t.error_rate_target * f.total
    UNION ALL
    SELECT f.contract_id, 'latency_p99', f.minute, NULL, f.slower / f.timed
    FROM five f WHERE f.minute >= :begin AND f.timed >= {LEAST_REQUESTS} AND 100 * f.slower > f.timed
)"""

_ISLANDS = f"""
bad AS (
    SELECT s.contract_id, 'uptime' AS metric, greatest(s.starts_at, :begin) AS since, least(s.ends_at, :finish) AS until,
           CAST(NULL AS float8) AS actual, CAST(NULL AS numeric) AS share
    FROM sla_span s JOIN terms t ON t.contract_id = s.contract_id
    WHERE s.state = 'down' AND s.starts_at < :finish AND s.ends_at > :begin AND t.uptime_target IS NOT NULL
      AND s.starts_at >= least(:begin, (SELECT min(h.started_at) FROM held h WHERE h.metric = 'uptime'))
    UNION ALL
    SELECT s.contract_id, s.metric, s.minute, s.minute + interval '1 minute', s.actual, s.share
    FROM short s CROSS JOIN LATERAL (
        SELECT p.state FROM sla_span p WHERE p.contract_id = s.contract_id AND p.starts_at <= s.minute
        ORDER BY p.starts_at DESC LIMIT 1
    ) AS p WHERE p.state <> 'maintenance'
    UNION ALL
    SELECT contract_id, metric, started_at, least(last_bad_at, :begin), actual, NULL FROM held WHERE started_at < :begin
    UNION ALL
    SELECT contract_id, metric, :finish, last_bad_at, actual, NULL FROM held WHERE last_bad_at > :finish
),
placed AS MATERIALIZED (
    SELECT b.*, count(*) FILTER (WHERE b.is_new) OVER (PARTITION BY b.contract_id, b.metric ORDER BY b.since, b.until) AS island
    FROM (
        SELECT *, coalesce(since - max(until) OVER (
            PARTITION BY contract_id, metric ORDER BY since, until ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) >= {_GOOD.format("metric")}, true) AS is_new FROM bad
    ) AS b
),
islands AS MATERIALIZED (
    SELECT contract_id, metric, island, min(since) AS started_at, max(until) AS last_bad_at, max(actual) AS actual
    FROM placed GROUP BY contract_id, metric, island
)"""

# The slowest minute of each violation is opened, and no other.
_SLOWEST = f"""
slowest AS (
    SELECT k.contract_id, k.island,
           min({latency_sql("CAST(k.key AS float8)")}) FILTER (WHERE k.below >= 0.99 * k.whole) AS actual
    FROM (
        SELECT w.contract_id, w.island, k.key, sum(sum(k.count)) OVER (v ORDER BY k.key) AS below,
               sum(sum(k.count)) OVER v AS whole
        FROM (
            SELECT DISTINCT ON (p.contract_id, p.island) p.contract_id, p.island, p.since, t.tenant_id
            FROM placed p JOIN terms t ON t.contract_id = p.contract_id WHERE p.metric = 'latency_p99' AND p.share IS NOT NULL
            ORDER BY p.contract_id, p.island, p.share DESC, p.since
        ) AS w JOIN tenant_total_rollup_minute r ON r.tenant_id = w.tenant_id AND r.bucket >= w.since - {_BEFORE}
            AND r.bucket <= w.since AND r.bucket >= :begin - {_BEFORE} AND r.bucket < :finish AND r.channel IN {CHANNELS}
        CROSS JOIN LATERAL unnest(r.sketch_keys, r.sketch_counts) AS k (key, count)
        GROUP BY w.contract_id, w.island, k.key WINDOW v AS (PARTITION BY w.contract_id, w.island)
    ) AS k GROUP BY k.contract_id, k.island
)"""

# What the month of the step can still reach: its minutes without those that count for nothing, and of them those that were
# not bad so far.
_MONTH = f"""
month AS MATERIALIZED (
    SELECT t.contract_id, greatest(m.starts_at, l.since) AS starts_at, :finish AS ends_at, least(m.ends_at, l.until) AS last
    FROM (
        SELECT * FROM terms
        WHERE contract_id IN (SELECT contract_id FROM islands WHERE metric = 'uptime' AND last_bad_at > :begin) OFFSET 0
    ) AS t CROSS JOIN LATERAL (
        SELECT date_trunc('month', :begin AT TIME ZONE t.time_zone) AT TIME ZONE t.time_zone AS starts_at,
               (date_trunc('month', :begin AT TIME ZONE t.time_zone) + interval '1 month') AT TIME ZONE t.time_zone AS ends_at
    ) AS m CROSS JOIN LATERAL (
        SELECT min(valid_from) AS since, max(valid_until) AS until FROM ({TERMS}) AS every
        WHERE every.contract_id = t.contract_id
    ) AS l
),
reach AS (
    SELECT c.contract_id, CAST(100.0 * (p.whole - c.bad) / nullif(p.whole, 0) AS float8) AS actual
    FROM ({counted_sql("month")}) AS c JOIN month m ON m.contract_id = c.contract_id CROSS JOIN LATERAL (
        SELECT {_MINUTES.format("m.last - m.starts_at")} - c.maintenance - c.excluded - c.unobserved AS whole
    ) AS p
)"""

_FOUND = f"""
taken AS (
    SELECT DISTINCT ON (p.contract_id, p.metric, p.island) p.* FROM (
        SELECT DISTINCT ON (h.id) h.id, h.started_at, h.target, h.actual, h.impact, i.contract_id, i.metric, i.island
        FROM held h JOIN islands i ON i.contract_id = h.contract_id AND i.metric = h.metric
         AND h.started_at < i.last_bad_at AND h.last_bad_at > i.started_at ORDER BY h.id, i.started_at
    ) AS p ORDER BY p.contract_id, p.metric, p.island, p.started_at, p.id
),
found AS MATERIALIZED (
    SELECT f.*, ({IMPACTS})[greatest(f.rank, CASE f.metric
        WHEN 'uptime' THEN greatest(
            CASE WHEN f.minutes > {CRITICAL_MINUTES} THEN 3 WHEN f.minutes >= {MAJOR_MINUTES} THEN 2 ELSE 1 END,
            CASE WHEN f.target - f.actual > {CRITICAL_POINTS} THEN 3 WHEN f.target - f.actual > {MAJOR_POINTS} THEN 2 ELSE 1 END)
        WHEN 'latency_p99' THEN
            CASE WHEN f.actual - f.target > {CRITICAL_MS} THEN 3 WHEN f.actual - f.target > {MAJOR_MS} THEN 2 ELSE 1 END
        ELSE 1 END)] AS impact
    FROM (
        SELECT i.contract_id, t.tenant_id, i.metric, i.started_at, i.last_bad_at, k.id,
               {_MINUTES.format("i.last_bad_at - i.started_at")} AS minutes,
               CASE WHEN :judged - i.last_bad_at >= {_GOOD.format("i.metric")} THEN i.last_bad_at END AS ended_at,
               coalesce(array_position({IMPACTS}, k.impact), 1) AS rank,
               coalesce(k.target, CASE i.metric WHEN 'uptime' THEN CAST(t.uptime_target AS float8)
                   WHEN 'latency_p99' THEN t.latency_p99_ms ELSE CAST(t.error_rate_target AS float8) END) AS target,
               CASE i.metric WHEN 'uptime' THEN least(k.actual, r.actual) ELSE greatest(i.actual, s.actual) END AS actual
        FROM islands i LEFT JOIN terms t ON t.contract_id = i.contract_id
        LEFT JOIN taken k ON k.contract_id = i.contract_id AND k.metric = i.metric AND k.island = i.island
        LEFT JOIN reach r ON r.contract_id = i.contract_id
        LEFT JOIN slowest s ON i.metric = 'latency_p99' AND s.contract_id = i.contract_id AND s.island = i.island
    ) AS f
)"""

# A new one is made when the one before it is ended: of each metric of a contract one may be open.
_WRITTEN = """
changed AS (
    UPDATE sla_violation v SET started_at = f.started_at, last_bad_at = f.last_bad_at, ended_at = f.ended_at,
        minutes = f.minutes, actual = f.actual, impact = f.impact
    FROM found f WHERE f.id = v.id AND v.id = ANY (ARRAY(SELECT id FROM held))
      AND (v.started_at, v.last_bad_at, v.ended_at, v.minutes, v.actual, v.impact)
          IS DISTINCT FROM (f.started_at, f.last_bad_at, f.ended_at, f.minutes, f.actual, f.impact)
    RETURNING v.id
),
withdrawn AS (
    UPDATE sla_violation v SET minutes = 0, last_bad_at = v.started_at, ended_at = v.started_at,
        detail = v.detail || '{"withdrawn": true}'
    WHERE v.id = ANY (ARRAY(SELECT h.id FROM held h WHERE h.id NOT IN (SELECT id FROM found WHERE id IS NOT NULL)))
    RETURNING v.id
)
INSERT INTO sla_violation (id, contract_id, tenant_id, metric, target, actual, impact, minutes, started_at, last_bad_at,
                           ended_at, detected_at, detail)
SELECT gen_random_uuid(), f.contract_id, f.tenant_id, f.metric, f.target, f.actual, f.impact, f.minutes, f.started_at,
       f.last_bad_at, f.ended_at, :now, '{}'
FROM found f WHERE f.id IS NULL AND (SELECT count(*) FROM changed) + (SELECT count(*) FROM withdrawn) >= 0
"""

# The answer to an urgent ticket is due so many minutes after it was opened, by the terms of that moment; what was closed
# without one was answered by that.
_ANSWERS = f"""
WITH urgent AS (
    SELECT k.id, k.tenant_id, k.created_at, coalesce(k.first_response_at, k.resolved_at, k.closed_at) AS answered_at
    FROM ticket k WHERE k.priority = 'urgent' AND k.merged_into_id IS NULL AND k.tenant_id IS NOT NULL AND (
        (k.status IN ('open', 'in_progress', 'waiting', 'reopened') AND k.first_response_at IS NULL)
        OR k.first_response_at >= :begin - interval '5 minutes'
        OR (k.first_response_at IS NULL AND k.resolved_at >= :begin - interval '5 minutes'))
    UNION
    SELECT k.id, k.tenant_id, k.created_at, coalesce(k.first_response_at, k.resolved_at, k.closed_at)
    FROM sla_violation v JOIN ticket k ON k.id = v.ticket_id WHERE v.ended_at IS NULL AND v.ticket_id IS NOT NULL
),
late AS (
    SELECT u.*, t.contract_id, t.support_response_minutes AS target,
           u.created_at + t.support_response_minutes * interval '1 minute' AS due_at
    FROM urgent u JOIN ({TERMS}) AS t ON t.tenant_id = u.tenant_id AND t.valid_from <= u.created_at
     AND t.valid_until > u.created_at WHERE t.support_response_minutes IS NOT NULL
)
INSERT INTO sla_violation AS held (id, contract_id, tenant_id, metric, target, actual, impact, minutes, started_at, last_bad_at,
                                   ended_at, detected_at, ticket_id, detail)
SELECT gen_random_uuid(), l.contract_id, l.tenant_id, 'support_response', l.target,
       CAST(extract(epoch FROM coalesce(l.answered_at, :finish) - l.created_at) / 60 AS float8), 'minor',
       CAST(floor(extract(epoch FROM coalesce(l.answered_at, :finish) - l.due_at) / 60) AS bigint), l.due_at,
       coalesce(l.answered_at, :finish), l.answered_at, :now, l.id, '{{}}'
FROM late l WHERE l.due_at < coalesce(l.answered_at, :finish)
ON CONFLICT (contract_id, ticket_id) DO UPDATE SET actual = excluded.actual, minutes = excluded.minutes,
    last_bad_at = excluded.last_bad_at, ended_at = excluded.ended_at
WHERE held.ended_at IS NULL
"""

_LOOK = text(
    f"WITH {', '.join((IN_FORCE, _HELD, _REQUESTS, _ISLANDS, _SLOWEST, _MONTH, _FOUND))}, {_WRITTEN}"
)  # fmt: skip
_LATE_ANSWERS = text(_ANSWERS)


def look(tx: Recording, begin: datetime, finish: datetime, *, judged: datetime) -> None:
    """Brings violations up to date out of the minutes of [begin, finish), whose spans have been judged.

    `judged`: so were all minutes before it. What is known of a violation after `finish` stays.
    """
    values = {"begin": begin, "finish": finish, "judged": judged, "now": utc_now()}
    tx.session.execute(_LOOK, values)
    tx.session.execute(_LATE_ANSWERS, values)
