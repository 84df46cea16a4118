"""Incidents and what surrounds them, for tests."""

from datetime import timedelta
from uuid import UUID, uuid4

from core.customers.tenants.models import Tenant
from core.kernel.writes import write
from core.reliability.incidents import actions


def declare(actor, **values):
    given = {"title": "Invoices fail", "severity": "sev2", "services": ["billing"]}
    return actions.declare(actor, **(given | values))


def lines(raw, incident_id):
    """The timeline: (kind, text) in order."""
    rows = raw("SELECT kind, text FROM incident_event WHERE incident_id = :id ORDER BY at, id", id=incident_id)
    return [tuple(row) for row in rows]


def row_of(raw, incident_id):
    return raw("SELECT * FROM incident WHERE id = :id", id=incident_id)[0]


def add_alert(raw, *, at, subject="billing", service=None, severity="critical", parent=None) -> UUID:
    """An alert that opened then, with its history."""
    rule = raw("SELECT id, name FROM alert_rule WHERE key = 'api-errors'")[0]
    key = uuid4()
    raw(
        "INSERT INTO alert (id, rule_id, rule_name, dedup_key, group_key, subject, labels, severity, area, status, opened_at,"
        " unit, summary, occurrences, is_flapping, is_group, notifies, parent_id, created_at, updated_at, version)"
        " VALUES (:id, :rule, :name, :key, 'api', :subject, CAST(:labels AS jsonb), :severity, 'api', 'open', :at, 'ratio',"
        " :summary, 1, false, false, true, :parent, :at, :at, 1)",
        id=key, rule=rule.id, name=rule.name, key=str(key), subject=subject, at=at, parent=parent, severity=severity,
        labels=f'{{"service": "{service}"}}' if service else "{}", summary=f"Errors of {subject}",
    )  # fmt: skip
    raw("INSERT INTO alert_history (alert_id, at, kind, note) VALUES (:id, :at, 'opened', '')", id=key, at=at)
    return key


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def add_tenant(actor, name="Acme") -> UUID:
    with write(actor, "tenants.create") as tx:
        values = {"domain": f"{name.lower()}.example", "tier": "pro", "region": "EU", "status": "active",
                  "seats": 5}  # fmt: skip
        return tx.add(Tenant(id=uuid4(), name=name, **values)).id
