"""Feature flags for machines: the same queries and actions as the page, under the same rights."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Once,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
)
from core.kernel.actor import Actor
from core.platform.flags import actions, queries
from core.platform.flags.queries.directory import listing

router = area("/superadmin/flags", "flags")
PATH = "/api/v1/superadmin/flags"

Environment = Literal["production", "staging", "development"]
Kind = Literal["boolean", "multivariate", "json"]
Unit = Literal["tenant", "user"]
State = Literal["on", "partial", "off", "paused", "killed"]
Key = Annotated[str, Field(min_length=1, max_length=100, examples=["new-billing"])]
Name = Annotated[str, Field(min_length=1, max_length=200, examples=["New billing"])]
Percentage = Annotated[float, Field(ge=0, le=100, examples=[25])]


class FlagOut(Out):
    """A flag; times in UTC. `variants` maps a name to its value, `off_variant` is served where the flag is off."""

    id: UUID
    key: str
    name: str
    description: str
    kind: Kind
    variants: dict[str, Any]
    off_variant: str
    unit: Unit
    owner_id: UUID | None
    expires_on: date | None
    is_protected: bool
    config: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    version: int


class FlagRow(FlagOut):
    """A flag with what it is in the environment that was asked for."""

    is_enabled: bool
    rollout_percentage: float
    state: State
    rules: int
    overrides: int
    waiting: int
    next_step_at: datetime | None
    enable_at: datetime | None
    disable_at: datetime | None
    last_evaluated_at: datetime | None


class FlagPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[FlagRow]
    next: str | None


class EnvironmentOut(Out):
    """How a flag behaves in one environment; `version` is the environment's own."""

    id: UUID
    environment: Environment
    is_enabled: bool
    rules: list[dict[str, Any]]
    serve: dict[str, Any]
    rollout_percentage: float
    prerequisites: list[dict[str, Any]]
    ramp: list[dict[str, Any]]
    next_step_at: datetime | None
    enable_at: datetime | None
    disable_at: datetime | None
    guardrails: list[dict[str, Any]]
    killed_at: datetime | None
    kill_reason: str | None
    paused_at: datetime | None
    pause_reason: str | None
    updated_at: datetime
    version: int


class FlagIn(Strict):
    """A new flag. Where it is on and for what share counts for all three environments."""

    key: Key
    name: Name
    description: Annotated[str, Field(max_length=2000)] = ""
    kind: Kind = "boolean"
    variants: dict[str, Any] | None = None
    off_variant: Annotated[str, Field(max_length=60)] | None = None
    unit: Unit = "tenant"
    owner_id: UUID | None = None
    expires_on: date | None = None
    is_protected: bool = False
    config: dict[str, Any] | None = None
    is_enabled: bool = False
    rollout_percentage: Percentage = 0


class FlagChange(Strict):
    """Only what is given is changed; null takes owner_id and expires_on away."""

    name: Name | None = None
    description: Annotated[str, Field(max_length=2000)] | None = None
    variants: dict[str, Any] | None = None
    off_variant: Annotated[str, Field(max_length=60)] | None = None
    unit: Unit | None = None
    owner_id: UUID | None = None
    expires_on: date | None = None
    is_protected: bool | None = None
    config: dict[str, Any] | None = None


class EnvironmentChange(Strict):
    """Only what is given is changed; null takes enable_at and disable_at away. A percentage set by hand ends a ramp."""

    is_enabled: bool | None = None
    rules: list[dict[str, Any]] | None = None
    serve: dict[str, Any] | None = None
    rollout_percentage: Percentage | None = None
    prerequisites: list[dict[str, Any]] | None = None
    ramp: list[dict[str, Any]] | None = None
    enable_at: datetime | None = None
    disable_at: datetime | None = None
    guardrails: list[dict[str, Any]] | None = None


class Toggle(Strict):
    """Without `is_enabled`, to the other."""

    environment: Environment = "production"
    is_enabled: bool | None = None


_CLEARED = {"owner_id", "expires_on", "enable_at", "disable_at"}


def _given(change: Strict) -> dict[str, Any]:
    """What was sent; null means to take away where something can be, else it was not meant."""
    sent = change.model_dump(exclude_unset=True)
    return {name: value for name, value in sent.items() if value is not None or name in _CLEARED}


def _current(actor: Actor, flag_id: UUID) -> int:
    version: int = queries.one(actor, flag_id)["version"]
    return version


def environment_of(actor: Actor, flag_id: UUID, environment: str) -> dict[str, Any]:
    found = queries.environments(actor, flag_id)[environment]
    return {name: found[name] for name in EnvironmentOut.model_fields}


def _environment_version(actor: Actor, flag_id: UUID, environment: str) -> int:
    version: int = environment_of(actor, flag_id, environment)["version"]
    return version


@router.get("", response_model=FlagPage)
def list_flags(  # noqa: PLR0913  (the filters)
    *,
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    search: Annotated[Search, Query(description="Start of a key or name, or an id.")] = "",
    environment: Environment = "production",
    state: Annotated[tuple[State, ...], Query()] = (),
    kind: Annotated[tuple[Kind, ...], Query()] = (),
    owner_id: UUID | None = None,
    archived: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The flags, newest first, with what they are in one environment; archived ones only with archived=true."""
    filters = queries.Filters(search, environment, state, kind, owner_id, archived)
    page = listing(actor, filters, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("", status_code=201, response_model=FlagOut)
def create_flag(request: Request, actor: CurrentActor, given: FlagIn, once: Once) -> Response:
    """Makes a flag with its three environments."""
    flag = actions.create(actor, **given.model_dump(), once=once)
    return entity(request, FlagOut.model_validate(flag), status=201, location=f"{PATH}/{flag.id}")


@router.get("/{flag_id}", response_model=FlagOut)
def get_flag(request: Request, actor: CurrentActor, flag_id: UUID) -> Response:
    """One flag, with its version as ETag."""
    return entity(request, FlagOut.model_validate(queries.one(actor, flag_id)))


@router.patch("/{flag_id}", response_model=FlagOut)
def change_flag(request: Request, actor: CurrentActor, flag_id: UUID, given: FlagChange, match: IfMatch) -> Response:
    """Changes a flag. With If-Match, 412 when somebody was faster; without it, your values win."""
    version = match.against(lambda: _current(actor, flag_id)) or _current(actor, flag_id)
    return entity(request, FlagOut.model_validate(actions.update(actor, flag_id, version=version, **_given(given))))


@router.delete("/{flag_id}", response_model=FlagOut)
def archive_flag(
    request: Request, actor: CurrentActor, flag_id: UUID, match: IfMatch,
    reason: Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")],
) -> Response:  # fmt: skip
    """Takes a flag out of service. Its key stays taken and its history stays; it can be restored."""
    version = match.against(lambda: _current(actor, flag_id))
    return entity(request, FlagOut.model_validate(actions.archive(actor, flag_id, reason=reason, version=version)))


@router.post("/{flag_id}/restore", response_model=FlagOut)
def restore_flag(request: Request, actor: CurrentActor, flag_id: UUID) -> Response:
    """Puts an archived flag into service again, switched off everywhere."""
    return entity(request, FlagOut.model_validate(actions.restore(actor, flag_id)))


@router.post("/{flag_id}/toggle", response_model=EnvironmentOut)
def toggle_flag(request: Request, actor: CurrentActor, flag_id: UUID, given: Toggle, match: IfMatch) -> Response:
    """Switches a flag on or off in one environment. If-Match takes the environment's version."""
    version = match.against(lambda: _environment_version(actor, flag_id, given.environment))
    actions.toggle(actor, flag_id, given.environment, is_enabled=given.is_enabled, version=version)
    return entity(request, environment_of(actor, flag_id, given.environment))


@router.get("/{flag_id}/environments/{environment}", response_model=EnvironmentOut)
def get_flag_environment(request: Request, actor: CurrentActor, flag_id: UUID, environment: Environment) -> Response:
    """How a flag behaves in one environment, with that version as ETag."""
    return entity(request, environment_of(actor, flag_id, environment))


@router.patch("/{flag_id}/environments/{environment}", response_model=EnvironmentOut)
def configure_flag(
    request: Request, actor: CurrentActor, flag_id: UUID, environment: Environment, given: EnvironmentChange,
    match: IfMatch,
) -> Response:  # fmt: skip
    """Changes rules, percentage, ramp, schedule, prerequisites or guardrails in one environment."""
    current = _environment_version(actor, flag_id, environment)
    version = match.against(lambda: current) or current
    actions.configure(actor, flag_id, environment, version=version, **_given(given))
    return entity(request, environment_of(actor, flag_id, environment))
