"""How far flags have come, and which have outlived their purpose."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Float, and_, cast, func, select

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.platform.flags import evaluating, rollout
from core.platform.flags.models import Flag, FlagEnvironment, FlagExposure, FlagOverride
from core.platform.flags.queries.audience import context_of, everybody
from core.platform.flags.queries.directory import state, with_names

OVERVIEW = [
    "flag_id", "key", "name", "state", "is_enabled", "rollout_percentage", "tenant_count", "user_count", "tenants_on",
    "tenants", "evaluations_7d", "last_evaluated_at",
]  # fmt: skip
STALE = ["flag_id", "key", "name", "owner_id", "why", "since", "kind_of", "version"]


def adoption(actor: Actor, environment: str, *, days: int = 30, flag_id: UUID | None = None) -> pd.DataFrame:
    """One row per day (UTC), flag and variant that was evaluated, oldest first: day, key, variant, evaluations."""
    require(actor, "flags:read")
    since = utc_now().date() - timedelta(days=days - 1)
    columns = (FlagExposure.day, Flag.key, FlagExposure.variant, FlagExposure.evaluations)
    here = and_(FlagExposure.environment == environment, FlagExposure.day >= since)
    statement = select(*columns).join(Flag, Flag.id == FlagExposure.flag_id).where(here)
    if flag_id is not None:
        statement = statement.where(FlagExposure.flag_id == flag_id)
    with read(actor) as rx:
        found = rx.frame(statement.order_by(FlagExposure.day, Flag.key, FlagExposure.variant))
    return found.assign(day=pd.to_datetime(found["day"]))


def adoption_overview(actor: Actor, environment: str) -> pd.DataFrame:
    """One row per live flag by key.

    Columns: flag_id, key, name, state, is_enabled, rollout_percentage (0 to 100), tenant_count and user_count (named in
    rules; tenants in overrides too), tenants_on (tenants in scope that get another variant than the off one; NA where it
    depends on the user and not on the tenant), tenants (all in scope), evaluations_7d, last_evaluated_at (UTC, NA never).
    """
    require(actor, "flags:read")
    with read(actor) as rx:
        flags = rx.frame(_overview(environment))
    reached, whole = _reached(actor, environment)
    named = [rollout.named(rules) for rules in flags.pop("rules")]
    return flags.assign(
        tenant_count=[len(one["tenant_id"]) for one in named] + flags.pop("overridden"),
        user_count=[len(one["user_id"]) for one in named],
        tenants_on=_tenants_on(flags, reached, flags.pop("unit")),
        tenants=whole,
    )[OVERVIEW]


def _tenants_on(flags: pd.DataFrame, reached: Counter[str], units: pd.Series) -> pd.Series:
    depends = (units == "user") & (flags["state"] == "partial")
    return pd.Series([reached.get(key, 0) for key in flags["key"]], dtype="Int64").mask(depends)


def _overview(environment: str) -> Any:
    week = utc_now().date() - timedelta(days=6)
    seen = and_(FlagExposure.flag_id == Flag.id, FlagExposure.environment == environment)
    own = and_(FlagOverride.flag_id == Flag.id, FlagOverride.environment == environment)
    here = and_(FlagEnvironment.flag_id == Flag.id, FlagEnvironment.environment == environment)
    evaluated = select(func.coalesce(func.sum(FlagExposure.evaluations), 0)).where(seen, FlagExposure.day >= week)
    columns = (
        Flag.id.label("flag_id"), Flag.key, Flag.name, Flag.unit, state().label("state"), FlagEnvironment.is_enabled,
        cast(FlagEnvironment.rollout_percentage, Float).label("rollout_percentage"), FlagEnvironment.rules,
        select(func.count()).select_from(FlagOverride).where(own).scalar_subquery().label("overridden"),
        evaluated.scalar_subquery().label("evaluations_7d"),
        select(func.max(FlagExposure.last_at)).where(seen).scalar_subquery().label("last_evaluated_at"),
    )  # fmt: skip
    return select(*columns).join(FlagEnvironment, here).where(Flag.archived_at.is_(None)).order_by(Flag.key)


def _reached(actor: Actor, environment: str) -> tuple[Counter[str], int]:
    snapshot = evaluating.of(environment).look()
    contexts = [context_of(row) for row in everybody(actor)]
    counts: Counter[str] = Counter()
    for key, decide in snapshot.flags.items():
        off = snapshot.definitions[key].off_variant
        counts[key] = sum(decide(one).variant != off for one in contexts)
    return counts, len(contexts)


def stale(actor: Actor, environment: str = "production", *, now: datetime | None = None) -> pd.DataFrame:
    """One row per live flag that should be removed from the code or decided, oldest first.

    Columns: flag_id, key, name, owner_id, owner, why (a sentence), since (UTC), kind_of (expired, fully rolled out, off,
    never evaluated), version. The limits are in rollout.py.
    """
    require(actor, "flags:read")
    moment = now or utc_now()
    seen = and_(FlagExposure.flag_id == Flag.id, FlagExposure.environment == environment)
    here = and_(FlagEnvironment.flag_id == Flag.id, FlagEnvironment.environment == environment)
    columns = (
        Flag.id, Flag.key, Flag.name, Flag.owner_id, Flag.expires_on, Flag.created_at, Flag.version,
        FlagEnvironment.updated_at, state().label("state"),
        select(func.max(FlagExposure.last_at)).where(seen).scalar_subquery().label("last_evaluated_at"),
    )  # fmt: skip
    statement = select(*columns).join(FlagEnvironment, here).where(Flag.archived_at.is_(None)).limit(5_000)
    with read(actor) as rx:
        rows = [row._asdict() for row in rx.rows(statement)]
    known = {"flag_id": "id", "key": "key", "name": "name", "owner_id": "owner_id", "version": "version"}
    found = [
        {name: row[column] for name, column in known.items()} | why._asdict()
        for row in rows
        if (why := rollout.outlived(row, moment)) is not None
    ]
    frame = pd.DataFrame(found, columns=STALE).sort_values("since", ignore_index=True)
    frame = frame.assign(since=pd.to_datetime(frame["since"], utc=True), flag_id=frame["flag_id"].astype("string"))
    return with_names(frame, "owner_id", "owner")
