"""Proposed changes, and what became of a flag over time."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import and_, func, or_, select

from core.customers.tenants.models import Tenant
from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.audit import AuditEntry
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.platform.flags.models import Flag, FlagChange, FlagEnvironment
from core.platform.flags.queries.directory import environments, one

HISTORY = ["at", "actor", "action", "environment", "reason", "fields", "changes"]
_UNTOLD = {"version", "updated_at", "id", "flag_id", "salt"}


def _changes(*more: Any) -> AnySelect:
    here = and_(FlagEnvironment.flag_id == FlagChange.flag_id, FlagEnvironment.environment == FlagChange.environment)
    is_current = and_(Flag.version == FlagChange.base_flag_version, FlagEnvironment.version == FlagChange.base_version)
    columns = (
        FlagChange.id, FlagChange.flag_id, Flag.key, Flag.name.label("flag"), FlagChange.environment,
        FlagChange.explanation, FlagChange.proposed_by, FlagChange.proposed_by_name, FlagChange.created_at,
        FlagChange.outcome, FlagChange.decided_by_name, FlagChange.decided_at, FlagChange.decision_reason,
        is_current.label("is_current"), *more,
    )  # fmt: skip
    return select(*columns).join(Flag, Flag.id == FlagChange.flag_id).join(FlagEnvironment, here)


def changes(
    actor: Actor, *, flag_id: UUID | None = None, outcome: str | None = "waiting", limit: int = 200
) -> pd.DataFrame:
    """One row per proposed change, newest first; `outcome` None for all.

    Columns: id, flag_id, key, flag, environment, explanation, proposed_by, proposed_by_name, created_at (UTC), outcome,
    decided_by_name, decided_at, decision_reason, is_current (nothing changed since it was proposed), is_own (the actor
    proposed it, so somebody else decides).
    """
    require(actor, "flags:read")
    statement = _changes().order_by(FlagChange.created_at.desc(), FlagChange.id)
    if flag_id is not None:
        statement = statement.where(FlagChange.flag_id == flag_id)
    if outcome is not None:
        statement = statement.where(FlagChange.outcome == outcome)
    with read(actor) as rx:
        found = rx.frame(statement, limit=limit)
    return found.assign(is_own=found["proposed_by"] == str(actor.operator_id))


def change(actor: Actor, change_id: UUID) -> dict[str, Any]:
    """One proposed change: the columns of `changes`, content, content_hash, and `differences`: a row per field with part,
    field, before, after (JSON text; before is what holds now). Raises NotFound."""
    require(actor, "flags:read")
    with read(actor) as rx:
        row = rx.one(_changes(FlagChange.content, FlagChange.content_hash).where(FlagChange.id == change_id))
    if row is None:
        raise NotFound("This change does not exist.")
    own = {"is_own": row.proposed_by == actor.operator_id, "differences": _differences(actor, row)}
    return row._asdict() | own


def _differences(actor: Actor, row: Any) -> pd.DataFrame:
    now = {"flag": one(actor, row.flag_id), "environment": environments(actor, row.flag_id)[row.environment]}
    rows = [
        {"part": part, "field": field, "before": _text(now.get(part, {}).get(field)), "after": _text(value)}
        for part, values in row.content.items()
        for field, value in (values if isinstance(values, Mapping) else {"tenant_id": values}).items()
    ]
    return pd.DataFrame(rows, columns=["part", "field", "before", "after"])


def _text(value: Any) -> str:
    return db.to_json(value)


def waiting(actor: Actor) -> int:
    """How many proposals wait for somebody else than the actor; 0 for who may not review."""
    if not actor.may("flags:review"):
        return 0
    open_ones = select(func.count()).select_from(FlagChange).where(FlagChange.outcome == "waiting")
    with read(actor) as rx:
        return int(rx.value(open_ones.where(FlagChange.proposed_by.is_distinct_from(actor.operator_id))))


def history(actor: Actor, flag_id: UUID, *, limit: int = 100) -> pd.DataFrame:
    """One row per action on the flag, newest first: at (UTC), actor, action, environment, reason, fields (text), changes
    ({column: [before, after]}). Entries of tenants out of sight are left out. Raises NotFound.

    Read as the portal itself: who sees a flag sees who changed it, whatever his right to the trail.
    """
    key = one(actor, flag_id)["key"]
    rows_of = [flag_id, *(row["id"] for row in environments(actor, flag_id).values())]
    columns = (
        AuditEntry.occurred_at, AuditEntry.actor_name, AuditEntry.action, AuditEntry.reason, AuditEntry.tenant_id,
        AuditEntry.details, AuditEntry.changes,
    )  # fmt: skip
    named = and_(AuditEntry.action.in_(_OF_TENANTS), AuditEntry.details["flag"].astext == key)
    touched = AuditEntry.entity_ids.overlap(rows_of)
    newest = select(*columns).where(or_(touched, named), AuditEntry.outcome == "done")
    with read(Actor.system("history")) as rx:
        found = rx.rows(newest.order_by(AuditEntry.occurred_at.desc()).limit(limit))
    seen = _in_sight(actor, {row.tenant_id for row in found if row.tenant_id})
    rows = [_entry(row) for row in found if row.tenant_id is None or row.tenant_id in seen]
    frame = pd.DataFrame(rows, columns=HISTORY)
    return frame.assign(at=pd.to_datetime(frame["at"], utc=True))


_OF_TENANTS = ("flags.set_override", "flags.clear_override")


def _in_sight(actor: Actor, tenants: set[UUID]) -> set[UUID]:
    if actor.scope == "all" or not tenants:
        return tenants
    with read(actor) as rx:
        return {row.id for row in rx.rows(select(Tenant.id).where(Tenant.id.in_(tenants)))}


def _entry(row: Any) -> dict[str, Any]:
    columns = {name: pair for change in row.changes for name, pair in (change.get("columns") or {}).items()}
    told = {name: pair for name, pair in columns.items() if name not in _UNTOLD}
    fields = ", ".join(name.replace("_", " ") for name in told)
    return {"at": row.occurred_at, "actor": row.actor_name, "action": row.action, "environment": row.details.get("environment"),
            "reason": row.reason, "fields": fields, "changes": told}  # fmt: skip
