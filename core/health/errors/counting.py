"""How often errors were seen: out of the rollup, and for what it has not counted yet out of the rows themselves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Subquery, Text, cast, func, literal, select, text, union_all

from core.health.errors.models import CAUSE_ROLLUP, ERROR_ROLLUP, ErrorRecord
from core.kernel.actor import Actor
from core.kernel.models import TransactionId
from core.kernel.reads import read
from core.kernel.rollups import Grain, Rollup, RollupWatermark

# A pass runs every 10 s. Where none has run for long, what is beyond this is not counted and the page is not slow.
MOST_NEW = 20_000


def counted(
    actor: Actor, since: datetime, until: datetime, grain: Grain, *, tenant_id: UUID | None = None,
    fingerprints: list[str] | None = None, by_tenant: bool = False,
) -> Subquery:  # fmt: skip
    """Rows of fingerprint, service, bucket (of the grain) and total that add up to the errors of the time; and of tenant_id
    where these are told apart.

    Both parts are of one statement, and so of one snapshot: nothing is counted twice.
    """
    tells_apart = by_tenant or tenant_id is not None or actor.scope != "all"
    rollup = ERROR_ROLLUP if tells_apart else CAUSE_ROLLUP
    parts = [rollup.model(grain).__table__.c]
    if actor.may("health:read"):
        parts.append(_new(rollup, grain, _mark(actor, rollup)).c)
    names = ["fingerprint", "service", *(["tenant_id"] if tells_apart else []), "bucket", "total"]
    found = (_part(part, names, since, until, tenant_id, fingerprints) for part in parts)
    return union_all(*found).subquery("counted")


def _mark(actor: Actor, rollup: Rollup) -> str:
    """How far the rollup is. Read beforehand, so that the planner sees how few rows are beyond it."""
    with read(actor) as rx:
        return str(rx.value(select(cast(RollupWatermark.xid, Text)).where(_own(rollup))) or "0")


def _own(rollup: Rollup) -> ColumnElement[bool]:
    return RollupWatermark.rollup == rollup.name


def _part(
    part: Any,
    names: list[str],
    since: datetime,
    until: datetime,
    tenant_id: UUID | None,
    fingerprints: list[str] | None,
) -> Any:
    found = select(*(part[name] for name in names))
    found = found.where(part.bucket >= since, part.bucket < until)
    if tenant_id is not None:
        found = found.where(part.tenant_id == tenant_id)
    return found.where(part.fingerprint.in_(fingerprints)) if fingerprints is not None else found


def _new(rollup: Rollup, grain: Grain, mark: str) -> Subquery:
    """The rows that no pass has taken: of those beyond `mark`, what is beyond the mark of the statement's own snapshot."""
    record = ErrorRecord
    bucket = func.date_trunc(grain, record.at, text("'UTC'")).label("bucket")
    total = literal(1, BigInteger()).label("total")
    found = select(record.fingerprint, record.service, record.tenant_id, bucket, total)
    exact = func.coalesce(select(RollupWatermark.xid).where(_own(rollup)).scalar_subquery(), text("'0'::xid8"))
    beyond = found.where(record.xid >= cast(literal(mark, Text()), TransactionId()), record.xid >= exact)
    return beyond.order_by(record.xid).limit(MOST_NEW).subquery("new")
