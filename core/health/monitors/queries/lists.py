"""Lists of monitors, and one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array, array_agg

from core.access.operators.models import Operator
from core.customers.tenants.models import Tenant
from core.health.monitors.models import Monitor, MonitorState, MonitorTenant
from core.health.monitors.queries import figures
from core.health.monitors.queries.states import since_of, state_of
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, Reading, as_id, read
from core.kernel.times import utc_now

Sort = Literal["name", "state", "latency", "since"]
WORST_FIRST = ("down", "degraded", "unknown", "up", "paused")
_SPANS = {"24h": timedelta(hours=24), "30d": timedelta(days=30)}


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds the start of a name, a part of the target, or an id. Empty values do not filter; of several tags all hold."""

    text: str = ""
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tenant_id: UUID | None = None
    owner_id: UUID | None = None


def _narrow(statement: AnySelect, filters: Filters) -> AnySelect:
    wanted = filters.text.strip().lower()
    if wanted:
        key = as_id(wanted)
        named = or_(
            func.lower(Monitor.name).startswith(wanted, autoescape=True),
            func.lower(Monitor.target).contains(wanted, autoescape=True),
        )
        statement = statement.where(Monitor.id == key if key else named)
    if filters.states:
        statement = statement.where(state_of().in_(filters.states))
    if filters.kinds:
        statement = statement.where(Monitor.kind.in_(filters.kinds))
    if filters.tags:
        statement = statement.where(Monitor.tags.contains(list(filters.tags)))
    if filters.tenant_id:
        linked = select(MonitorTenant.monitor_id).where(MonitorTenant.tenant_id == filters.tenant_id)
        statement = statement.where(Monitor.id.in_(linked))
    return statement.where(Monitor.owner_id == filters.owner_id) if filters.owner_id else statement


_SORT = func.lower(Monitor.name).label("sort_name")
# Ascending, so that names follow in their order; whole numbers, which a page's token can hold.
_RANKS: dict[str, Any] = {
    "state": cast(func.array_position(array(WORST_FIRST), state_of()), BigInteger).label("rank"),
    "latency": cast(-func.coalesce(MonitorState.latency_ms, -1), BigInteger).label("rank"),
    "since": cast(-func.extract("epoch", since_of()), BigInteger).label("rank"),
}
_COLUMNS = (
    Monitor.id, Monitor.name, Monitor.kind, Monitor.target, Monitor.description, Monitor.tags, Monitor.owner_id,
    Operator.name.label("owner"), Monitor.interval_s, Monitor.is_paused, Monitor.allows_private, state_of().label("state"),
    since_of().label("since"), MonitorState.checked_at, MonitorState.next_at, MonitorState.latency_ms, MonitorState.detail,
    MonitorState.failures, MonitorState.certificate_expires_at,
    func.coalesce(MonitorState.maintenance_id.is_not(None), literal(False)).label("in_maintenance"), Monitor.version,
    Monitor.created_at,
)  # fmt: skip
_MORE = (
    Monitor.settings, Monitor.timeout_s, Monitor.retries, Monitor.retry_interval_s, MonitorState.pushed_at,
    Monitor.token_rotated_at, Monitor.previous_expires_at, Monitor.created_by, Monitor.updated_at,
)  # fmt: skip


def _joined(*columns: Any) -> AnySelect:
    return (
        select(*columns)
        .select_from(Monitor)
        .join(MonitorState, MonitorState.monitor_id == Monitor.id)
        .outerjoin(Operator, Operator.id == Monitor.owner_id)
    )


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """As `directory`, with the columns of `one`, as plain rows."""
    require(actor, "monitors:read")
    statement = _narrow(_joined(*_COLUMNS, *_MORE, _SORT), filters)
    with read(actor) as rx:
        page = rx.listing(statement, keys=[_SORT, Monitor.id], after=after, limit=limit, descending=False)
        return Listing(_completed(rx, page.rows), page.next)


def directory(
    actor: Actor, filters: Filters, *, sort: Sort = "name", after: str | None = None, limit: int = 50
) -> Page:  # fmt: skip
    """One row per monitor in sight: by name, or the worst state, the slowest answer or the latest change first.

    Columns: id, name, kind, target, description, tags (list), owner_id, owner (NA: none, or not in sight), interval_s,
    is_paused, allows_private, state, since, checked_at (NA: never), next_at, latency_ms, detail, failures (in a row),
    certificate_expires_at, in_maintenance, version, created_at, tenants and tenant_ids (lists, of those in sight),
    availability_24h, unobserved_24h, availability_30d, unobserved_30d (ratios, NA when unknown), latencies and hours (lists of
    24: figures.Day).
    """
    require(actor, "monitors:read")
    first = [] if sort == "name" else [_RANKS[sort]]
    statement = _narrow(_joined(*_COLUMNS, _SORT, *first), filters)
    with read(actor) as rx:
        page = rx.listing(statement, keys=[*first, _SORT, Monitor.id], after=after, limit=limit, descending=False)
        rows = _completed(rx, page.rows)
    return Page(_frame(rows), page.next)


_NUMBERS = (
    "latency_ms", "availability_24h", "unobserved_24h", "availability_30d", "unobserved_30d",
)  # fmt: skip
_TIMES = ("since", "checked_at", "next_at", "certificate_expires_at", "created_at")
NAMES = [
    *(column.key for column in _COLUMNS), "tenants", "tenant_ids", *_NUMBERS[1:], "latencies", "hours",
]  # fmt: skip


def _frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=NAMES)
    times = {name: pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]") for name in _TIMES}
    return frame.astype(dict.fromkeys(_NUMBERS, "Float64")).assign(**times)


def _completed(rx: Reading, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with tenants, availability and the last day, by one query each for all of them."""
    ids, now = [row["id"] for row in rows], utc_now()
    tenants, days = _tenants(rx, ids), figures.last_day(rx, ids, now)
    spans = {name: figures.within(rx, ids, now - span, now) for name, span in _SPANS.items()}
    return [_complete(row, tenants, days[row["id"]], spans) for row in rows]


def _complete(
    row: dict[str, Any], tenants: dict[UUID, tuple[list[str], list[UUID]]], day: figures.Day,
    spans: dict[str, dict[UUID, figures.Availability]],
) -> dict[str, Any]:  # fmt: skip
    names, ids = tenants.get(row["id"], ([], []))
    full = {name: value for name, value in row.items() if name not in ("sort_name", "rank")}
    full |= {"tenants": names, "tenant_ids": ids}
    for name, found in spans.items():
        one = found[row["id"]]
        full |= {f"availability_{name}": one.available_ratio, f"unobserved_{name}": one.unobserved_ratio}
    return full | {"latencies": day.latencies, "hours": day.hours}


def _tenants(rx: Reading, monitor_ids: Sequence[UUID]) -> dict[UUID, tuple[list[str], list[UUID]]]:
    order = (Tenant.name, MonitorTenant.tenant_id)
    statement = (
        select(
            MonitorTenant.monitor_id,
            array_agg(aggregate_order_by(Tenant.name, *order)).label("names"),
            array_agg(aggregate_order_by(MonitorTenant.tenant_id, *order)).label("ids"),
        )
        .join(Tenant, Tenant.id == MonitorTenant.tenant_id, isouter=True)
        .where(MonitorTenant.monitor_id.in_(monitor_ids))
        .group_by(MonitorTenant.monitor_id)
    )
    return {row.monitor_id: ([name for name in row.names if name], list(row.ids)) for row in rx.rows(statement)}


def one(actor: Actor, monitor_id: UUID) -> dict[str, Any]:
    """The columns of `directory` and settings, timeout_s, retries, retry_interval_s, pushed_at, token_rotated_at,
    previous_expires_at, created_by, updated_at. Raises NotFound.
    """  # fmt: skip
    require(actor, "monitors:read")
    with read(actor) as rx:
        found = rx.one(_joined(*_COLUMNS, *_MORE).where(Monitor.id == monitor_id))
        if found is None:
            raise NotFound("This monitor does not exist, or is not among those you may see.")
        return _completed(rx, [found._asdict()])[0]


def count(actor: Actor, filters: Filters) -> int:
    """How many monitors match."""
    require(actor, "monitors:read")
    with read(actor) as rx:
        return int(rx.value(_narrow(_joined(func.count()), filters)) or 0)


def names(actor: Actor, text: str = "", *, limit: int = 200) -> pd.DataFrame:
    """To choose from: id, name, kind of the monitors in sight, by name."""
    require(actor, "monitors:read")
    statement = _narrow(select(Monitor.id, Monitor.name, Monitor.kind), Filters(text=text))
    with read(actor) as rx:
        return rx.frame(statement.order_by(func.lower(Monitor.name), Monitor.id), limit=limit)


def tags(actor: Actor, *, limit: int = 500) -> list[str]:
    """Every tag of the monitors in sight, in order."""
    require(actor, "monitors:read")
    tag = func.unnest(Monitor.tags).label("tag")
    with read(actor) as rx:
        return [row.tag for row in rx.rows(select(tag).distinct().order_by(tag).limit(limit))]


def search(actor: Actor, text: str, *, limit: int = 5) -> pd.DataFrame:
    """For the search box: id, name, target of the best matches; empty without monitors:read or without text."""
    statement = _narrow(select(Monitor.id, Monitor.name, Monitor.target), Filters(text=text)).order_by(Monitor.name)
    with read(actor, timeout_ms=1_000) as rx:
        return rx.frame(statement.limit(limit if text.strip() and actor.may("monitors:read") else 0))


def current(actor: Actor) -> pd.DataFrame:
    """One row per monitor in sight: id, name, kind, tags, tenant_ids, state, since, detail, in_maintenance,
    certificate_expires_at, checked_at. For who judges all of them at once.
    """  # fmt: skip
    require(actor, "monitors:read")
    linked = select(MonitorTenant.monitor_id, array_agg(MonitorTenant.tenant_id).label("ids")).group_by(
        MonitorTenant.monitor_id
    )
    tenants = linked.subquery()
    wanted = (
        "id",
        "name",
        "kind",
        "tags",
        "state",
        "since",
        "detail",
        "in_maintenance",
        "certificate_expires_at",
        "checked_at",
    )
    columns = [column for column in _COLUMNS if column.key in wanted]
    statement = _joined(*columns, tenants.c.ids.label("tenant_ids")).outerjoin(
        tenants, tenants.c.monitor_id == Monitor.id
    )
    with read(actor) as rx:
        frame = rx.frame(statement.order_by(Monitor.id))
    return frame.assign(
        tenant_ids=pd.Series([list(ids or ()) for ids in frame["tenant_ids"]], index=frame.index, dtype=object)
    )
