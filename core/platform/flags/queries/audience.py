"""Who has a flag, what a tenant has, and why: every answer is the evaluation itself, in bulk."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, literal, select, tuple_
from sqlalchemy.orm import aliased

from core.customers.tenants.models import Tenant
from core.customers.tenants.queries import matches
from core.customers.tenants.rules import GONE
from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.permissions import require
from core.kernel.reads import Page, Reading, as_id, read
from core.platform.flags import audience, evaluating
from core.platform.flags.answers import Evaluate, Evaluation
from core.platform.flags.buckets import BUCKETS, bucket
from core.platform.flags.conditions import Context
from core.platform.flags.loading import Snapshot
from core.platform.flags.models import ENVIRONMENTS, Flag, FlagOverride

CHUNK = 2_000
_FACTS = (Tenant.id, Tenant.name, Tenant.tier, Tenant.region, Tenant.status)
WHO = ["tenant_id", "tenant", "plan", "region", "status", "variant", "value", "reason", "sentence"]
WHAT = ["flag_id", "key", "name", "kind", "variant", "value", "reason", "sentence", "is_override", "expires_at"]


def _snapshot(environment: str) -> Snapshot:
    if environment not in ENVIRONMENTS:
        raise NotFound(f"There is no environment {environment}; choose one of {', '.join(ENVIRONMENTS)}.")
    return evaluating.of(environment).look()


def _compiled(actor: Actor, flag_id: UUID, environment: str) -> Evaluate:
    return _snapshot(environment).flags[_flag(actor, flag_id)]


def _flag(actor: Actor, flag_id: UUID) -> str:
    with read(actor) as rx:
        found: str | None = rx.value(select(Flag.key).where(Flag.id == flag_id, Flag.archived_at.is_(None)))
    if found is None:
        raise NotFound("This flag does not exist, or is archived.")
    return found


def context_of(row: dict[str, Any]) -> Context:
    return {"tenant_id": str(row["id"]), "plan": row["tier"], "region": row["region"], "status": row["status"]}


def _told(found: Evaluation) -> dict[str, Any]:
    return {
        "variant": found.variant,
        "value": db.to_json(found.value),
        "reason": found.reason,
        "sentence": found.sentence,
    }


def _tenants(rx: Reading, text: str, after: str | None, chunk: int) -> Iterator[dict[str, Any]]:
    """Tenants in sight after the one of that id, by name; read in chunks, as far as somebody asks for them."""
    ordered = select(*_FACTS).where(Tenant.status.not_in(GONE)).order_by(Tenant.name, Tenant.id).limit(chunk)
    if text.strip():
        ordered = ordered.where(matches(text))
    while True:
        statement = ordered if after is None else ordered.where(_later(after))
        rows = [row._asdict() for row in rx.rows(statement)]
        yield from rows
        if len(rows) < chunk:
            return
        after = str(rows[-1]["id"])


def _later(after: str) -> ColumnElement[bool]:
    key = as_id(after)
    if key is None:
        raise Invalid("This page link is damaged. Start from the first page.", {"cursor": "Not a page token."})
    other = aliased(Tenant)
    name = select(other.name).where(other.id == key).scalar_subquery()
    return tuple_(Tenant.name, Tenant.id) > tuple_(name, literal(key, type_=Tenant.id.type))


def who_has(
    actor: Actor, flag_id: UUID, environment: str, *, variant: str | None = None, text: str = "", after: str | None = None,
    limit: int = 50,
) -> Page:  # fmt: skip
    """One row per tenant in sight, by name; with `variant` only those who get it.

    Columns: tenant_id, tenant, plan, region, status, variant, value (JSON text), reason (OpenFeature's code), sentence.
    Evaluated for the tenant as such, without a user. Deleted tenants are left out. Raises NotFound.
    """
    require(actor, "flags:read")
    require(actor, "tenants:read")
    decide = _compiled(actor, flag_id, environment)
    with read(actor) as rx:
        found = _served(_tenants(rx, text, after, limit + 1 if variant is None else CHUNK), decide, variant)
        rows = list(islice(found, limit + 1))
    frame = pd.DataFrame(rows[:limit], columns=WHO)
    return Page(frame, frame["tenant_id"].iloc[-1] if len(rows) > limit else None)


def _served(tenants: Iterator[dict[str, Any]], decide: Evaluate, variant: str | None) -> Iterator[dict[str, Any]]:
    for row in tenants:
        found = decide(context_of(row))
        if variant in (None, found.variant):
            known = {"tenant_id": str(row["id"]), "tenant": row["name"], "plan": row["tier"], "region": row["region"]}
            yield {**known, "status": row["status"], **_told(found)}


def who_has_counts(actor: Actor, flag_id: UUID, environment: str) -> pd.DataFrame:
    """How many tenants get each variant: variant, tenants, share (0 to 1). Figures without names, of all in scope."""
    require(actor, "flags:read")
    decide = _compiled(actor, flag_id, environment)
    counts = Counter(decide(context_of(row)).variant for row in everybody(actor))
    whole = sum(counts.values())
    rows = [{"variant": name, "tenants": held, "share": held / whole} for name, held in sorted(counts.items(), key=str)]
    return pd.DataFrame(rows, columns=["variant", "tenants", "share"])


def everybody(actor: Actor) -> list[dict[str, Any]]:
    """What evaluation needs of every tenant in scope that is not deleted. Read without the right to the directory."""
    reader = Actor.system("flags", channel=actor.channel) if actor.scope == "all" else actor
    with read(reader) as rx:
        return list(_tenants(rx, "", None, CHUNK))


def what_has(actor: Actor, tenant_id: UUID, environment: str) -> pd.DataFrame:
    """One row per live flag by key, as the tenant gets it.

    Columns: flag_id, key, name, kind, variant, value (JSON text), reason, sentence, is_override, expires_at (UTC, of the
    override). Raises NotFound for a tenant out of sight.
    """
    require(actor, "flags:read")
    require(actor, "tenants:read")
    snapshot = _snapshot(environment)
    own = (FlagOverride.environment == environment, FlagOverride.tenant_id == tenant_id)
    with read(actor) as rx:
        tenant = rx.one(select(*_FACTS).where(Tenant.id == tenant_id))
        flags = rx.rows(
            select(Flag.id, Flag.key, Flag.name, Flag.kind).where(Flag.archived_at.is_(None)).order_by(Flag.key)
        )
        ends = {
            row.flag_id: row.expires_at
            for row in rx.rows(select(FlagOverride.flag_id, FlagOverride.expires_at).where(*own))
        }
    if tenant is None:
        raise NotFound("This tenant does not exist, or is not among those you may see.")
    context = context_of(tenant._asdict())
    rows = [
        {"flag_id": str(flag.id), "key": flag.key, "name": flag.name, "kind": flag.kind,
         **_told(snapshot.flags[flag.key](context)), "is_override": flag.id in ends, "expires_at": ends.get(flag.id)}
        for flag in flags if flag.key in snapshot.flags
    ]  # fmt: skip
    found = pd.DataFrame(rows, columns=WHAT)
    return found.assign(expires_at=pd.to_datetime(found["expires_at"], utc=True))


def explain(actor: Actor, flag_id: UUID, environment: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """What one context gets, and why: variant, value, reason, sentence, config, error_code, context (completed with the
    tenant's facts), bucket (its place in percent, None without a unit). Not counted. Raises NotFound."""
    require(actor, "flags:read")
    snapshot = _snapshot(environment)
    key = _flag(actor, flag_id)
    whole = completed(actor, context)
    found, flag = snapshot.flags[key](whole), snapshot.definitions[key]
    unit = whole.get(f"{flag.unit}_id")
    place = None if unit is None else bucket(flag.salt, str(unit)) * 100 / BUCKETS
    return {"variant": found.variant, "value": found.value, "reason": found.reason, "sentence": found.sentence,
            "config": dict(found.config), "error_code": found.error_code, "context": whole, "bucket": place}  # fmt: skip


def completed(actor: Actor, context: Mapping[str, Any]) -> dict[str, Any]:
    """The context with plan, region and status of its tenant where it does not give them itself.

    Raises NotFound for a tenant that exists and is out of the actor's sight.
    """
    tenant_id = as_id(str(context.get("tenant_id", "")))
    if tenant_id is None:
        return dict(context)
    facts = audience.facts_of(tenant_id)
    if facts and actor.scope != "all":
        audience.require_in_sight(actor, tenant_id)
    return {**facts, **context, "tenant_id": str(tenant_id)}
