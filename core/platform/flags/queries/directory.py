"""Flags, their environments, segments and overrides."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, Float, and_, case, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import aliased

from core.access.operators.models import Operator
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, as_id, read
from core.platform.flags.models import (
    ENVIRONMENTS,
    Flag,
    FlagChange,
    FlagEnvironment,
    FlagExposure,
    FlagOverride,
    FlagSegment,
)

STATES = ("on", "partial", "off", "paused", "killed")
MISSING = "This flag does not exist, or was removed."
OWN = (
    Flag.id, Flag.key, Flag.name, Flag.description, Flag.kind, Flag.owner_id, Flag.expires_on, Flag.is_protected,
    Flag.version, Flag.created_at, Flag.archived_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds the start of a key or of a name, or an id. Empty tuples do not filter; states are of `environment`."""

    text: str = ""
    environment: str = "production"
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    owner_id: UUID | None = None
    is_archived: bool = False


def state() -> ColumnElement[str]:
    """What a flag is in an environment, as one of STATES; `on` is on for everybody."""
    here = FlagEnvironment
    narrowed = or_(here.rollout_percentage < 100, func.jsonb_array_length(here.prerequisites) > 0)
    reaches_nobody = and_(here.rollout_percentage == 0, func.jsonb_array_length(here.rules) == 0)
    return case(
        (here.killed_at.is_not(None), "killed"),
        (~here.is_enabled, "off"),
        (here.paused_at.is_not(None), "paused"),
        (reaches_nobody, "off"),
        (narrowed, "partial"),
        else_="on",
    )


def names_of(operators: set[UUID]) -> dict[UUID, str]:
    """Names of operators. Read as the portal itself: who works with flags sees who did what, and no accounts."""
    with read(Actor.system("flags", channel="page")) as rx:
        rows = rx.rows(select(Operator.id, Operator.name).where(Operator.id.in_(operators))) if operators else []
    return {row.id: row.name for row in rows}


def with_names(frame: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    """The frame with a column of operators' names beside their ids; NA where there is none."""
    ids = frame[column].astype("string")
    known = {str(key): who for key, who in names_of({UUID(one) for one in ids.dropna()}).items()}
    frame.insert(list(frame.columns).index(column) + 1, name, ids.map(known).astype("string"))
    return frame


def _columns(environment: str) -> tuple[Any, ...]:
    here = and_(FlagOverride.flag_id == Flag.id, FlagOverride.environment == environment)
    waits = and_(FlagChange.flag_id == Flag.id, FlagChange.outcome == "waiting")
    seen = and_(FlagExposure.flag_id == Flag.id, FlagExposure.environment == environment)
    return (
        *OWN,
        FlagEnvironment.is_enabled,
        cast(FlagEnvironment.rollout_percentage, Float).label("rollout_percentage"),
        state().label("state"),
        func.jsonb_array_length(FlagEnvironment.rules).label("rules"),
        select(func.count()).select_from(FlagOverride).where(here).scalar_subquery().label("overrides"),
        select(func.count()).select_from(FlagChange).where(waits).scalar_subquery().label("waiting"),
        FlagEnvironment.next_step_at,
        FlagEnvironment.enable_at,
        FlagEnvironment.disable_at,
        select(func.max(FlagExposure.last_at)).where(seen).scalar_subquery().label("last_evaluated_at"),
    )


def _narrow(statement: AnySelect, filters: Filters) -> AnySelect:
    here = and_(FlagEnvironment.flag_id == Flag.id, FlagEnvironment.environment == filters.environment)
    statement = statement.join(FlagEnvironment, here)
    wanted = filters.text.strip()
    if wanted:
        key = as_id(wanted)
        by_name = func.lower(Flag.name).startswith(wanted.lower(), autoescape=True)
        statement = statement.where(
            Flag.id == key if key else or_(by_name, Flag.key.startswith(wanted.lower(), autoescape=True))
        )
    if filters.states:
        statement = statement.where(state().in_(filters.states))
    if filters.kinds:
        statement = statement.where(Flag.kind.in_(filters.kinds))
    if filters.owner_id:
        statement = statement.where(Flag.owner_id == filters.owner_id)
    return statement.where(Flag.archived_at.is_not(None) if filters.is_archived else Flag.archived_at.is_(None))


def directory(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per flag, newest first; archived ones only when asked for.

    Columns: id, key, name, description, kind, owner_id, owner, expires_on, is_protected, version, created_at (UTC),
    archived_at; of the environment: is_enabled, rollout_percentage (0 to 100), state, rules (count), overrides (of tenants
    in sight), waiting (proposals), next_step_at, enable_at, disable_at, last_evaluated_at (NA never).
    """
    require(actor, "flags:read")
    statement = _narrow(select(*_columns(filters.environment)), filters)
    with read(actor) as rx:
        page = rx.page(statement, keys=[Flag.created_at, Flag.id], after=after, limit=limit)
    return Page(with_names(page.frame, "owner_id", "owner"), page.next)


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """As `directory`, as plain rows for machines, with variants, off_variant, unit and config, without owner."""
    require(actor, "flags:read")
    more = (Flag.variants, Flag.off_variant, Flag.unit, Flag.config, Flag.updated_at)
    with read(actor) as rx:
        statement = _narrow(select(*_columns(filters.environment), *more), filters)
        return rx.listing(statement, keys=[Flag.created_at, Flag.id], after=after, limit=limit)


def count(actor: Actor, filters: Filters) -> int:
    """How many flags match."""
    require(actor, "flags:read")
    with read(actor) as rx:
        return int(rx.value(_narrow(select(func.count()).select_from(Flag), filters)))


def one(actor: Actor, flag_id: UUID) -> dict[str, Any]:
    """One flag: id, key, name, description, kind, variants, off_variant, unit, owner_id, owner, expires_on, is_protected,
    config, salt, created_at, updated_at, archived_at, version. Raises NotFound."""
    require(actor, "flags:read")
    more = (Flag.variants, Flag.off_variant, Flag.unit, Flag.config, Flag.salt, Flag.updated_at)
    with read(actor) as rx:
        found = rx.one(select(*OWN, *more).where(Flag.id == flag_id))
    if found is None:
        raise NotFound(MISSING)
    owner = names_of({found.owner_id} if found.owner_id else set())
    return found._asdict() | {"owner": owner.get(found.owner_id)}


def by_key(actor: Actor, key: str) -> UUID:
    """The id of the flag of that key. Raises NotFound."""
    require(actor, "flags:read")
    with read(actor) as rx:
        found: UUID | None = rx.value(select(Flag.id).where(Flag.key == key))
    if found is None:
        raise NotFound(MISSING)
    return found


def environments(actor: Actor, flag_id: UUID) -> dict[str, dict[str, Any]]:
    """How the flag behaves, by environment: id, environment, is_enabled, rules, serve, rollout_percentage (float),
    prerequisites, ramp, next_step_at, enable_at, disable_at, guardrails, killed_at, killed_by (name), kill_reason,
    paused_at, paused_by (name; None for a guardrail), pause_reason, updated_at (UTC), version, state. Raises NotFound."""
    require(actor, "flags:read")
    here = FlagEnvironment
    columns = (
        here.id, here.environment, here.is_enabled, here.rules, here.serve,
        cast(here.rollout_percentage, Float).label("rollout_percentage"), here.prerequisites, here.ramp, here.next_step_at,
        here.enable_at, here.disable_at, here.guardrails, here.killed_at, here.killed_by, here.kill_reason, here.paused_at,
        here.paused_by, here.pause_reason, here.updated_at, here.version, state().label("state"),
    )  # fmt: skip
    with read(actor) as rx:
        rows = [row._asdict() for row in rx.rows(select(*columns).where(here.flag_id == flag_id))]
    if not rows:
        raise NotFound(MISSING)
    known = names_of({row[who] for row in rows for who in ("killed_by", "paused_by") if row[who]})
    named = [row | {who: known.get(row[who]) for who in ("killed_by", "paused_by")} for row in rows]
    by_name = {row["environment"]: row for row in named}
    return {name: by_name[name] for name in ENVIRONMENTS}


def segments(actor: Actor) -> pd.DataFrame:
    """One row per segment by name: id, key, name, description, match, conditions (list), used_by (keys of live flags),
    version, updated_at (UTC)."""
    require(actor, "flags:read")
    own = func.jsonb_build_object("key", FlagSegment.key)
    named = func.jsonb_path_exists(FlagEnvironment.rules, cast("$[*] ? (@.segment == $key)", JSONPATH), own)
    users = (
        select(func.array_agg(Flag.key.distinct()))
        .join(FlagEnvironment)
        .where(named, Flag.archived_at.is_(None))
        .scalar_subquery()
    )
    columns = (
        FlagSegment.id, FlagSegment.key, FlagSegment.name, FlagSegment.description, FlagSegment.match,
        FlagSegment.conditions, func.coalesce(users, literal([], type_=users.type)).label("used_by"), FlagSegment.version,
        FlagSegment.updated_at,
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(select(*columns).order_by(FlagSegment.name, FlagSegment.key))


def owners(actor: Actor) -> pd.DataFrame:
    """Operators in service, by name: id, name. Read as the portal itself, as in `names_of`."""
    require(actor, "flags:read")
    people = select(Operator.id, Operator.name).where(Operator.disabled_at.is_(None)).order_by(Operator.name)
    with read(Actor.system("flags", channel=actor.channel)) as rx:
        return rx.frame(people, limit=1_000)


def overrides(
    actor: Actor, *, flag_id: UUID | None = None, tenant_id: UUID | None = None, environment: str | None = None
) -> pd.DataFrame:
    """One row per override of a tenant in sight, newest first, at most 1,000.

    Columns: id, flag_id, key, flag, environment, tenant_id, tenant (NA without tenants:read), variant, config, expires_at,
    reason, created_at (UTC), set_by (name).
    """
    require(actor, "flags:read")
    own, tenant = FlagOverride, aliased(Tenant)
    columns = (
        own.id, own.flag_id, Flag.key, Flag.name.label("flag"), own.environment, own.tenant_id,
        tenant.name.label("tenant"), own.variant, own.config, own.expires_at, own.reason, own.created_at, own.set_by,
    )  # fmt: skip
    statement = select(*columns).join(Flag, Flag.id == own.flag_id).outerjoin(tenant, tenant.id == own.tenant_id)
    chosen = {own.flag_id: flag_id, own.tenant_id: tenant_id, own.environment: environment}
    statement = statement.where(*(column == value for column, value in chosen.items() if value is not None))
    with read(actor) as rx:
        found = rx.frame(statement.order_by(own.created_at.desc(), own.id), limit=1_000)
    return with_names(found, "set_by", "set_by_name").drop(columns="set_by").rename(columns={"set_by_name": "set_by"})
