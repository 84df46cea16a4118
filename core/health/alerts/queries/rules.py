"""Reads of rules and silences."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Select, case, func, select

from core.health.alerts.models import LIVE, Alert, AlertRule, AlertRuleState, Silence
from core.health.alerts.silencing import matches
from core.health.alerts.words import sentence
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read

OWN = (
    "id", "key", "name", "description", "kind", "measure", "filters", "per", "comparison", "bound", "clear_bound", "for_s",
    "clear_after_s", "window_s", "minimum_volume", "storm_size", "settings", "severity", "area", "runbook_url",
    "is_enabled", "version", "created_at", "updated_at",
)  # fmt: skip
_RANK = {"critical": 0, "warning": 1, "info": 2}


def rules(actor: Actor, *, text: str = "", limit: int = 500) -> pd.DataFrame:
    """One row per rule, by severity and name: the columns of a rule (`OWN`), sentence, and what the last look found:
    outcome (firing, clear, unknown, failed; NA never looked), told, evaluated_at, firing (subjects), live (alerts)."""
    require(actor, "alert_rules:read")
    found = _with_state()
    if text.strip():
        found = found.where(AlertRule.name.icontains(text.strip(), autoescape=True))
    ranked = case(_RANK, value=AlertRule.severity)
    with read(actor) as rx:
        rows = rx.rows(found.order_by(ranked, func.lower(AlertRule.name)).limit(limit))
        frame = pd.DataFrame([_told(row) for row in rows], columns=[*OWN, "sentence", *_STATE])
    frame["evaluated_at"] = pd.to_datetime(frame["evaluated_at"], utc=True)
    return frame


_STATE = ("outcome", "told", "evaluated_at", "firing", "live")


def _with_state() -> Select[Any]:
    state = AlertRuleState
    live = select(func.count()).where(Alert.rule_id == AlertRule.id, Alert.status.in_(LIVE)).scalar_subquery()
    found = select(AlertRule, state.outcome, state.told, state.evaluated_at, state.firing, live.label("live"))
    return found.outerjoin(state, state.rule_id == AlertRule.id).where(AlertRule.deleted_at.is_(None))


def _told(row: Any) -> dict[str, Any]:
    rule = row.AlertRule
    own = {name: getattr(rule, name) for name in OWN}
    return own | {"id": str(rule.id), "sentence": sentence(rule)} | {name: getattr(row, name) for name in _STATE}


def one_rule(actor: Actor, rule_id: UUID) -> AlertRule:
    """Raises NotFound, also for one that was deleted."""
    require(actor, "alert_rules:read")
    with read(actor) as rx:
        row = rx.one(select(AlertRule).where(AlertRule.id == rule_id, AlertRule.deleted_at.is_(None)))
    if row is None:
        raise NotFound("This alert rule does not exist, or is not among those you may see.")
    rule: AlertRule = row[0]
    return rule


def conditions(actor: Actor) -> pd.DataFrame:
    """One row per enabled rule: id, name, kind, measure, severity, area, sentence, outcome, told, evaluated_at, firing."""
    every = rules(actor)
    names = [
        "id",
        "name",
        "kind",
        "measure",
        "severity",
        "area",
        "sentence",
        "outcome",
        "told",
        "evaluated_at",
        "firing",
    ]
    return every.loc[every["is_enabled"].astype(bool), names].reset_index(drop=True)


def silences(actor: Actor, *, with_past: bool = False, limit: int = 200) -> pd.DataFrame:
    """One row per silence, the latest end first: id, rule_ids, areas, severities, subject_pattern, starts_at, ends_at,
    reason, by, state (active, planned, ended), matching (live alerts that it matches), version."""
    require(actor, "alerts:read")
    now, silence = func.statement_timestamp(), Silence
    is_over = (silence.ended_at.is_not(None)) | (silence.ends_at <= now)
    state = case((is_over, "ended"), (silence.starts_at > now, "planned"), else_="active").label("state")
    matching = select(func.count()).select_from(Alert).where(Alert.status.in_(LIVE), matches()).correlate(Silence)
    found = select(
        silence.id, silence.rule_ids, silence.areas, silence.severities, silence.subject_pattern, silence.starts_at,
        func.least(silence.ends_at, func.coalesce(silence.ended_at, silence.ends_at)).label("ends_at"), silence.reason,
        silence.created_by_name.label("by"), state, matching.scalar_subquery().label("matching"), silence.version,
    )  # fmt: skip
    if not with_past:
        found = found.where(~is_over)
    with read(actor) as rx:
        return rx.frame(found.order_by(silence.ends_at.desc(), silence.id), limit=limit)


def one_silence(actor: Actor, silence_id: UUID) -> Silence:
    """Raises NotFound."""
    require(actor, "alerts:read")
    with read(actor) as rx:
        row = rx.one(select(Silence).where(Silence.id == silence_id))
    if row is None:
        raise NotFound("This silence does not exist.")
    found: Silence = row[0]
    return found
