"""The directory: every tenant with its figures, by any filter, in any order, page by page."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, Integer, Select, Text, and_, cast, exists, false, func, literal, not_, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.customers.quotas.models import QuotaUsage
from core.customers.summaries.models import TenantSummary
from core.customers.summaries.queries import NOW, column
from core.customers.tenants import colleagues
from core.customers.tenants.models import Tenant
from core.customers.tenants.rules import STATUSES, TIERS
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, as_id, read

COLUMNS = (
    Tenant.id, Tenant.name, Tenant.domain, Tenant.status, Tenant.tier, Tenant.region, Tenant.seats, Tenant.created_at,
    Tenant.suspended_at, Tenant.suspension_reason, Tenant.version, Tenant.owner_id, Tenant.csm_id, Tenant.tags,
    Tenant.trial_ends_on, Tenant.deleted_at, Tenant.deletion_reason, Tenant.purge_after,
)  # fmt: skip
GONE = ("deleted", "purged")
CHUNK = 1_000
_WORST_FIRST = ("down", "degraded", "unknown", "healthy")


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` is a part of a name or domain, or an id. Empty lists do not filter.

    `csm_ids`: None among them is nobody. `tags`: one of them is enough. `over_quota`: of any resource.
    """

    text: str = ""
    statuses: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    healths: tuple[str, ...] = ()
    csm_ids: tuple[UUID | None, ...] = ()
    tags: tuple[str, ...] = ()
    over_quota: bool | None = None


def _contains(text: str) -> ColumnElement[bool]:
    wanted, key = text.strip().lower(), as_id(text)
    if key is not None:
        return Tenant.id == key
    names = (func.lower(Tenant.name), Tenant.domain)
    return or_(*(one.contains(wanted, autoescape=True) for one in names))


def _answered_by(csm_ids: tuple[UUID | None, ...]) -> ColumnElement[bool]:
    named = Tenant.csm_id.in_([one for one in csm_ids if one is not None])
    return or_(named, Tenant.csm_id.is_(None)) if None in csm_ids else named


def _quota(actor: Actor, is_over: bool) -> ColumnElement[bool]:
    """Whether a measured quota is passed; of people, before anybody measured, whether there are more than seats."""
    own = QuotaUsage.tenant_id == Tenant.id
    is_measured = exists().where(own, QuotaUsage.resource == "users", QuotaUsage.ratio.is_not(None))
    used = column(actor, "seats_used")
    over = or_(
        exists().where(own, QuotaUsage.ratio > 1), and_(not_(is_measured), func.coalesce(used > Tenant.seats, false()))
    )
    return over if is_over else and_(not_(over), or_(is_measured, used.is_not(None)))


def _health() -> ColumnElement[str]:
    return func.coalesce(TenantSummary.health, "unknown")


def narrow(actor: Actor, statement: AnySelect, filters: Filters) -> AnySelect:
    """The statement over Tenant and (outer) TenantSummary with the filters; deleted and purged ones only when asked for."""
    conditions = [_contains(filters.text)] if filters.text.strip() else []
    chosen = {Tenant.tier: filters.tiers, Tenant.region: filters.regions, _health(): filters.healths}
    conditions += [one.in_(values) for one, values in chosen.items() if values]
    conditions += [Tenant.status.in_(filters.statuses) if filters.statuses else Tenant.status.not_in(GONE)]
    if filters.csm_ids:
        conditions.append(_answered_by(filters.csm_ids))
    if filters.tags:
        conditions.append(Tenant.tags.overlap(list(filters.tags)))
    if filters.over_quota is not None:
        conditions.append(_quota(actor, filters.over_quota))
    return statement.where(*conditions)


def _joined(statement: Select[Any]) -> AnySelect:
    return statement.select_from(Tenant).outerjoin(TenantSummary, TenantSummary.tenant_id == Tenant.id)


def _name_of_csm(names: Mapping[UUID, str]) -> ColumnElement[str | None]:
    known: Any = literal({str(key): name for key, name in names.items()}, JSONB)
    found: ColumnElement[str | None] = known[cast(Tenant.csm_id, Text)].astext.label("csm")
    return found


def _placed(order: tuple[str, ...], value: Any) -> ColumnElement[int]:
    return func.array_position(literal(list(order), ARRAY(Text)), value, type_=Integer)


# By which expression a column is sorted where it is not the column itself.
_SORTED_AS: dict[str, Callable[[], ColumnElement[Any]]] = {
    "name": lambda: func.lower(Tenant.name),
    "status": lambda: _placed(STATUSES, Tenant.status),
    "tier": lambda: _placed(TIERS, Tenant.tier),
    "health": lambda: _placed(_WORST_FIRST, _health()),
    "tags": lambda: func.nullif(func.array_to_string(Tenant.tags, ", "), ""),
}
_KNOWN = ("name", "domain", "status", "tier", "region", "seats", "created_at", "health")  # of every tenant
_NULLABLE = ("csm", "tags", "trial_ends_on", "seats_used", "users_active_30d", "messages_30d", "api_calls_30d",
             "errors_24h", "open_alerts", "open_tickets", "mrr", "revenue_30d")  # fmt: skip
SORTABLE = (*_KNOWN, *_NULLABLE)
SORTS = tuple(sign + name for name in SORTABLE for sign in ("-", ""))


def _sort_key(actor: Actor, name: str, names: Mapping[UUID, str]) -> ColumnElement[Any]:
    if name == "csm":
        return _name_of_csm(names)
    if name in _SORTED_AS:
        return _SORTED_AS[name]()
    return getattr(Tenant, name) if hasattr(Tenant, name) else column(actor, name)


def _sorted(actor: Actor, sort: str, names: Mapping[UUID, str]) -> tuple[ColumnElement[Any], dict[str, Any]]:
    """The key of a sort of SORTS, and how to page by it."""
    name = sort.removeprefix("-")
    key = _sort_key(actor, name, names).label("sort_key")
    return key, {"keys": [key, Tenant.id], "descending": sort.startswith("-"), "nulls_last": name in _NULLABLE}


def _statement(actor: Actor, filters: Filters, names: Mapping[UUID, str], *extra: ColumnElement[Any]) -> AnySelect:
    figures = (column(actor, name) for name in NOW if name != "health")
    columns = (*COLUMNS, _name_of_csm(names), *figures, _health().label("health"), *extra)
    return narrow(actor, _joined(select(*columns)), filters)


def directory(
    actor: Actor, filters: Filters, *, sort: str = "-created_at", after: str | None = None, limit: int = 50,
    names: Mapping[UUID, str] | None = None,
) -> Page:  # fmt: skip
    """One row per tenant in sight, in one of the orders of SORTS (a minus is descending; what is unknown comes last).

    Columns: COLUMNS, csm (name), and the figures of summaries.queries.NOW, NA where unknown or not for this actor's eyes.
    `names` are those of colleagues.names, where the caller has them.
    """
    require(actor, "tenants:read")
    known = colleagues.names(actor) if names is None else names
    key, paged = _sorted(actor, sort, known)
    with read(actor) as rx:
        page = rx.page(_statement(actor, filters, known, key), after=after, limit=limit, **paged)
    return Page(page.frame.drop(columns="sort_key"), page.next)


def listing(
    actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50, sort: str = "-created_at"
) -> Listing:
    """As `directory`, with plain rows."""
    require(actor, "tenants:read")
    names = colleagues.names(actor)
    key, paged = _sorted(actor, sort, names)
    with read(actor) as rx:
        found = rx.listing(_statement(actor, filters, names, key), after=after, limit=limit, **paged)
    return Listing([{name: row[name] for name in row if name != "sort_key"} for row in found.rows], found.next)


def chunks(actor: Actor, filters: Filters, *, sort: str = "-created_at") -> Iterator[pd.DataFrame]:
    """The whole directory in frames of at most CHUNK rows, for an export."""
    names, after, is_more = colleagues.names(actor), None, True
    while is_more:
        page = directory(actor, filters, sort=sort, after=after, limit=CHUNK, names=names)
        yield page.frame
        after, is_more = page.next, page.next is not None


def count(actor: Actor, filters: Filters) -> int:
    """How many tenants match."""
    require(actor, "tenants:read")
    with read(actor) as rx:
        return int(rx.value(narrow(actor, _joined(select(func.count())), filters)))


def matching(actor: Actor, filters: Filters, *, limit: int) -> list[UUID]:
    """The ids of at most `limit` tenants that match, by name."""
    require(actor, "tenants:read")
    found = narrow(actor, _joined(select(Tenant.id)), filters)
    with read(actor) as rx:
        return [row.id for row in rx.rows(found.order_by(func.lower(Tenant.name), Tenant.id).limit(limit))]


def chosen(actor: Actor, tenant_ids: Iterable[UUID]) -> pd.DataFrame:
    """One row per tenant of these that is in sight, by name: id, name, status, tier, tags, csm_id, version."""
    require(actor, "tenants:read")
    columns = (Tenant.id, Tenant.name, Tenant.status, Tenant.tier, Tenant.tags, Tenant.csm_id, Tenant.version)
    with read(actor) as rx:
        return rx.frame(
            select(*columns).where(Tenant.id.in_(list(tenant_ids))).order_by(func.lower(Tenant.name), Tenant.id)
        )


def tags(actor: Actor) -> list[str]:
    """The tags that tenants in sight have, the commonest first."""
    require(actor, "tenants:read")
    each = select(func.unnest(Tenant.tags).label("tag")).where(Tenant.status.not_in(GONE)).subquery()
    counted = select(each.c.tag).group_by(each.c.tag).order_by(func.count().desc(), each.c.tag).limit(500)
    with read(actor) as rx:
        return [row.tag for row in rx.rows(counted)]
