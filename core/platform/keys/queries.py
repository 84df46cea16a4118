"""Reads of API keys. No query returns a digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Text, and_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from core.customers.tenants.models import Tenant
from core.customers.tenants.rules import GONE
from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, as_id, read
from core.kernel.times import utc_now
from core.platform.keys import format, rules
from core.platform.keys.models import KEY_ROLLUP, ApiKey, ApiKeyUse

Step = Literal["hour", "day"]
NO_TEXT: ColumnElement[str | None] = cast(None, Text())
STATUS = case(
    (ApiKey.revoked_at.is_not(None), "revoked"), (ApiKey.expires_at <= func.now(), "expired"), else_="active"
).label("status")  # fmt: skip
_COUNTS = and_(ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()))
# Of keys that count; the words are those of rules.FLAGS.
FLAGGED: Mapping[str, ColumnElement[bool]] = {
    "never used": and_(ApiKeyUse.key_id.is_(None), ApiKey.created_at < func.now() - rules.NEVER_USED_AFTER),
    "unused": ApiKeyUse.last_used_at < func.now() - rules.UNUSED_AFTER,
    "never expires": ApiKey.expires_at.is_(None),
    "expires soon": ApiKey.expires_at <= func.now() + rules.EXPIRES_SOON,
}
_RAISED = array([case((and_(_COUNTS, raised), flag), else_=NO_TEXT) for flag, raised in FLAGGED.items()])
COLUMNS = (
    ApiKey.id, ApiKey.name, ApiKey.tenant_id, Tenant.name.label("tenant"), ApiKey.prefix, ApiKey.mode, ApiKey.hint,
    ApiKey.scopes, ApiKey.expires_at, ApiKey.rate_limit_per_minute, ApiKey.allowed_networks, ApiKey.created_at,
    ApiKey.created_by_name, ApiKey.rotated_at, ApiKey.previous_expires_at, ApiKey.revoked_at, ApiKey.revocation_reason,
    ApiKey.version, STATUS, func.array_remove(_RAISED, NO_TEXT, type_=ARRAY(Text())).label("flags"),
    ApiKeyUse.last_used_at, ApiKeyUse.last_ip, ApiKeyUse.previous_used_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds the start of a name, the last four characters, an id of a key or a tenant, or a whole key. Empty
    values do not filter."""

    text: str = ""
    statuses: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    tenant_id: UUID | None = None


def _keys(*columns: Any) -> AnySelect:
    return (
        select(*columns)
        .select_from(ApiKey)
        .outerjoin(Tenant, Tenant.id == ApiKey.tenant_id)
        .outerjoin(ApiKeyUse, ApiKeyUse.key_id == ApiKey.id)
    )


def matches(text: str) -> ColumnElement[bool]:
    """The condition that a key is what `text` looks for; a whole key is found by its digest, also after a rotation."""
    wanted = text.strip()
    if format.is_key(wanted):
        digest = crypto.digest(wanted)
        return or_(ApiKey.secret_digest == digest, ApiKey.previous_digest == digest)
    known = as_id(wanted)
    if known:
        return or_(ApiKey.id == known, ApiKey.tenant_id == known)
    return or_(ApiKey.hint == wanted, func.lower(ApiKey.name).startswith(wanted.lower(), autoescape=True))


def _narrow(statement: AnySelect, filters: Filters) -> AnySelect:
    if filters.text.strip():
        statement = statement.where(matches(filters.text))
    if filters.tenant_id:
        statement = statement.where(ApiKey.tenant_id == filters.tenant_id)
    if filters.flags:
        statement = statement.where(_COUNTS, or_(*(FLAGGED[flag] for flag in filters.flags if flag in FLAGGED)))
    chosen = ((STATUS, filters.statuses), (ApiKey.mode, filters.modes))
    return statement.where(*(column.in_(values) for column, values in chosen if values))


def directory(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per key in sight, newest first.

    Columns: id, name, tenant_id and tenant (NA for the platform's own keys; the name NA too for an actor who may not see
    tenants), prefix, mode, hint (last four characters), scopes, expires_at, rate_limit_per_minute, allowed_networks,
    created_at, created_by_name, rotated_at, previous_expires_at (how long the secret before counts), revoked_at,
    revocation_reason, version, status, flags (words of rules.FLAGS), last_used_at, last_ip,
    previous_used_at (with the secret before the rotation). Times in UTC.
    """
    require(actor, "api_keys:read")
    with read(actor) as rx:
        keys = [ApiKey.created_at, ApiKey.id]
        return rx.page(_narrow(_keys(*COLUMNS), filters), keys=keys, after=after, limit=limit)


def count(actor: Actor, filters: Filters) -> int:
    """How many keys match."""
    require(actor, "api_keys:read")
    with read(actor) as rx:
        return int(rx.value(_narrow(_keys(func.count()), filters)))


def one(actor: Actor, key_id: UUID) -> dict[str, Any]:
    """One key by its id: the columns of the directory. Raises NotFound for one that is not in sight."""
    require(actor, "api_keys:read")
    with read(actor) as rx:
        found = rx.one(_keys(*COLUMNS).where(ApiKey.id == key_id))
    if found is None:
        raise NotFound("This API key does not exist, or is not among those you may see.")
    return found._asdict()


def identified(actor: Actor, key: str) -> dict[str, Any]:
    """The columns of the directory for a whole key, by its digest. Raises NotFound."""
    require(actor, "api_keys:read")
    text = key.strip()
    with read(actor) as rx:
        found = rx.one(_keys(*COLUMNS).where(matches(text))) if format.is_key(text) else None
    if found is None:
        raise NotFound("This is none of the API keys that you may see.")
    return found._asdict()


def search(actor: Actor, text: str, *, limit: int = 5) -> pd.DataFrame:
    """For the search box: id, name, prefix, mode, hint, status of the best matches; empty without api_keys:read."""
    columns = (ApiKey.id, ApiKey.name, ApiKey.prefix, ApiKey.mode, ApiKey.hint, STATUS)
    found = _keys(*columns).where(matches(text)).order_by(ApiKey.name)
    with read(actor, timeout_ms=1_000) as rx:
        return rx.frame(found.limit(limit if text.strip() and actor.may("api_keys:read") else 0))


def tenants(actor: Actor) -> pd.DataFrame:
    """The tenants that a key can be bound to, by name: id, name, domain; empty for an actor who may not see tenants."""
    found = select(Tenant.id, Tenant.name, Tenant.domain).where(Tenant.status.not_in(GONE)).order_by(Tenant.name)
    with read(actor) as rx:
        return rx.frame(found.limit(5_000 if actor.may("tenants:read") else 0))


def usage(
    actor: Actor, key_id: UUID, *, since: datetime, step: Step = "day", now: datetime | None = None
) -> pd.DataFrame:
    """One row per day (UTC) or hour from `since` to now, oldest first; nothing called is 0.

    Columns: bucket (UTC), calls, refused (answers 4xx), failed (5xx), limited (429, which are among the refused).
    """
    require(actor, "api_keys:read")
    table = KEY_ROLLUP.model(step).__table__.c
    counted = {
        "calls": func.sum(table.total),
        "refused": func.sum(table.total).filter(table.status_class == 4),
        "failed": func.sum(table.total).filter(table.status_class == 5),
        "limited": func.sum(table.limited),
    }
    sums = [cast(func.coalesce(one, 0), BigInteger).label(name) for name, one in counted.items()]
    begin = _start(since, step)
    found = select(table.bucket, *sums).where(table.key_id == key_id, table.bucket >= begin).group_by(table.bucket)
    with read(actor) as rx:
        known = rx.frame(found.order_by(table.bucket)).set_index("bucket")
    every = pd.date_range(
        begin, _start(now or utc_now(), step), freq=timedelta(**{f"{step}s": 1}), name="bucket", unit="us"
    )
    return known.reindex(every).fillna(0).reset_index()


def _start(moment: datetime, step: Step) -> datetime:
    begun = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return begun if step == "hour" else begun.replace(hour=0)
