"""Acts on what a look found: names it, finds the common cause, opens and ends alerts, and keeps their states."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from core.health.alerts import lifecycle
from core.health.alerts.evaluation import Last
from core.health.alerts.findings import FLAP_CHANGES, FLAP_WINDOW, GROUP, Finding, Held, calmed, is_storm
from core.health.alerts.measures import MEASURES
from core.health.alerts.models import LIVE, Alert, AlertHistory, AlertRule, AlertRuleState, AlertState
from core.health.alerts.naming import link_of, names_of, tenant_of
from core.health.alerts.words import summary
from core.health.monitors.models import MonitorState
from core.kernel.actor import Actor
from core.kernel.reads import Reading, as_id, read
from core.kernel.telemetry import record

if TYPE_CHECKING:
    from core.health.alerts.evaluating import Looked

SILENT_SERVER = "server.reports"
Begin = tuple[Held | None, Finding]
ByRule = Mapping[UUID, Mapping[str, Held]]


def act(system: Actor, looked: "Sequence[Looked]", held: ByRule, now: datetime) -> None:
    """Opens before it ends, so that an alert with a common cause never stands alone in between."""
    _keep_rules(system, looked, now)
    known = [one for one in looked if one.decisions is not None]
    for one in sorted(known, key=lambda one: MEASURES[one.rule.measure].name != SILENT_SERVER):
        _begin(system, one, held)
    _end(system, [over for one in known if one.decisions for over in one.decisions.over], now)
    _keep_states(system, known, now)
    _end_groups(system)


def _begin(system: Actor, looked: "Looked", held: ByRule) -> None:
    decisions = looked.decisions
    if decisions is None or not (decisions.opened or decisions.reopened):
        return None
    beginning: list[Begin] = [*((None, one) for one in decisions.opened), *decisions.reopened]
    with read(system) as rx:
        named = _named(rx, looked.rule, beginning)
        hosts = _silent_servers(rx)
    parent_id = _group(system, looked.rule, named, held.get(looked.rule.id, {}))
    if parent_id is not None:
        return _open(system, named, parent_id)
    by_parent: dict[UUID | None, list[Begin]] = {}
    for one in named:
        by_parent.setdefault(_host_of(one[1], hosts), []).append(one)
    for cause, some in by_parent.items():
        _open(system, some, cause)
    return None


def _open(system: Actor, beginning: Sequence[Begin], parent_id: UUID | None) -> None:
    new = [finding for one, finding in beginning if one is None]
    again = {one.id: finding for one, finding in beginning if one is not None}
    if new:
        lifecycle.open_many(system, new, parent_id=parent_id)
    if again:
        lifecycle.reopen_many(system, again, parent_id=parent_id)


def _group(system: Actor, rule: AlertRule, beginning: Sequence[Begin], held: Mapping[str, Held]) -> UUID | None:
    """The alert that stands for many of the rule; made where there are as many at once."""
    group = held.get(GROUP)
    if group is not None and group.is_live:
        return group.id
    live = sum(one.is_live for one in held.values())
    if not is_storm(rule, len(beginning), live):
        return None
    return lifecycle.open_group(system, beginning[0][1], len(beginning) + live)


def _silent_servers(rx: Reading) -> dict[str, UUID]:
    """Hosts that do not report, with the alert that says so."""
    found = select(Alert.labels["server_id"].astext, Alert.id).join(AlertRule, AlertRule.id == Alert.rule_id)
    live = found.where(Alert.status.in_(LIVE), AlertRule.measure == SILENT_SERVER, ~Alert.is_group)
    return {str(row[0]): row[1] for row in rx.rows(live)}


def _host_of(finding: Finding, hosts: Mapping[str, UUID]) -> UUID | None:
    if finding.rule.measure == SILENT_SERVER:
        return None
    return hosts.get(str(finding.labels.get("server_id")))


def _named(rx: Reading, rule: AlertRule, beginning: Sequence[Begin]) -> list[Begin]:
    """With what people need to know: names, sentences, the page that shows more."""
    keys = [finding.key for _, finding in beginning]
    names = names_of(rx, rule.per, keys)
    why = _details(rx, rule, keys)
    return [(one, _told(finding, names[finding.key], why.get(finding.key, ""))) for one, finding in beginning]


def _told(finding: Finding, name: str, detail: str) -> Finding:
    rule, measure = finding.rule, MEASURES[finding.rule.measure]
    return replace(
        finding, subject=name, summary=summary(rule, name, finding.value, detail=detail),
        tenant_id=tenant_of(rule.per, finding.key, rule.filters), unit=measure.unit,
        labels={rule.per: finding.key} if rule.per else {}, link=link_of(measure, rule.per, finding.key, rule.filters),
    )  # fmt: skip


def _details(rx: Reading, rule: AlertRule, keys: Sequence[str]) -> dict[str, str]:
    """Why monitors are down."""
    if rule.kind != "monitor_down":
        return {}
    ids = [key for key in map(as_id, keys) if key is not None]
    rows = rx.rows(select(MonitorState.monitor_id, MonitorState.detail).where(MonitorState.monitor_id.in_(ids)))
    return {str(row.monitor_id): row.detail for row in rows}


def _end(system: Actor, over: Sequence[Held], now: datetime) -> None:
    """Ends what is over; what comes and goes stays open until it is calm. A dismissed one only stops counting."""
    live = [one for one in over if one.is_live]
    flaps = _flapping(system, [one.id for one in live if not one.is_flapping], now)
    if flaps:
        lifecycle.flap_many(system, flaps)
    ended = [one.id for one in live if one.id not in flaps and calmed(one, now)]
    if ended:
        lifecycle.clear_many(system, ended, note="The condition is over.")
    dismissed = [one.id for one in over if not one.is_live]
    if dismissed:
        with record(system) as tx:
            tx.execute(update(AlertState).where(AlertState.alert_id.in_(dismissed)).values(cleared_at=now))


def _flapping(system: Actor, alert_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Those that began or ended so often within the window that this end is most likely none."""
    if not alert_ids:
        return set()
    changes = select(AlertHistory.alert_id).where(
        AlertHistory.alert_id.in_(alert_ids), AlertHistory.at >= now - FLAP_WINDOW,
        AlertHistory.kind.in_(("opened", "reopened", "resolved")),
    )  # fmt: skip
    often = changes.group_by(AlertHistory.alert_id).having(func.count() >= FLAP_CHANGES - 1)
    with read(system) as rx:
        return {row.alert_id for row in rx.rows(often)}


def _end_groups(system: Actor) -> None:
    """A common cause is over when none of its alerts is live; what outlives its cause notifies by itself.

    Alerts of a rule that is no longer watched end, too.
    """
    child, parent = aliased(Alert), aliased(Alert)
    lives = select(child.id).where(child.parent_id == Alert.id, child.status.in_(LIVE)).exists()
    empty = select(Alert.id).where(Alert.is_group, Alert.status.in_(LIVE), ~lives)
    forgotten = (
        select(Alert.id)
        .join(AlertRule, AlertRule.id == Alert.rule_id)
        .where(Alert.status.in_(LIVE), ~AlertRule.is_enabled)
    )
    orphans = (
        select(Alert.id).join(parent, parent.id == Alert.parent_id)
        .where(Alert.status.in_(LIVE), parent.status.not_in(LIVE))
    )  # fmt: skip
    with read(system) as rx:
        unwatched, ended, parted = ([row.id for row in rx.rows(one)] for one in (forgotten, empty, orphans))
    if unwatched:
        lifecycle.clear_many(system, unwatched, note="Its rule is disabled, so nobody looks whether it is over.")
    if ended:
        lifecycle.clear_many(system, ended, note="All alerts of the common cause are over.")
    if parted:
        lifecycle.detach_many(system, parted)


def _keep_rules(system: Actor, looked: "Sequence[Looked]", now: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "rule_id": one.rule.id,
            "evaluated_at": now,
            "outcome": one.outcome,
            "told": one.told,
            "firing": one.firing,
            "known_until": one.known_until,
        }
        for one in looked
    ]
    if not rows:
        return
    new = insert(AlertRuleState).values(rows)
    changed = {name: new.excluded[name] for name in ("evaluated_at", "outcome", "told", "firing", "known_until")}
    with record(system) as tx:
        tx.execute(new.on_conflict_do_update(index_elements=["rule_id"], set_=changed))


def _keep_states(system: Actor, looked: "Sequence[Looked]", now: datetime) -> None:
    """The last figure of each alert; of an unknown one, since when it is unknown."""
    for is_above, wider in ((True, func.greatest), (False, func.least)):
        rows = [
            _state(held, last, now)
            for one in looked
            if one.decisions is not None and (one.rule.comparison == "above") == is_above
            for held, last in one.decisions.seen
        ]
        if rows:
            _store(system, rows, wider)


def _store(system: Actor, rows: list[dict[str, Any]], wider: Any) -> None:
    new = insert(AlertState).values(rows)
    is_known = new.excluded.unknown_since.is_(None)
    changed = {
        "last_seen_at": func.greatest(AlertState.last_seen_at, new.excluded.last_seen_at),
        "value_last": case((is_known, new.excluded.value_last), else_=AlertState.value_last),
        "value_worst": wider(AlertState.value_worst, new.excluded.value_worst),
        "unknown_since": case((is_known, None), else_=func.coalesce(AlertState.unknown_since, new.excluded.unknown_since)),
    }  # fmt: skip
    with record(system) as tx:
        tx.execute(new.on_conflict_do_update(index_elements=["alert_id"], set_=changed))


def _state(held: Held, last: Last, now: datetime) -> dict[str, Any]:
    value = last.value if last.is_known else None
    return {
        "alert_id": held.id, "tenant_id": None, "value_last": value, "value_worst": value,
        "last_seen_at": now if last.is_firing and last.is_known else held.last_seen_at,
        "unknown_since": None if last.is_known else now,
    }  # fmt: skip
