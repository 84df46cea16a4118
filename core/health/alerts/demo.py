"""Demo alerts: a month with some that ended, one that was dismissed, and one that somebody looks after; of demo data alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.health.alerts.findings import dedup_key
from core.health.alerts.measures import MEASURES
from core.health.alerts.models import Alert, AlertHistory, AlertRule, AlertState
from core.health.alerts.naming import link_of
from core.health.alerts.words import summary
from core.health.servers.models import Server
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.writes import Transaction, write

HOST = "demo-db-1"
DISK = {
    "name": "Disk of the demo database", "kind": "threshold", "measure": "server.disk", "per": "server_id", "bound": 0.65,
    "clear_bound": 0.6, "area": "servers", "description": "Demo data: shows an alert that somebody looks after.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """An alert that is over: `ago` and `lasted` in minutes; `by` is who resolved or dismissed it, None: nobody had to."""

    rule: str
    key: str
    value: float
    ago: int
    lasted: int
    taken_by: str | None = None
    by: str | None = None
    note: str = ""


_DAY = 1_440
PAST = (
    Past("api-p95", "portal", 912, 26 * _DAY, 44, "Platform on call"),
    Past(
        "provider-errors", "twilio (sms)", 0.21, 22 * _DAY, 95, "Platform on call", "Platform on call", "Failed over."
    ),
    Past("api-errors", "portal", 0.034, 17 * _DAY, 23, "Platform on call"),
    Past("error-spike", "", 3.4, 13 * _DAY, 31),
    Past("api-budget-slow", "", 3.2, 9 * _DAY, 380, "Platform on call"),
    Past("component-down", "mail", 1.0, 6 * _DAY, 12),
    Past("failed-sign-ins", "someone@example.com", 9, 4 * _DAY, 20, None, "Security", "A forgotten password."),
    Past("api-p95", "portal", 640, 30 * 60, 18),
)


def seed(system: Actor, random: Random, now: datetime, operators: dict[str, UUID]) -> None:
    """Needs the demo hosts."""
    with write(system, "demo.seed", once="demo.alerts") as tx:
        rules = {rule.key: rule for rule in tx.session.scalars(select(AlertRule).where(AlertRule.key.is_not(None)))}
        taker = next(iter(operators.values()), None)
        for past in PAST:
            begun = now - timedelta(minutes=past.ago + random.randint(0, 50))
            _ended(tx, rules[past.rule], past, begun, taker)
        _watched(tx, now - timedelta(hours=3), taker)


def _ended(tx: Transaction, rule: AlertRule, past: Past, begun: datetime, taker: UUID | None) -> None:
    alert = _alert(rule, past.key, past.key, past.value, begun)
    ended = begun + timedelta(minutes=past.lasted)
    alert.status = "dismissed" if past.by == "Security" else "resolved"
    alert.resolved_at, alert.resolved_by_name = ended, past.by
    told: list[tuple[Any, ...]] = [(begun, "opened", None, "")]
    if past.taken_by is not None:
        alert.acknowledged_at, alert.acknowledged_by = begun + timedelta(minutes=6), taker
        alert.acknowledged_by_name = past.taken_by
        told.append((begun + timedelta(minutes=6), "acknowledged", past.taken_by, "Looking into it."))
    told.append((ended, alert.status, past.by, past.note or "The condition is over."))
    _store(tx, alert, told, ended)


def _watched(tx: Transaction, begun: datetime, taker: UUID | None) -> None:
    """One that fires as long as there are figures of the demo host, and then is unknown."""
    host = tx.session.scalar(select(Server.id).where(Server.name == HOST))
    if host is None:
        return
    rule = tx.add(AlertRule(id=uuid7(), filters={"server_id": [str(host)]}, settings={}, **DISK))
    tx.session.flush()
    alert = _alert(rule, str(host), HOST, 0.68, begun)
    alert.status, alert.acknowledged_at = "acknowledged", begun + timedelta(minutes=14)
    alert.acknowledged_by, alert.acknowledged_by_name = taker, "Platform on call"
    note = "The archive grows; more disk is ordered."
    taken = (begun + timedelta(minutes=14), "acknowledged", "Platform on call", note)
    _store(tx, alert, [(begun, "opened", None, ""), taken], None)


def _alert(rule: AlertRule, key: str, name: str, value: float, begun: datetime) -> Alert:
    measure = MEASURES[rule.measure]
    return Alert(
        id=uuid7(), rule_id=rule.id, rule_name=rule.name, dedup_key=dedup_key(rule.id, key),
        group_key=f"{rule.area}/{rule.key or rule.id}", tenant_id=None, subject=name,
        labels={rule.per: key} if rule.per else {}, severity=rule.severity, area=rule.area, opened_at=begun,
        value_first=value, bound=rule.bound, unit=measure.unit, summary=summary(rule, name, value),
        link=link_of(measure, rule.per, key, rule.filters), runbook_url=rule.runbook_url,
    )  # fmt: skip


def _store(tx: Transaction, alert: Alert, told: Sequence[tuple[Any, ...]], ended: datetime | None) -> None:
    tx.add(alert)
    tx.session.flush()
    tx.add_all(
        AlertHistory(alert_id=alert.id, at=at, kind=kind, by_name=who, note=note) for at, kind, who, note in told
    )
    state = {"alert_id": alert.id, "last_seen_at": ended or alert.opened_at, "value_last": alert.value_first,
             "value_worst": alert.value_first, "cleared_at": ended}  # fmt: skip
    tx.session.execute(insert(AlertState).values(state))
