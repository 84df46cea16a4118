"""Lists of what was changed, what is overridden, and what is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select

from core.customers.configuration.models import TenantSetting, TenantSettingChange, TenantSettingRequest
from core.customers.configuration.resolving import OVERRIDE
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, read

READ = "configuration:read"


@dataclass(frozen=True, slots=True)
class Filters:
    """Each is off when None. `outcome` is for requests, `key` for both; `others_of` leaves out those of that operator."""

    key: str | None = None
    tenant_id: UUID | None = None
    outcome: str | None = None
    others_of: UUID | None = None


_CHANGE = (
    TenantSettingChange.at, TenantSettingChange.id, TenantSettingChange.key, TenantSettingChange.change,
    TenantSettingChange.before, TenantSettingChange.after, TenantSettingChange.by_name,
    TenantSettingChange.approved_by_name, TenantSettingChange.reason, TenantSettingChange.expires_at,
)  # fmt: skip


def history(
    actor: Actor, tenant_id: UUID, *, key: str | None = None, after: str | None = None, limit: int = 50
) -> Page:
    """The changes of a tenant's overrides, of one setting or of all, newest first.

    Columns: at (UTC), id, key, change (set, cleared, expired), before, after (None without one, and of secrets), by_name,
    approved_by_name, reason, expires_at. Raises Denied.
    """
    require(actor, READ)
    here = TenantSettingChange
    found = select(*_CHANGE).where(here.tenant_id == tenant_id)
    with read(actor) as rx:
        return rx.page(
            found.where(here.key == key) if key else found, keys=[here.at, here.id], after=after, limit=limit
        )


def _overrides(filters: Filters) -> AnySelect:
    columns = (TenantSetting.id, Tenant.name.label("tenant"), *OVERRIDE, TenantSetting.created_at)
    found = select(*columns).join(Tenant, Tenant.id == TenantSetting.tenant_id)
    if filters.key:
        found = found.where(TenantSetting.key == filters.key)
    return found.where(TenantSetting.tenant_id == filters.tenant_id) if filters.tenant_id else found


def overrides(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """The overrides of all tenants in sight, newest first, also those whose time is over and that wait to be removed.

    Columns: id, tenant, tenant_id, key, value, has_secret, reason, expires_at, set_by_name, approved_by_name, updated_at,
    version, created_at. Raises Denied.
    """
    require(actor, READ)
    with read(actor) as rx:
        keys = [TenantSetting.created_at, TenantSetting.id]
        return rx.page(_overrides(filters), keys=keys, after=after, limit=limit)


def chunks(actor: Actor, filters: Filters, *, size: int = 2_000) -> Iterator[pd.DataFrame]:
    """All of `overrides`, for exports."""
    after = None
    while True:
        page = overrides(actor, filters, after=after, limit=size)
        yield page.frame
        after = page.next
        if after is None:
            return


_REQUEST = (
    TenantSettingRequest.id, Tenant.name.label("tenant"), TenantSettingRequest.tenant_id, TenantSettingRequest.key,
    TenantSettingRequest.operation, TenantSettingRequest.value, TenantSettingRequest.reason, TenantSettingRequest.expires_at,
    TenantSettingRequest.base_version, TenantSettingRequest.proposed_by, TenantSettingRequest.proposed_by_name,
    TenantSettingRequest.outcome, TenantSettingRequest.decided_at, TenantSettingRequest.decided_by_name,
    TenantSettingRequest.decision_reason, TenantSettingRequest.created_at, TenantSettingRequest.version,
)  # fmt: skip


def _requests(*columns: Any, filters: Filters) -> AnySelect:
    here = TenantSettingRequest
    equal = {here.key: filters.key, here.tenant_id: filters.tenant_id, here.outcome: filters.outcome}
    found = select(*columns).select_from(here).join(Tenant, Tenant.id == here.tenant_id)
    found = found.where(*(column == value for column, value in equal.items() if value is not None))
    return found.where(here.proposed_by != filters.others_of) if filters.others_of else found


def requests(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """Requests for tenants in sight, newest first.

    Columns: id, tenant, tenant_id, key, operation, value (None of a secret), reason, expires_at, base_version, proposed_by,
    proposed_by_name, outcome, decided_at, decided_by_name, decision_reason, created_at, version. Raises Denied.
    """
    require(actor, READ)
    with read(actor) as rx:
        keys = [TenantSettingRequest.created_at, TenantSettingRequest.id]
        return rx.page(_requests(*_REQUEST, filters=filters), keys=keys, after=after, limit=limit)


def request_listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """As `requests`, as plain rows."""
    require(actor, READ)
    with read(actor) as rx:
        keys = [TenantSettingRequest.created_at, TenantSettingRequest.id]
        return rx.listing(_requests(*_REQUEST, filters=filters), keys=keys, after=after, limit=limit)


def request(actor: Actor, request_id: UUID) -> dict[str, Any]:
    """One request, as in `requests`. Raises Denied, NotFound."""
    require(actor, READ)
    with read(actor) as rx:
        found = rx.one(_requests(*_REQUEST, filters=Filters()).where(TenantSettingRequest.id == request_id))
    if found is None:
        raise NotFound("This request does not exist, or is not among those you may see.")
    return found._asdict()


def waiting(actor: Actor) -> int:
    """How many requests of others wait for a decision. Raises Denied."""
    require(actor, READ)
    with read(actor) as rx:
        filters = Filters(outcome="waiting", others_of=actor.operator_id)
        return int(rx.value(_requests(func.count(), filters=filters)))
