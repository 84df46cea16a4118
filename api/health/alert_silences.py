"""Silences for machines: alerts that match are kept, and nobody is told."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import CurrentActor, Instant, Once, Out, Strict, area, collection, entity, records
from core.health.alerts import queries, silence_actions
from core.health.alerts.models import Silence

router = area("/superadmin/silences", "alerts")
PATH = "/api/v1/superadmin/silences"

Severity = Literal["critical", "warning", "info"]
Area = Annotated[str, Field(min_length=1, max_length=silence_actions.MAX_AREA)]


class SilenceIn(Strict):
    """An alert is silenced when it matches all of the matchers that are given, at least one; * stands for anything."""

    ends_at: Instant
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    starts_at: Instant | None = None
    rule_ids: Annotated[list[UUID], Field(max_length=silence_actions.MOST)] = Field(default_factory=list)
    areas: Annotated[list[Area], Field(max_length=silence_actions.MOST)] = Field(default_factory=list)
    severities: Annotated[list[Severity], Field(max_length=3)] = Field(default_factory=list)
    subject_pattern: Annotated[str, Field(max_length=silence_actions.MAX_PATTERN, examples=["web-*"])] | None = None


class SilenceOut(Out):
    """`ended_at`: it was ended before its time."""

    id: UUID
    rule_ids: list[UUID]
    areas: list[str]
    severities: list[str]
    subject_pattern: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_by_name: str
    ended_at: datetime | None
    version: int


class SeenOut(Out):
    """`matching` is how many live alerts it matches now."""

    id: UUID
    rule_ids: list[UUID]
    areas: list[str]
    severities: list[str]
    subject_pattern: str | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    by: str
    state: Literal["active", "planned", "ended"]
    matching: int
    version: int


class SilenceList(Out):
    items: list[SeenOut]
    next: None


def _row(silence: Silence) -> dict[str, Any]:
    return {name: getattr(silence, name) for name in SilenceOut.model_fields}


@router.get("", response_model=SilenceList)
def list_silences(
    request: Request, actor: CurrentActor, past: Annotated[bool, Query(description="Also those that are over.")] = False
) -> Response:
    """Silences that hold or are to come, the latest end first."""
    return collection(request, records(queries.silences(actor, with_past=past)))


@router.post("", status_code=201, response_model=SilenceOut)
def create_silence(request: Request, actor: CurrentActor, given: SilenceIn, once: Once) -> Response:
    """Silences what matches, for 90 days at most."""
    silence = silence_actions.create(actor, **given.model_dump(), once=once)
    return entity(request, _row(silence), status=201, location=f"{PATH}/{silence.id}")


@router.get("/{silence_id}", response_model=SilenceOut)
def get_silence(request: Request, actor: CurrentActor, silence_id: UUID) -> Response:
    """One silence."""
    return entity(request, _row(queries.one_silence(actor, silence_id)))


@router.post("/{silence_id}/expire", response_model=SilenceOut)
def expire_silence(request: Request, actor: CurrentActor, silence_id: UUID) -> Response:
    """Ends a silence now."""
    return entity(request, _row(silence_actions.expire(actor, silence_id)))
