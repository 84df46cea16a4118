"""SQL of what timelines collect by themselves: per source, what happened in the time of an incident and is not told yet.

Each statement gives: incident_id, source, source_id, at, actor_id, actor_name, detail (what wording.py makes the line of).
An incident that is about some services takes alerts and deployments of these, and alerts that name no service.
"""

# A change before it began is as likely its cause as one in it.
BEFORE = "30 minutes"
MOST = 2_000  # lines of one source in one round; the next goes on

_SPAN = f"""
WITH span AS MATERIALIZED (
    SELECT id, started_at - interval '{BEFORE}' AS since, coalesce(resolved_at, :now) AS until, services FROM incident
    WHERE merged_into_id IS NULL AND (id = ANY (CAST(:only AS uuid[])) OR (CAST(:all AS boolean) AND (
        status IN ('investigating', 'identified', 'monitoring') OR resolved_at >= CAST(:now AS timestamptz) - interval '1 day')))
)
"""
_NEW = """NOT EXISTS (SELECT 1 FROM incident_event known WHERE known.incident_id = span.id
    AND known.source = '{source}' AND known.source_id = {key})"""
_ABOUT = "(cardinality(span.services) = 0 OR {column} IS NULL OR {column} = ANY (span.services))"


def _statement(source: str, key: str, at: str, who: str, detail: str, found: str) -> str:
    new = _NEW.format(source=source, key=key)
    return (
        f"{_SPAN} SELECT span.id AS incident_id, '{source}' AS source, {key} AS source_id, {at} AS at, {who}, {detail} AS detail"
        f" FROM span {found} AND {new} ORDER BY 4 LIMIT {MOST}"
    )


_ALERT_DETAIL = (
    "jsonb_build_object('alert_id', alert.id, 'severity', alert.severity, 'happened', told.kind, 'summary', alert.summary,"
    " 'note', told.note)"
)
_ALERT_SERVICE = "(alert.labels ->> 'service')"
_ALERT_KINDS = "told.kind IN ('opened', 'reopened', 'acknowledged', 'resolved', 'dismissed')"
_BY = "told.by AS actor_id, coalesce(told.by_name, 'Quarterdeck') AS actor_name"

ALERTS = _statement(
    "alert_history", "told.id::text", "told.at", _BY, _ALERT_DETAIL,
    f"JOIN alert_history told ON told.at >= span.since AND told.at <= span.until AND {_ALERT_KINDS}"
    " JOIN alert ON alert.id = told.alert_id AND alert.parent_id IS NULL"
    f" WHERE {_ABOUT.format(column=_ALERT_SERVICE)}",
)  # fmt: skip
# Somebody said that these belong to it, whenever they were.
LINKED_ALERTS = _statement(
    "alert_history", "told.id::text", "told.at", _BY, _ALERT_DETAIL,
    "JOIN incident_link link ON link.incident_id = span.id AND link.kind = 'alert'"
    f" JOIN alert_history told ON told.alert_id = CAST(link.target AS uuid) AND told.at <= span.until AND {_ALERT_KINDS}"
    " JOIN alert ON alert.id = told.alert_id WHERE true",
)  # fmt: skip
DEPLOYMENTS = _statement(
    "deployment", "deployment.id || '/' || deployment.status", "deployment.at",
    "CAST(NULL AS uuid) AS actor_id, coalesce(nullif(deployment.deployed_by, ''), 'Deployment') AS actor_name",
    "jsonb_build_object('deployment_id', deployment.id, 'service', deployment.service, 'release', deployment.release,"
    " 'environment', deployment.environment, 'status', deployment.status, 'summary', deployment.summary)",
    "JOIN deployment ON deployment.at >= span.since AND deployment.at <= span.until"
    f" AND deployment.environment = 'production' WHERE {_ABOUT.format(column='deployment.service')}",
)  # fmt: skip
_FLAG = """(SELECT flag.key FROM flag WHERE flag.id = ANY (entry.entity_ids)
    OR flag.id IN (SELECT flag_id FROM flag_environment WHERE id = ANY (entry.entity_ids))
    OR flag.id IN (SELECT flag_id FROM flag_override WHERE id = ANY (entry.entity_ids)) LIMIT 1)"""
_ENVIRONMENT = """(SELECT string_agg(DISTINCT environment, ', ') FROM (
    SELECT environment FROM flag_environment WHERE id = ANY (entry.entity_ids)
    UNION SELECT environment FROM flag_override WHERE id = ANY (entry.entity_ids)) touched)"""
AUDITED = _statement(
    "audit_entry", "entry.id::text", "entry.occurred_at", "entry.actor_id, entry.actor_name",
    "jsonb_build_object('entry_id', entry.id, 'action', entry.action, 'reason', entry.reason, 'details', entry.details,"
    " 'tenant', (SELECT name FROM tenant WHERE tenant.id = entry.tenant_id)) || CASE WHEN entry.action LIKE 'flags.%' THEN"
    f" jsonb_build_object('flag', {_FLAG}, 'environment', {_ENVIRONMENT}) ELSE '{{}}' END",
    "JOIN audit_entry entry ON entry.action = ANY (:actions) AND entry.occurred_at >= span.since"
    " AND entry.occurred_at <= span.until WHERE entry.outcome = 'done'",
)  # fmt: skip
MESSAGES = _statement(
    "incident_message", "message.id::text", "message.sent_at",
    "message.written_by AS actor_id, message.written_by_name AS actor_name",
    "jsonb_build_object('message_id', message.id, 'channel', message.channel, 'audience', message.audience,"
    " 'subject', message.subject)",
    "JOIN incident_message message ON message.incident_id = span.id AND message.status = 'sent' WHERE true",
)  # fmt: skip
PAGES = _statement(
    "on_call_page", "page.id::text", "page.created_at", "CAST(NULL AS uuid) AS actor_id, 'Quarterdeck' AS actor_name",
    "jsonb_build_object('page_id', page.id, 'policy', policy.name)",
    "JOIN on_call_page page ON page.incident_id = span.id JOIN escalation_policy policy ON policy.id = page.policy_id WHERE true",
)  # fmt: skip
TAKEN_PAGES = _statement(
    "on_call_acknowledgement", "page.id::text", "page.acknowledged_at",
    "page.acknowledged_by AS actor_id, coalesce(page.acknowledged_by_name, 'Quarterdeck') AS actor_name",
    "jsonb_build_object('page_id', page.id)",
    "JOIN on_call_page page ON page.incident_id = span.id AND page.acknowledged_at IS NOT NULL WHERE true",
)  # fmt: skip
# Of many contracts that suffer alike, the first one of each metric is a line; the impact counts them all.
VIOLATIONS = f"""
{_SPAN}, first AS (
    SELECT span.id, violation.metric, min(violation.started_at) AS at, count(*) AS contracts,
           (array_agg(violation.tenant_id ORDER BY violation.started_at, violation.id))[1] AS tenant_id
    FROM span JOIN sla_violation violation
        ON violation.started_at >= span.since AND violation.started_at <= span.until
    WHERE cardinality(span.services) = 0
        OR EXISTS (SELECT 1 FROM incident_tenant hit WHERE hit.incident_id = span.id AND hit.tenant_id = violation.tenant_id)
        OR EXISTS (SELECT 1 FROM incident_link link
            WHERE link.incident_id = span.id AND link.kind = 'violation' AND link.target = violation.id::text)
    GROUP BY span.id, violation.metric
)
SELECT first.id AS incident_id, 'sla_violation' AS source, first.metric AS source_id, first.at,
       CAST(NULL AS uuid) AS actor_id, 'Quarterdeck' AS actor_name,
       jsonb_build_object('metric', first.metric, 'tenant', tenant.name, 'contracts', first.contracts) AS detail
FROM first LEFT JOIN tenant ON tenant.id = first.tenant_id
WHERE NOT EXISTS (SELECT 1 FROM incident_event known WHERE known.incident_id = first.id
    AND known.source = 'sla_violation' AND known.source_id = first.metric)
ORDER BY first.at LIMIT {MOST}
"""
STATEMENTS = (
    ALERTS, LINKED_ALERTS, DEPLOYMENTS, AUDITED, MESSAGES, PAGES, TAKEN_PAGES, VIOLATIONS,
)  # fmt: skip
