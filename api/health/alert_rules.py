"""The rules of alerts for machines, and what a rule would have done."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    IfMatch,
    Once,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
    nothing,
    records,
)
from core.health.alerts import cleaning, dry_run, queries, rule_actions
from core.health.alerts.measures import MEASURES
from core.health.alerts.models import AlertRule
from core.health.alerts.words import sentence
from core.kernel.actor import Actor
from core.kernel.permissions import require

router = area("/superadmin/alert-rules", "alerts")
PATH = "/api/v1/superadmin/alert-rules"

Kind = Literal[
    "threshold", "absence", "rate_of_change", "anomaly", "monitor_down", "certificate", "burn_rate", "sla_violation", "sla_budget"
]  # fmt: skip
Severity = Literal["critical", "warning", "info"]
Seconds = Annotated[int, Field(strict=True, ge=0, le=cleaning.LONGEST_S)]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
Filter = Annotated[list[Annotated[str, Field(min_length=1, max_length=cleaning.MAX_VALUE)]], Field(max_length=50)]
Reason = Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")]
Days = Annotated[int, Query(ge=1, le=dry_run.MOST_DAYS)]


class RuleIn(Strict):
    """A rule; `GET /alert-rules/measures` lists measures with the kinds and dimensions that fit."""

    name: Annotated[str, Field(min_length=1, max_length=cleaning.MAX_NAME)]
    description: Annotated[str, Field(max_length=cleaning.MAX_TEXT)] = ""
    kind: Kind
    measure: Annotated[str, Field(min_length=1, max_length=100, examples=["server.cpu"])]
    filters: Annotated[dict[str, Filter], Field(max_length=8)] = Field(default_factory=dict)
    per: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    comparison: Literal["above", "below"] = "above"
    bound: Number | None = None
    clear_bound: Number | None = None
    for_s: Seconds = 300
    clear_after_s: Seconds = 300
    window_s: Annotated[int, Field(strict=True, ge=15, le=cleaning.DAY_S)] = 60
    minimum_volume: Annotated[int, Field(strict=True, ge=0, le=10**9)] = 0
    storm_size: Annotated[int, Field(strict=True, ge=2, le=10_000)] = 10
    settings: dict[str, Any] = Field(default_factory=dict)
    severity: Severity = "warning"
    area: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    runbook_url: Annotated[str, Field(max_length=cleaning.MAX_URL)] | None = None


class NewRule(RuleIn):
    is_enabled: bool = True


class RuleChange(Strict):
    """Only what is given is changed."""

    name: Annotated[str, Field(min_length=1, max_length=cleaning.MAX_NAME)] | None = None
    description: Annotated[str, Field(max_length=cleaning.MAX_TEXT)] | None = None
    filters: Annotated[dict[str, Filter], Field(max_length=8)] | None = None
    per: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    comparison: Literal["above", "below"] | None = None
    bound: Number | None = None
    clear_bound: Number | None = None
    for_s: Seconds | None = None
    clear_after_s: Seconds | None = None
    window_s: Annotated[int, Field(strict=True, ge=15, le=cleaning.DAY_S)] | None = None
    minimum_volume: Annotated[int, Field(strict=True, ge=0, le=10**9)] | None = None
    storm_size: Annotated[int, Field(strict=True, ge=2, le=10_000)] | None = None
    settings: dict[str, Any] | None = None
    severity: Severity | None = None
    area: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    runbook_url: Annotated[str, Field(max_length=cleaning.MAX_URL)] | None = None


class RuleOut(Out):
    """A rule; `sentence` is it in words. `key` names one that came with the portal."""

    id: UUID
    key: str | None
    name: str
    description: str
    sentence: str
    kind: Kind
    measure: str
    filters: dict[str, Any]
    per: str | None
    comparison: str
    bound: float
    clear_bound: float | None
    for_s: int
    clear_after_s: int
    window_s: int
    minimum_volume: int
    storm_size: int
    settings: dict[str, Any]
    severity: Severity
    area: str
    runbook_url: str | None
    is_enabled: bool
    created_at: datetime
    updated_at: datetime
    version: int


class SeenOut(RuleOut):
    """With what the last look found: firing, clear, unknown or failed (null: nobody looked yet)."""

    outcome: str | None
    told: str | None
    evaluated_at: datetime | None
    firing: int | None
    live: int


class RuleList(Out):
    items: list[SeenOut]
    next: None


class MeasureOut(Out):
    """What can be watched, the kinds of rule that fit, and the dimensions that filters and `per` may name."""

    name: str
    title: str
    unit: str
    area: str
    kinds: list[str]
    dimensions: dict[str, str]
    required: list[str]


class MeasureList(Out):
    items: list[MeasureOut]
    next: None


class IntervalOut(Out):
    """A time in which the rule would have fired; `cleared_at` is null where it still does."""

    subject: str
    since: datetime
    fired_at: datetime | None
    cleared_at: datetime | None
    value: float | None
    worst: float | None


class Span(Out):
    since: datetime
    until: datetime


class DryRunOut(Out):
    """What a rule would have done; at most 1,000 intervals of `count`, oldest first."""

    count: int
    subjects: int
    told: str
    grain: Literal["minute", "hour"]
    intervals: list[IntervalOut]
    unobserved: list[Span]


def _row(rule: AlertRule) -> dict[str, Any]:
    own = {name: getattr(rule, name) for name in RuleOut.model_fields if name != "sentence"}
    return own | {"sentence": sentence(rule)}


def _version(actor: Actor, rule_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one_rule(actor, rule_id).version))


@router.get("", response_model=RuleList)
def list_alert_rules(request: Request, actor: CurrentActor, search: Search = "") -> Response:
    """Every rule with what the last look found, the gravest first."""
    found = queries.rules(actor, text=search)
    return collection(request, records(found))


@router.get("/measures", response_model=MeasureList)
def list_measures(request: Request, actor: CurrentActor) -> Response:
    """What can be watched."""
    require(actor, "alert_rules:read")
    names = tuple(MeasureOut.model_fields)
    return collection(request, [{name: getattr(one, name) for name in names} for one in MEASURES.values()])


@router.post("", status_code=201, response_model=RuleOut)
def create_alert_rule(request: Request, actor: CurrentActor, given: NewRule, once: Once) -> Response:
    """Makes a rule; it is looked at within 15 s."""
    rule = rule_actions.create(actor, **given.model_dump(), once=once)
    return entity(request, _row(rule), status=201, location=f"{PATH}/{rule.id}")


@router.post("/dry-run", response_model=DryRunOut)
def dry_run_of_values(request: Request, actor: CurrentActor, given: RuleIn, days: Days = 30) -> Response:
    """When a rule would have fired in the past days, before it is saved."""
    return entity(request, _ran(dry_run.dry_run(actor, given.model_dump(), days=days)))


@router.get("/{rule_id}", response_model=RuleOut)
def get_alert_rule(request: Request, actor: CurrentActor, rule_id: UUID) -> Response:
    """One rule, with its version as ETag."""
    return entity(request, _row(queries.one_rule(actor, rule_id)))


@router.get("/{rule_id}/dry-run", response_model=DryRunOut)
def dry_run_of_rule(request: Request, actor: CurrentActor, rule_id: UUID, days: Days = 30) -> Response:
    """When this rule would have fired in the past days."""
    values = dry_run.values_of(queries.one_rule(actor, rule_id))
    return entity(request, _ran(dry_run.dry_run(actor, values, days=days)))


@router.patch("/{rule_id}", response_model=RuleOut)
def change_alert_rule(
    request: Request, actor: CurrentActor, rule_id: UUID, given: RuleChange, match: IfMatch
) -> Response:
    """Changes a rule. With If-Match, 412 when somebody was faster."""
    values = given.model_dump(exclude_unset=True)
    kept = {name: value for name, value in values.items() if value is not None or name in _MAY_BE_NONE}
    return entity(request, _row(rule_actions.update(actor, rule_id, version=_version(actor, rule_id, match), **kept)))


_MAY_BE_NONE = {"per", "clear_bound", "runbook_url", "area"}


@router.post("/{rule_id}/enable", response_model=RuleOut)
def enable_alert_rule(request: Request, actor: CurrentActor, rule_id: UUID) -> Response:
    """Watches again."""
    return entity(request, _row(rule_actions.enable(actor, rule_id)))


@router.post("/{rule_id}/disable", response_model=RuleOut)
def disable_alert_rule(request: Request, actor: CurrentActor, rule_id: UUID, reason: Reason) -> Response:
    """Watches no more; the rule's live alerts end within 15 s."""
    return entity(request, _row(rule_actions.disable(actor, rule_id, reason=reason)))


@router.delete("/{rule_id}", status_code=204)
def delete_alert_rule(actor: CurrentActor, rule_id: UUID, match: IfMatch, reason: Reason) -> Response:
    """Removes a rule; what it found stays."""
    rule_actions.delete(actor, rule_id, reason=reason, version=_version(actor, rule_id, match))
    return nothing()


def _ran(found: dry_run.DryRun) -> dict[str, Any]:
    frames = {"intervals": found.intervals, "unobserved": found.unobserved}
    plain = {name: getattr(found, name) for name in ("count", "subjects", "told", "grain")}
    return plain | {name: records(frame) for name, frame in frames.items()}
