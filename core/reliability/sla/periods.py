"""Hours, days, months and quarters of contracts, as far as they have passed: minutes each minute, figures every few.

Hours are those of UTC, the others begin at midnights of the contract's zone. Hours and days are counted from spans; a month
is the sum of its days and a quarter that of its months, so that a look costs the same at the end of a month as at its begin.
A look brings quarters up to date once an hour.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from core.customers.contracts.terms import TERMS
from core.kernel.telemetry import Recording
from core.kernel.times import utc_now
from core.reliability.sla.figures_sql import FIGURES
from core.reliability.sla.spans import counted_sql

# Contracts that were in force at some time of the stretch, each with all of its life that was judged.
_LIVES = f"""
terms AS MATERIALIZED (
    SELECT * FROM ({TERMS}) AS t WHERE CAST(:ids AS uuid[]) IS NULL OR t.contract_id = ANY (CAST(:ids AS uuid[]))
),
lives AS MATERIALIZED (
    SELECT l.* FROM (
        SELECT contract_id, tenant_id, time_zone, min(valid_from) AS since, max(valid_until) AS last,
               least(max(valid_until), :judged) AS until
        FROM terms GROUP BY contract_id, tenant_id, time_zone
    ) AS l WHERE l.since < :finish AND l.until > :begin AND l.since < l.until
)"""
_UPSERT = """
INSERT INTO sla_period AS held (contract_id, tenant_id, grain, bucket, ends_at, observed_minutes, bad_minutes,
    maintenance_minutes, excluded_minutes, unobserved_minutes, uptime, uptime_target, error_rate_target, latency_p99_target,
    requests, errors, responses, responses_late, computed_at)
SELECT c.contract_id, c.tenant_id, c.grain, c.bucket, c.last, c.observed, c.bad, c.maintenance, c.excluded, c.unobserved,
       CASE WHEN c.observed > 0 THEN CAST(100.0 * (c.observed - c.bad) / c.observed AS float8) END,
       t.uptime_target, t.error_rate_target, t.latency_p99_ms, 0, 0, 0, 0, :now
FROM ({counted}) AS c JOIN terms t ON t.contract_id = c.contract_id AND t.valid_from < c.ends_at AND t.valid_until >= c.ends_at
ON CONFLICT (contract_id, grain, bucket) DO UPDATE SET ends_at = excluded.ends_at, observed_minutes = excluded.observed_minutes,
    bad_minutes = excluded.bad_minutes, maintenance_minutes = excluded.maintenance_minutes,
    excluded_minutes = excluded.excluded_minutes, unobserved_minutes = excluded.unobserved_minutes, uptime = excluded.uptime,
    uptime_target = excluded.uptime_target, error_rate_target = excluded.error_rate_target,
    latency_p99_target = excluded.latency_p99_target, computed_at = excluded.computed_at
"""
_SHORT = f"""
buckets AS MATERIALIZED (
    SELECT l.contract_id, l.tenant_id, 'hour' AS grain, h.bucket, greatest(h.bucket, l.since) AS starts_at,
           least(h.bucket + interval '1 hour', l.until) AS ends_at, least(h.bucket + interval '1 hour', l.last) AS last
    FROM lives l CROSS JOIN generate_series(date_trunc('hour', CAST(:begin AS timestamptz), 'UTC'),
        :finish - interval '1 microsecond', interval '1 hour') AS h (bucket)
    UNION ALL
    SELECT l.contract_id, l.tenant_id, 'day', d.day AT TIME ZONE l.time_zone, greatest(d.day AT TIME ZONE l.time_zone, l.since),
           least((d.day + interval '1 day') AT TIME ZONE l.time_zone, l.until),
           least((d.day + interval '1 day') AT TIME ZONE l.time_zone, l.last)
    FROM lives l CROSS JOIN LATERAL generate_series(date_trunc('day', :begin AT TIME ZONE l.time_zone),
        (:finish - interval '1 microsecond') AT TIME ZONE l.time_zone, interval '1 day') AS d (day)
),
windows AS MATERIALIZED (SELECT contract_id, starts_at, ends_at FROM buckets WHERE starts_at < ends_at),
counted AS MATERIALIZED (
    SELECT b.contract_id, b.tenant_id, b.grain, b.bucket, b.ends_at, b.last, c.observed, c.bad, c.maintenance, c.excluded,
           c.unobserved
    FROM ({counted_sql("(SELECT DISTINCT contract_id, starts_at, ends_at FROM windows)")}) AS c
    JOIN buckets b ON b.contract_id = c.contract_id AND b.starts_at = c.starts_at AND b.ends_at = c.ends_at
)"""
# A period made of shorter ones: of those that were counted in this very statement ("new"), and of the others as they are.
_LONG = """
{grain}s AS MATERIALIZED (
    SELECT l.contract_id, l.tenant_id, m.first AT TIME ZONE l.time_zone AS bucket,
           (m.first + interval '{length}') AT TIME ZONE l.time_zone AS until,
           greatest(m.first AT TIME ZONE l.time_zone, l.since) AS starts_at,
           least((m.first + interval '{length}') AT TIME ZONE l.time_zone, l.until) AS ends_at,
           least((m.first + interval '{length}') AT TIME ZONE l.time_zone, l.last) AS last
    FROM lives l CROSS JOIN LATERAL generate_series(date_trunc('{grain}', :begin AT TIME ZONE l.time_zone),
        (:finish - interval '1 microsecond') AT TIME ZONE l.time_zone, interval '{length}') AS m (first)
),
parts_of_{grain}s AS (
    SELECT p.contract_id, p.bucket, p.observed_minutes AS observed, p.bad_minutes AS bad, p.maintenance_minutes AS maintenance,
           p.excluded_minutes AS excluded
    FROM sla_period p LEFT JOIN {new} AS n ON n.grain = '{part}' AND n.contract_id = p.contract_id AND n.bucket = p.bucket
    WHERE p.grain = '{part}' AND p.bucket >= (SELECT min(bucket) FROM {grain}s) AND n.contract_id IS NULL
    UNION ALL
    SELECT contract_id, bucket, observed, bad, maintenance, excluded FROM {new} AS n WHERE grain = '{part}'
),
counted_{grain}s AS MATERIALIZED (
    SELECT s.contract_id, s.tenant_id, '{grain}' AS grain, s.bucket, s.ends_at, s.last, s.observed, s.bad, s.maintenance,
           s.excluded, s.minutes - s.observed - s.maintenance - s.excluded AS unobserved
    FROM (
        SELECT b.contract_id, b.tenant_id, b.bucket, b.ends_at, b.last,
               CAST(extract(epoch FROM b.ends_at - b.starts_at) / 60 AS bigint) AS minutes,
               CAST(coalesce(sum(p.observed), 0) AS bigint) AS observed, CAST(coalesce(sum(p.bad), 0) AS bigint) AS bad,
               CAST(coalesce(sum(p.maintenance), 0) AS bigint) AS maintenance,
               CAST(coalesce(sum(p.excluded), 0) AS bigint) AS excluded
        FROM {grain}s b LEFT JOIN parts_of_{grain}s p ON p.contract_id = b.contract_id AND p.bucket >= b.bucket
         AND p.bucket < b.until
        WHERE b.starts_at < b.ends_at GROUP BY b.contract_id, b.tenant_id, b.bucket, b.starts_at, b.ends_at, b.last
    ) AS s
)"""
_MONTHS = _LONG.format(grain="month", length="1 month", part="day", new="counted")
_QUARTERS = _LONG.format(grain="quarter", length="3 months", part="month", new="counted_months")
_EACH = "SELECT * FROM counted UNION ALL SELECT * FROM counted_months"
_MINUTES = text(f"WITH {_LIVES}, {_SHORT}, {_MONTHS} {_UPSERT.format(counted=_EACH)}")
_WITH_QUARTERS = text(
    f"WITH {_LIVES}, {_SHORT}, {_MONTHS}, {_QUARTERS} "
    + _UPSERT.format(counted=f"{_EACH} UNION ALL SELECT * FROM counted_quarters")
)


def refresh(
    tx: Recording, begin: datetime, finish: datetime, *, contract_ids: Sequence[UUID] | None = None,
    judged: datetime | None = None, with_quarters: bool = True,
) -> None:  # fmt: skip
    """The minutes of all periods that touch [begin, finish), of these contracts or all. `judged`: minutes before it were."""
    values: dict[str, Any] = {
        "begin": begin, "finish": finish, "judged": judged or finish, "now": utc_now(),
        "ids": list(contract_ids) if contract_ids is not None else None,
    }  # fmt: skip
    tx.session.execute(_WITH_QUARTERS if with_quarters else _MINUTES, values)


_FIGURES = text(FIGURES)


def figure(tx: Recording, grains: Sequence[str], since: datetime) -> None:
    """Requests, errors, latencies and answers of the periods of these grains that had not ended at `since`."""
    tx.session.execute(_FIGURES, {"grains": list(grains), "since": since, "now": utc_now()})
