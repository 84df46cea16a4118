"""What the portal itself does with alerts: opens, reopens, ends, marks and parts them. Each bears being done twice."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.health.alerts.findings import GROUP, JOINS, Finding
from core.health.alerts.models import LIVE, Alert, AlertHistory, AlertState
from core.health.alerts.words import group_summary
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.writes import Transaction, write


def open_many(actor: Actor, findings: Sequence[Finding], *, parent_id: UUID | None = None) -> int:
    """An alert per finding; one whose alert is live already is left out. Those with a parent do not notify.

    Returns how many were opened.
    """
    with write(actor, "alerts.open") as tx:
        _one_at_a_time(tx)
        live = _live(tx, [finding.dedup_key for finding in findings])
        new = [_alert(tx, finding, parent_id) for finding in findings if finding.dedup_key not in live]
        _begin(tx, new, "opened")
    return len(new)


def open_group(actor: Actor, finding: Finding, count: int) -> UUID:
    """The alert that stands for many of a rule, and takes over those that began just before. Returns its id."""
    named = replace(finding, key=GROUP, subject="", value=float(count), tenant_id=None, labels={}, unit="count",
                    summary=group_summary(finding.rule, count))  # fmt: skip
    with write(actor, "alerts.open") as tx:
        _one_at_a_time(tx)
        live = _live(tx, [named.dedup_key])
        if live:
            return live[named.dedup_key]
        group = _alert(tx, named, None)
        group.is_group, group.bound = True, float(finding.rule.storm_size)
        _begin(tx, [group], "opened")
        _adopt(tx, group)
    return group.id


def reopen_many(
    actor: Actor, findings: Mapping[UUID, Finding], *, parent_id: UUID | None = None
) -> int:  # fmt: skip
    """Alerts that ended a moment ago and fire again, by their ids. Returns how many were reopened."""
    with write(actor, "alerts.reopen") as tx:
        _one_at_a_time(tx)
        live = _live(tx, [finding.dedup_key for finding in findings.values()])
        ended = [one for one in tx.lock_many(Alert, findings) if one.status == "resolved" and one.dedup_key not in live]
        for alert in ended:
            _again(alert, findings[alert.id], parent_id)
        _begin(tx, ended, "reopened")
    return len(ended)


def clear_many(actor: Actor, alert_ids: Collection[UUID], *, note: str) -> int:
    """Ends alerts whose condition is over. Returns how many were live."""
    with write(actor, "alerts.clear") as tx:
        live = _locked(tx, alert_ids)
        for alert in live:
            alert.status, alert.resolved_at, alert.is_flapping = "resolved", tx.now, False
        tell(tx, live, "resolved", note)
        _cleared(tx, [alert.id for alert in live])
    return len(live)


def flap_many(actor: Actor, alert_ids: Collection[UUID]) -> int:
    """Marks alerts that come and go: they stay open until they are calm. Returns how many were not marked yet."""
    with write(actor, "alerts.flap") as tx:
        new = [alert for alert in _locked(tx, alert_ids) if not alert.is_flapping]
        for alert in new:
            alert.is_flapping = True
        tell(tx, new, "flapping", "It comes and goes, so it stays open until it is calm.")
    return len(new)


def detach_many(actor: Actor, alert_ids: Collection[UUID]) -> int:
    """Parts alerts from a common cause that is over: they still fire, and notify from now on. Returns how many."""
    with write(actor, "alerts.detach") as tx:
        parted = [alert for alert in _locked(tx, alert_ids) if alert.parent_id is not None]
        for alert in parted:
            alert.parent_id, alert.notifies = None, True
        tell(tx, parted, "detached", "The common cause is over, and this still fires.")
    return len(parted)


def tell(tx: Transaction, alerts: Sequence[Alert], kind: str, note: str = "") -> None:
    """Adds to the history of each."""
    by_name = tx.actor.name if tx.actor.id else None
    told = {"at": tx.now, "kind": kind, "by": tx.actor.id, "by_name": by_name, "note": note}
    tx.session.flush()
    tx.add_all(AlertHistory(alert_id=alert.id, tenant_id=alert.tenant_id, **told) for alert in alerts)


def _one_at_a_time(tx: Transaction) -> None:
    """Two that look at the same time open one alert: the second waits, and sees the first one's."""
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("alerts.open"))))


def _live(tx: Transaction, keys: Sequence[str]) -> dict[str, UUID]:
    found = select(Alert.dedup_key, Alert.id).where(Alert.dedup_key.in_(keys), Alert.status.in_(LIVE))
    return {row.dedup_key: row.id for row in tx.session.execute(found)}


def _locked(tx: Transaction, alert_ids: Collection[UUID]) -> list[Alert]:
    return [alert for alert in tx.lock_many(Alert, alert_ids) if alert.status in LIVE]


def _alert(tx: Transaction, finding: Finding, parent_id: UUID | None) -> Alert:
    rule = finding.rule
    return tx.add(Alert(
        id=uuid7(), rule_id=rule.id, rule_name=rule.name, dedup_key=finding.dedup_key, group_key=finding.group_key,
        tenant_id=finding.tenant_id, subject=finding.subject, labels=dict(finding.labels), severity=rule.severity,
        area=rule.area, opened_at=tx.now, value_first=finding.value, bound=rule.bound, unit=finding.unit,
        summary=finding.summary, parent_id=parent_id, notifies=parent_id is None, link=finding.link,
        runbook_url=rule.runbook_url,
    ))  # fmt: skip


def _again(alert: Alert, finding: Finding, parent_id: UUID | None) -> None:
    alert.status, alert.occurrences, alert.summary = "open", alert.occurrences + 1, finding.summary
    alert.resolved_at = alert.resolved_by = alert.resolved_by_name = None
    alert.acknowledged_at = alert.acknowledged_by = alert.acknowledged_by_name = None
    alert.parent_id, alert.notifies = parent_id, parent_id is None


def _begin(tx: Transaction, alerts: Sequence[Alert], kind: str) -> None:
    tell(tx, alerts, kind)
    _store(tx, alerts)


def _store(tx: Transaction, alerts: Sequence[Alert]) -> None:
    """The state of what begins or begins again; it is an observation and no part of what is audited."""
    if not alerts:
        return
    rows: list[dict[str, Any]] = [
        {"alert_id": one.id, "tenant_id": one.tenant_id, "last_seen_at": tx.now, "value_last": one.value_first,
         "value_worst": one.value_first} for one in alerts
    ]  # fmt: skip
    new = insert(AlertState).values(rows)
    tx.session.execute(new.on_conflict_do_update(
        index_elements=["alert_id"],
        set_={"last_seen_at": new.excluded.last_seen_at, "unknown_since": None, "cleared_at": None},
    ))  # fmt: skip


def _cleared(tx: Transaction, alert_ids: Sequence[UUID]) -> None:
    over: datetime = tx.now
    tx.session.execute(update(AlertState).where(AlertState.alert_id.in_(alert_ids)).values(cleared_at=over))


def _adopt(tx: Transaction, group: Alert) -> None:
    """What began a moment ago under the same rule has the same cause."""
    young = select(Alert.id).where(
        Alert.rule_id == group.rule_id, Alert.status.in_(LIVE), Alert.id != group.id, Alert.parent_id.is_(None),
        Alert.opened_at >= tx.now - JOINS,
    )  # fmt: skip
    for alert in tx.lock_many(Alert, list(tx.session.scalars(young))):
        alert.parent_id, alert.notifies = group.id, False
