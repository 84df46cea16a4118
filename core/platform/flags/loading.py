"""All flags of one environment as they are now, compiled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.kernel.actor import Actor
from core.kernel.telemetry import record
from core.platform.flags.answers import Definition, Evaluate, Override, Tallies, uncounted
from core.platform.flags.conditions import compile_all
from core.platform.flags.models import Flag, FlagEnvironment, FlagOverride, FlagRevision, FlagSegment
from core.platform.flags.rules import Audience, Compiler

_OWN = (Flag.id, Flag.key, Flag.variants, Flag.off_variant, Flag.unit, Flag.config, Flag.salt)
_HERE = (
    FlagEnvironment.is_enabled, FlagEnvironment.rules, FlagEnvironment.serve, FlagEnvironment.rollout_percentage,
    FlagEnvironment.prerequisites, FlagEnvironment.killed_at, FlagEnvironment.kill_reason, FlagEnvironment.paused_at,
    FlagEnvironment.pause_reason,
)  # fmt: skip
_REVISION = select(FlagRevision.revision)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The flags of one environment at a revision; `changed_at` is when the last change was made (database's clock)."""

    revision: UUID
    flags: dict[str, Evaluate]
    definitions: dict[str, Definition]


def _system() -> Actor:
    return Actor.system("flags")


def newer(environment: str, known: UUID | None, tallies: Tallies = uncounted) -> Snapshot | None:
    """The flags of the environment, or None while `known` is their revision. Raises Unavailable.

    Asks the primary: a replica may be behind, and a kill must not be.
    """
    with record(_system(), timeout_ms=5_000) as tx:
        # Before the rows: what commits between the two is loaded now and once more at the next look.
        revision: UUID = tx.session.execute(_REVISION).scalar_one()
        return None if revision == known else _load(tx.session, environment, revision, tallies)


def _load(session: Session, environment: str, revision: UUID, tallies: Tallies) -> Snapshot:
    here = (FlagEnvironment.flag_id == Flag.id) & (FlagEnvironment.environment == environment)
    joined = select(*_OWN, *_HERE).join(FlagEnvironment, here).where(Flag.archived_at.is_(None))
    overrides = _overrides(session, environment)
    definitions = [
        Definition(**_plain(row._asdict()), overrides=overrides.get(row.id, {}))
        for row in session.execute(joined).all()
    ]
    compiled = Compiler(definitions, _segments(session), tallies).compile()
    return Snapshot(revision, compiled, {one.key: one for one in definitions})


def _plain(columns: dict[str, Any]) -> dict[str, Any]:
    return columns | {"rollout_percentage": float(columns["rollout_percentage"])}


def _segments(session: Session) -> dict[str, Audience]:
    columns = (FlagSegment.key, FlagSegment.name, FlagSegment.match, FlagSegment.conditions)
    rows = session.execute(select(*columns)).all()
    return {row.key: Audience(row.name, compile_all(row.conditions, row.match)) for row in rows}


def _overrides(session: Session, environment: str) -> dict[UUID, dict[str, Override]]:
    columns = (
        FlagOverride.flag_id,
        FlagOverride.tenant_id,
        FlagOverride.variant,
        FlagOverride.config,
        FlagOverride.expires_at,
    )
    found: dict[UUID, dict[str, Override]] = {}
    for row in session.execute(select(*columns).where(FlagOverride.environment == environment)).all():
        one = Override(row.variant, row.config or {}, _seconds(row.expires_at))
        found.setdefault(row.flag_id, {})[str(row.tenant_id)] = one
    return found


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
