"""One statement that judges the minutes of all contracts, whatever their number, and keeps their spans.

A minute counts whole as what happened at any moment of it: maintenance before down before up. Spans that end where the next
one begins and say the same are one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from core.customers.contracts.terms import TERMS
from core.health.monitors.rules import SILENCE
from core.kernel.telemetry import Recording
from core.reliability.sla.maintaining import Occurrence

LEAST_REQUESTS = 10  # of a minute without monitors: half of them failed, and it was down
CHANNELS = "('api', 'product')"
_UP_TO_MINUTE = "interval '59.999999 seconds'"

EVERYBODYS = "public"  # the tag of monitors that count for every contract
_SILENCE = f"{SILENCE.total_seconds():g}"

# Under row-level security the planner expects one row of everything, and would nest loops over thousands. Where an index is
# meant, a lateral join with OFFSET 0 leaves it no choice.
# What a crash would take back is judged again: the watermark goes with it.
PLAN = text(
    "SELECT set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true),"
    " set_config('synchronous_commit', 'off', true)"
)

IN_FORCE = (
    f"terms AS MATERIALIZED (SELECT * FROM ({TERMS}) AS t WHERE t.valid_from <= :begin AND t.valid_until > :begin)"
)

# Who is watched by what: monitors of a tenant, and those that name none and are tagged public, which are everybody's (a backup
# that fails is no outage of a customer's). What is said in between two
# changes holds until the next one; what the checker did not see, and what was due and did not come, nobody said.
_MONITORS = f"""
concerned AS MATERIALIZED (
    SELECT mt.tenant_id, m.id, m.tags FROM monitor m JOIN monitor_tenant mt ON mt.monitor_id = m.id
    WHERE mt.tenant_id IN (SELECT tenant_id FROM terms)
    UNION ALL
    SELECT NULL, m.id, m.tags FROM monitor m LEFT JOIN monitor_tenant mt ON mt.monitor_id = m.id WHERE mt.monitor_id IS NULL
      AND '{EVERYBODYS}' = ANY (m.tags)
),
gap AS MATERIALIZED (
    SELECT coalesce(range_agg(tstzrange(g.since, g.until)) FILTER (WHERE g.since IS NOT NULL), '{{}}') AS spans FROM (
        SELECT since, coalesce(until, 'infinity') AS until FROM checker_gap
        WHERE since < :finish AND coalesce(until, 'infinity') > :begin
        UNION ALL
        SELECT max(seen_at), 'infinity' FROM checker_run HAVING max(seen_at) < now() - interval '{_SILENCE} seconds'
    ) AS g WHERE g.since < g.until
),
course AS (
    SELECT w.id, c.state, c.at AS since, lead(c.at, 1, :finish) OVER (PARTITION BY w.id ORDER BY c.at, c.change_id) AS until,
           CASE WHEN s.due_by < now() THEN s.due_by ELSE 'infinity' END AS known_until
    FROM (SELECT DISTINCT id FROM concerned) AS w LEFT JOIN monitor_state s ON s.monitor_id = w.id
    CROSS JOIN LATERAL (
        SELECT :begin AS at, NULL AS change_id, coalesce(
            (SELECT b.state FROM monitor_change b WHERE b.monitor_id = w.id AND b.at <= :begin
             ORDER BY b.at DESC, b.id DESC LIMIT 1),
            (SELECT a.previous FROM monitor_change a WHERE a.monitor_id = w.id AND a.at > :begin
             ORDER BY a.at, a.id LIMIT 1)
        ) AS state
        UNION ALL
        SELECT i.at, i.id, i.state FROM monitor_change i WHERE i.monitor_id = w.id AND i.at > :begin AND i.at < :finish
    ) AS c
),
said AS MATERIALIZED (
    SELECT p.id, p.is_down, unnest(range_agg(tstzrange(
        date_trunc('minute', lower(p.span), 'UTC'), date_trunc('minute', upper(p.span) + {_UP_TO_MINUTE}, 'UTC')
    ))) AS span
    FROM (
        SELECT o.id, o.state = 'down' AS is_down,
               unnest(tstzmultirange(tstzrange(o.since, least(o.until, o.known_until))) - gap.spans) AS span
        FROM course AS o CROSS JOIN gap
        WHERE o.state IN ('up', 'degraded', 'down') AND o.since < least(o.until, o.known_until)
    ) AS p GROUP BY p.id, p.is_down
),
shared AS MATERIALIZED (SELECT s.* FROM said s JOIN concerned c ON c.id = s.id WHERE c.tenant_id IS NULL)"""

_MAINTENANCE = f"""
running AS MATERIALIZED (
    SELECT r.id, w.covers, w.tags, w.monitor_ids, tstzrange(
        date_trunc('minute', r.since, 'UTC'), date_trunc('minute', r.until + {_UP_TO_MINUTE}, 'UTC')) AS span
    FROM unnest(
        CAST(:window_ids AS uuid[]), CAST(:sinces AS timestamptz[]), CAST(:untils AS timestamptz[])
    ) AS r (id, since, until) JOIN maintenance_window w ON w.id = r.id
),
covered AS (
    SELECT DISTINCT c.tenant_id, r.id, r.span FROM running r JOIN concerned c
    ON (r.covers = 'tags' AND r.tags && c.tags) OR (r.covers = 'monitors' AND c.id = ANY (r.monitor_ids))
)"""

# Requests are read of those alone whom no monitor found up all the time.
_REQUESTS = f"""
asked AS MATERIALIZED (
    SELECT r.tenant_id, r.bucket, sum(r.total) AS total, sum(r.errors) AS errors FROM tenant_total_rollup_minute r
    WHERE r.bucket >= :begin AND r.bucket < :finish AND r.channel IN {CHANNELS}
      AND NOT EXISTS (SELECT FROM shared s WHERE NOT s.is_down AND s.span @> tstzrange(:begin, :finish))
      AND r.tenant_id IN (SELECT tenant_id FROM terms EXCEPT SELECT c.tenant_id FROM concerned c JOIN said s ON s.id = c.id
                          WHERE NOT s.is_down AND s.span @> tstzrange(:begin, :finish))
    GROUP BY r.tenant_id, r.bucket
)"""

# What speaks of a contract's minutes. `kind`: d(own) by a monitor, f(ailed) requests, u(p), w(indow).
_MARKS = f"""
marks AS MATERIALIZED (
    SELECT t.contract_id, CASE WHEN s.is_down THEN 'd' ELSE 'u' END AS kind, s.span,
           CASE WHEN s.is_down THEN to_jsonb(s.id) END AS source
    FROM terms t JOIN concerned c ON c.tenant_id = t.tenant_id JOIN said s ON s.id = c.id
    UNION ALL
    SELECT t.contract_id, 'd', s.span, to_jsonb(s.id)
    FROM terms t CROSS JOIN shared s WHERE s.is_down
    UNION ALL
    SELECT t.contract_id, 'u', s.span, NULL FROM terms t CROSS JOIN (
        SELECT unnest(range_agg(span)) AS span FROM shared WHERE NOT is_down
    ) AS s
    UNION ALL
    SELECT t.contract_id, 'u', unnest(range_agg(tstzrange(a.bucket, a.bucket + interval '1 minute'))), NULL
    FROM terms t JOIN asked a ON a.tenant_id = t.tenant_id WHERE a.total > a.errors GROUP BY t.contract_id
    UNION ALL
    SELECT t.contract_id, 'f', tstzrange(a.bucket, a.bucket + interval '1 minute'),
           jsonb_build_object('requests', a.total, 'errors', a.errors)
    FROM terms t JOIN asked a ON a.tenant_id = t.tenant_id
    WHERE a.total >= {LEAST_REQUESTS} AND 2 * a.errors >= a.total
      AND t.tenant_id NOT IN (SELECT c.tenant_id FROM concerned c WHERE c.tenant_id IS NOT NULL)
      AND NOT EXISTS (SELECT FROM concerned c WHERE c.tenant_id IS NULL)
    UNION ALL
    SELECT t.contract_id, 'w', r.span, to_jsonb(r.id) FROM terms t CROSS JOIN running r
    WHERE t.maintenance = 'excluded' AND r.covers = 'all'
    UNION ALL
    SELECT t.contract_id, 'w', v.span, to_jsonb(v.id) FROM terms t JOIN covered v ON v.tenant_id = t.tenant_id
    WHERE t.maintenance = 'excluded'
    UNION ALL
    SELECT t.contract_id, 'w', v.span, to_jsonb(v.id) FROM terms t CROSS JOIN (
        SELECT v.id, v.span FROM covered v WHERE v.tenant_id IS NULL
    ) AS v WHERE t.maintenance = 'excluded'
)"""

# A sweep over the moments at which something begins or ends, so that its cost is that of sorting them.
_SEGMENTS = """
edges AS (
    SELECT e.contract_id, e.at, CAST(sum(e.down) AS int) AS down, CAST(sum(e.up) AS int) AS up, CAST(sum(e.away) AS int) AS away
    FROM (
        SELECT contract_id, lower(span) AS at, CAST(kind IN ('d', 'f') AS int) AS down, CAST(kind = 'u' AS int) AS up,
               CAST(kind = 'w' AS int) AS away
        FROM marks
        UNION ALL
        SELECT contract_id, upper(span), -CAST(kind IN ('d', 'f') AS int), -CAST(kind = 'u' AS int), -CAST(kind = 'w' AS int)
        FROM marks
        UNION ALL
        SELECT contract_id, :begin, 0, 0, 0 FROM terms
    ) AS e GROUP BY e.contract_id, e.at
),
segments AS (
    SELECT s.contract_id, s.at, s.until, s.away > 0 AS is_away,
           CASE WHEN s.down > 0 THEN 'down' WHEN s.up > 0 THEN 'up' ELSE 'unobserved' END AS state,
           CASE WHEN s.away > 0 THEN extract(epoch FROM s.until - s.at) / 60 ELSE 0 END AS away
    FROM (
        SELECT e.contract_id, e.at, lead(e.at, 1, :finish) OVER w AS until, sum(e.down) OVER w AS down, sum(e.up) OVER w AS up,
               sum(e.away) OVER w AS away
        FROM edges e WINDOW w AS (PARTITION BY e.contract_id ORDER BY e.at)
    ) AS s WHERE s.at < s.until
),
used AS (
    SELECT t.contract_id, sum(extract(epoch FROM least(s.ends_at, :begin) - greatest(s.starts_at, t.month)) / 60) AS minutes
    FROM (
        SELECT contract_id, date_trunc('month', :begin AT TIME ZONE time_zone) AT TIME ZONE time_zone AS month FROM terms
        WHERE maintenance_minutes IS NOT NULL AND contract_id IN (SELECT contract_id FROM marks WHERE kind = 'w')
    ) AS t CROSS JOIN LATERAL (
        SELECT s.starts_at, s.ends_at FROM sla_span s
        WHERE s.contract_id = t.contract_id AND s.state = 'maintenance' AND s.starts_at < :begin AND s.ends_at > t.month
          AND s.starts_at >= coalesce((SELECT max(b.starts_at) FROM sla_span b WHERE b.contract_id = t.contract_id
                                       AND b.state = 'maintenance' AND b.starts_at <= t.month), '-infinity') OFFSET 0
    ) AS s GROUP BY t.contract_id
),
judged AS MATERIALIZED (
    SELECT s.contract_id, p.at, p.until, CASE WHEN p.is_away THEN 'maintenance' ELSE s.state END AS state
    FROM (
        SELECT s.*, CASE WHEN t.maintenance_minutes IS NULL THEN s.away ELSE least(s.away, greatest(0,
            t.maintenance_minutes - coalesce(u.minutes, 0)
            - (sum(s.away) OVER (PARTITION BY s.contract_id ORDER BY s.at) - s.away)
        )) END AS allowed
        FROM segments s JOIN terms t ON t.contract_id = s.contract_id LEFT JOIN used u ON u.contract_id = s.contract_id
    ) AS s CROSS JOIN LATERAL (VALUES
        (s.at, s.at + CAST(s.allowed AS float8) * interval '1 minute', true),
        (s.at + CAST(s.allowed AS float8) * interval '1 minute', s.until, false)
    ) AS p (at, until, is_away) WHERE p.at < p.until
),
causes AS (
    SELECT j.contract_id, j.at, CASE min(m.kind)
        WHEN 'd' THEN jsonb_build_object('monitors', jsonb_agg(DISTINCT m.source))
        WHEN 'w' THEN jsonb_build_object('windows', jsonb_agg(DISTINCT m.source))
        ELSE min(m.source::text)::jsonb END AS cause
    FROM judged j JOIN marks m ON m.contract_id = j.contract_id AND m.span @> j.at
     AND ((j.state = 'down' AND m.kind IN ('d', 'f')) OR (j.state = 'maintenance' AND m.kind = 'w'))
    GROUP BY j.contract_id, j.at
)"""

# The span before and the one after are taken along, so that what continues stays one.
_SPANS = """
pieces AS (
    SELECT j.contract_id, j.at, j.until, j.state, coalesce(c.cause, '{}') AS cause
    FROM judged j LEFT JOIN causes c ON c.contract_id = j.contract_id AND c.at = j.at
    UNION ALL
    SELECT t.contract_id, h.starts_at, least(h.ends_at, :begin), h.state, h.cause FROM terms t CROSS JOIN LATERAL (
        SELECT * FROM sla_span s WHERE s.contract_id = t.contract_id AND s.starts_at < :begin
        ORDER BY s.starts_at DESC LIMIT 1
    ) AS h WHERE h.ends_at >= :begin
    UNION ALL
    SELECT t.contract_id, :finish, h.ends_at, h.state, h.cause FROM terms t CROSS JOIN LATERAL (
        SELECT * FROM sla_span s WHERE s.contract_id = t.contract_id AND s.starts_at <= :finish
        ORDER BY s.starts_at DESC LIMIT 1
    ) AS h WHERE h.ends_at > :finish AND CAST(:judged AS timestamptz) > :finish
),
islands AS (
    SELECT p.*, sum(p.is_new) OVER (PARTITION BY p.contract_id ORDER BY p.at) AS island FROM (
        SELECT *, CAST(cause ? 'requests' OR (lag(until) OVER w, lag(state) OVER w, lag(cause) OVER w)
            IS DISTINCT FROM (at, state, cause) AS int) AS is_new
        FROM pieces WINDOW w AS (PARTITION BY contract_id ORDER BY at)
    ) AS p
),
made AS MATERIALIZED (
    SELECT i.contract_id, t.tenant_id, min(i.at) AS starts_at, max(i.until) AS ends_at, i.state, i.cause
    FROM islands i JOIN terms t ON t.contract_id = i.contract_id GROUP BY i.contract_id, t.tenant_id, i.island, i.state, i.cause
),
gone AS (
    DELETE FROM sla_span WHERE ctid = ANY (ARRAY(
        SELECT o.place FROM terms t CROSS JOIN LATERAL (
            SELECT s.ctid AS place, s.starts_at FROM sla_span s
            WHERE s.contract_id = t.contract_id AND s.starts_at >= :begin AND s.starts_at <= :finish OFFSET 0
        ) AS o LEFT JOIN made m ON m.contract_id = t.contract_id AND m.starts_at = o.starts_at WHERE m.contract_id IS NULL
    ))
)
INSERT INTO sla_span AS held (contract_id, tenant_id, starts_at, ends_at, state, cause)
SELECT contract_id, tenant_id, starts_at, ends_at, state, cause FROM made
ON CONFLICT (contract_id, starts_at) DO UPDATE SET ends_at = excluded.ends_at, state = excluded.state, cause = excluded.cause
WHERE (held.ends_at, held.state, held.cause) IS DISTINCT FROM (excluded.ends_at, excluded.state, excluded.cause)
"""

_JUDGE = text(f"WITH {IN_FORCE}, {_MONITORS}, {_MAINTENANCE}, {_REQUESTS}, {_MARKS}, {_SEGMENTS}, {_SPANS}")


def judge(
    tx: Recording, begin: datetime, finish: datetime, windows: Sequence[Occurrence], *, judged: datetime
) -> None:  # fmt: skip
    """Whole minutes from `begin` to `finish`, between which no contract's terms and no contract's month change.

    `judged`: minutes before it were judged before.
    """
    values: dict[str, Any] = {
        "begin": begin, "finish": finish, "judged": judged, "window_ids": [one.window_id for one in windows],
        "sinces": [one.since for one in windows], "untils": [one.until for one in windows],
    }  # fmt: skip
    tx.session.execute(_JUDGE, values)
