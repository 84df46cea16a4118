"""The statements of a look at impacts: how many there are does not depend on how many incidents run.

`impact_span` and `impact_hit` are temporary tables of the look: the incidents' times, and what was found of each tenant.
"""

# What counts as being hit by requests that fail: fewer or rarer ones are an ordinary day's.
FEWEST_FAILED, FAILED_RATIO = 3, 0.05

SPANS = """
CREATE TEMP TABLE impact_span ON COMMIT DROP AS
SELECT id, started_at AS since, coalesce(resolved_at, CAST(:now AS timestamptz)) AS until, services FROM incident
WHERE merged_into_id IS NULL AND (
    (CAST(:all AS boolean) AND (status IN ('investigating', 'identified', 'monitoring') OR (
        resolved_at >= CAST(:now AS timestamptz) - interval '1 hour')))
    OR id = ANY (CAST(:ids AS uuid[])))
"""
PARTS = """
CREATE TEMP TABLE impact_part ON COMMIT DROP AS
SELECT span.id, part.grain, part.since, part.until, span.services
FROM unnest(CAST(:ids AS uuid[]), CAST(:grains AS text[]), CAST(:since AS timestamptz[]), CAST(:until AS timestamptz[]))
    AS part (id, grain, since, until) JOIN impact_span span ON span.id = part.id
"""
TRAFFIC = """
CREATE TEMP TABLE impact_traffic (incident_id uuid, tenant_id uuid, requests bigint, failed bigint) ON COMMIT DROP
"""


def traffic(grain: str) -> str:
    """Requests of the product by tenant, of the buckets of a grain. The bounds let whole partitions be left out.

    Where no service is named, from the rollup that does not tell them apart: it has a fraction of the rows.
    """
    return f"""
    INSERT INTO impact_traffic
    {_counted(f"tenant_total_rollup_{grain}", grain, "cardinality(part.services) = 0")}
    UNION ALL
    {_counted(f"tenant_rollup_{grain}", grain, "rolled.service = ANY (part.services)")}
    """


def _counted(table: str, grain: str, condition: str) -> str:
    return f"""
    SELECT part.id, rolled.tenant_id, sum(rolled.total), sum(rolled.errors)
    FROM impact_part part JOIN {table} rolled ON rolled.bucket >= part.since AND rolled.bucket < part.until
    WHERE part.grain = '{grain}' AND rolled.bucket >= :first AND rolled.bucket < :last
        AND rolled.channel IN ('api', 'product') AND {condition}
    GROUP BY part.id, rolled.tenant_id
    """


# What hits a tenant, by how it is found; each way gives it once.
HIT = f"""
CREATE TEMP TABLE impact_hit ON COMMIT DROP AS
WITH counted AS (
    SELECT incident_id, tenant_id, sum(requests) AS requests, sum(failed) AS failed FROM impact_traffic
    WHERE tenant_id IS NOT NULL GROUP BY incident_id, tenant_id
), found AS (
    SELECT incident_id, tenant_id, 'requests' AS by FROM counted
    WHERE failed >= {FEWEST_FAILED} AND failed >= {FAILED_RATIO} * requests
    UNION
    SELECT span.id, record.tenant_id, 'errors' FROM impact_span span
    JOIN incident_link link ON link.incident_id = span.id AND link.kind = 'error'
    JOIN error_record record ON record.fingerprint = link.target AND record.at >= span.since AND record.at <= span.until
    WHERE record.tenant_id IS NOT NULL
    UNION
    SELECT span.id, concerned.tenant_id, 'monitors' FROM impact_span span
    JOIN monitor_change change ON change.state = 'down' AND change.at <= span.until
        AND change.at >= span.since - interval '7 days'
    JOIN monitor ON monitor.id = change.monitor_id
    JOIN monitor_tenant concerned ON concerned.monitor_id = change.monitor_id
    WHERE (cardinality(span.services) = 0 OR monitor.tags && span.services OR monitor.name = ANY (span.services)) AND NOT EXISTS (
        SELECT 1 FROM monitor_change later WHERE later.monitor_id = change.monitor_id AND later.at > change.at
            AND later.at <= span.since)
    UNION
    SELECT span.id, ticket.tenant_id, 'tickets' FROM impact_span span
    JOIN incident_link link ON link.incident_id = span.id AND link.kind = 'ticket'
    JOIN ticket ON ticket.id = CAST(link.target AS uuid) WHERE ticket.tenant_id IS NOT NULL
    UNION
    SELECT span.id, alert.tenant_id, 'alerts' FROM impact_span span
    JOIN incident_link link ON link.incident_id = span.id AND link.kind = 'alert'
    JOIN alert ON alert.id = CAST(link.target AS uuid) WHERE alert.tenant_id IS NOT NULL
    UNION
    SELECT span.id, violation.tenant_id, 'violations' FROM impact_span span
    JOIN incident_link link ON link.incident_id = span.id AND link.kind = 'violation'
    JOIN sla_violation violation ON violation.id = CAST(link.target AS uuid)
    UNION
    SELECT span.id, violation.tenant_id, 'violations' FROM impact_span span
    JOIN sla_violation violation ON violation.metric <> 'support_response' AND violation.started_at <= span.until
        AND violation.started_at >= span.since - interval '31 days'
        AND (violation.ended_at IS NULL OR violation.ended_at >= span.since)
    WHERE cardinality(span.services) = 0
), said AS (
    SELECT DISTINCT ON (correction.incident_id, correction.field) correction.incident_id,
        CAST(split_part(correction.field, ':', 2) AS uuid) AS tenant_id,
        CAST(correction.value ->> 'is_affected' AS boolean) AS is_hit
    FROM impact_span span JOIN incident_correction correction ON correction.incident_id = span.id
    WHERE correction.field LIKE 'tenant:%' AND correction.value IS NOT NULL
    ORDER BY correction.incident_id, correction.field, correction.created_at DESC, correction.id DESC
), every AS (
    SELECT * FROM found UNION SELECT incident_id, tenant_id, 'operator' FROM said WHERE is_hit
)
SELECT every.incident_id, every.tenant_id, array_agg(every.by ORDER BY every.by) AS found_by,
    max(counted.requests) AS requests, max(counted.failed) AS failed
FROM every JOIN tenant ON tenant.id = every.tenant_id
LEFT JOIN counted ON counted.incident_id = every.incident_id AND counted.tenant_id = every.tenant_id
WHERE NOT EXISTS (SELECT 1 FROM said WHERE said.incident_id = every.incident_id AND said.tenant_id = every.tenant_id
    AND NOT said.is_hit)
GROUP BY every.incident_id, every.tenant_id
"""
ANALYZED = "ANALYZE impact_hit, impact_span"
FORGET = """
DELETE FROM incident_tenant known USING impact_span span WHERE known.incident_id = span.id
    AND NOT EXISTS (SELECT 1 FROM impact_hit hit WHERE hit.incident_id = known.incident_id AND hit.tenant_id = known.tenant_id)
"""
KEEP = """
INSERT INTO incident_tenant (incident_id, tenant_id, requests, requests_failed, found_by, computed_at)
SELECT incident_id, tenant_id, requests, failed, found_by, :now FROM impact_hit
ON CONFLICT (incident_id, tenant_id) DO UPDATE SET requests = excluded.requests, requests_failed = excluded.requests_failed,
    found_by = excluded.found_by, computed_at = excluded.computed_at
"""
# Requests are NULL where no rollup has a row of that time; whom it hit is, too, when nothing else tells of anybody.
FIGURES = """
WITH hit AS (
    SELECT incident_id, count(*) AS tenants FROM impact_hit GROUP BY incident_id
), traffic AS (
    SELECT incident_id, sum(requests) AS requests, sum(failed) AS failed FROM impact_traffic GROUP BY incident_id
), people AS (
    SELECT hit.incident_id, sum(counted.users) AS users FROM impact_hit hit JOIN (
        SELECT tenant_id, count(*) AS users FROM tenant_user
        WHERE deactivated_at IS NULL AND tenant_id IN (SELECT tenant_id FROM impact_hit) GROUP BY tenant_id
    ) counted ON counted.tenant_id = hit.tenant_id GROUP BY hit.incident_id
), tickets AS (
    SELECT span.id, count(DISTINCT link.target) AS tickets FROM impact_span span
    JOIN incident_link link ON link.incident_id = span.id AND link.kind = 'ticket' GROUP BY span.id
), broken AS (
    SELECT span.id, count(DISTINCT violation.id) AS violations FROM impact_span span JOIN sla_violation violation
        ON violation.started_at <= span.until AND violation.started_at >= span.since - interval '31 days'
        AND (violation.ended_at IS NULL OR violation.ended_at >= span.since) AND violation.metric <> 'support_response'
    JOIN impact_hit hit ON hit.incident_id = span.id AND hit.tenant_id = violation.tenant_id GROUP BY span.id
), paying AS (
    SELECT hit.incident_id, subscription.currency, round(sum(CASE subscription.interval WHEN 'yearly'
        THEN subscription.period_amount / 12 ELSE subscription.period_amount END), 2) AS amount
    FROM impact_hit hit JOIN subscription ON subscription.tenant_id = hit.tenant_id
    WHERE subscription.status IN ('active', 'past_due') GROUP BY hit.incident_id, subscription.currency
), revenue AS (
    SELECT incident_id, jsonb_agg(jsonb_build_object('currency', currency, 'amount', amount::text) ORDER BY currency) AS revenue
    FROM paying GROUP BY incident_id
), promised AS (
    SELECT hit.incident_id, contract.currency, count(*) AS contracts, round(sum(agreed.annual_value), 2) AS amount
    FROM impact_hit hit JOIN contract ON contract.tenant_id = hit.tenant_id AND contract.status IN ('active', 'renewing')
    JOIN LATERAL (
        SELECT version.annual_value FROM contract_version version WHERE version.contract_id = contract.id
            AND version.effective_on <= (CAST(:now AS timestamptz) AT TIME ZONE contract.time_zone)::date
        ORDER BY version.effective_on DESC, version.number DESC LIMIT 1
    ) agreed ON true
    GROUP BY hit.incident_id, contract.currency
), contracts AS (
    SELECT incident_id, sum(contracts) AS contracts,
        jsonb_agg(jsonb_build_object('currency', currency, 'amount', amount::text) ORDER BY currency) AS contracts_value
    FROM promised GROUP BY incident_id
)
INSERT INTO incident_impact (incident_id, computed_at, window_start, window_end, tenants, users, requests, requests_failed,
    tickets, contracts, violations, revenue, contracts_value, detail)
SELECT span.id, :now, span.since, span.until, coalesce(hit.tenants, seen.none), coalesce(people.users, seen.none),
    traffic.requests, traffic.failed, coalesce(tickets.tickets, 0), coalesce(contracts.contracts, seen.none),
    coalesce(broken.violations, seen.none), coalesce(revenue.revenue, seen.no_money),
    coalesce(contracts.contracts_value, seen.no_money), jsonb_build_object('services', span.services)
FROM impact_span span
LEFT JOIN hit ON hit.incident_id = span.id LEFT JOIN traffic ON traffic.incident_id = span.id
LEFT JOIN people ON people.incident_id = span.id LEFT JOIN tickets ON tickets.id = span.id
LEFT JOIN broken ON broken.id = span.id LEFT JOIN revenue ON revenue.incident_id = span.id
LEFT JOIN contracts ON contracts.incident_id = span.id
CROSS JOIN LATERAL (
    SELECT CASE WHEN known THEN 0 END AS none, CASE WHEN known THEN CAST('[]' AS jsonb) END AS no_money
    FROM (SELECT hit.incident_id IS NOT NULL OR traffic.incident_id IS NOT NULL AS known) AS found
) AS seen
ON CONFLICT (incident_id) DO UPDATE SET computed_at = excluded.computed_at, window_start = excluded.window_start,
    window_end = excluded.window_end, tenants = excluded.tenants, users = excluded.users, requests = excluded.requests,
    requests_failed = excluded.requests_failed, tickets = excluded.tickets, contracts = excluded.contracts,
    violations = excluded.violations, revenue = excluded.revenue, contracts_value = excluded.contracts_value,
    detail = excluded.detail
"""
