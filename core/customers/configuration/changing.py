"""The steps that setting, clearing, approving and expiring share; each within somebody's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.customers.configuration import rules
from core.customers.configuration.catalogue import Setting
from core.customers.configuration.models import TenantSetting, TenantSettingChange
from core.kernel.errors import Conflict, NotFound
from core.kernel.writes import Transaction, conflict


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants a setting to be, as it is stored. `by_name` asked, `approved_by_name` let it through."""

    value: Any
    secret: str | None
    reason: str
    expires_at: datetime | None
    by: UUID | None
    by_name: str
    approved_by_name: str | None = None


def stored(setting: Setting, value: Any) -> Mapping[str, Any]:
    """Where the value goes: a secret into the encrypted column. Raises Invalid."""
    cleaned = rules.clean(setting, value)
    return {"value": None, "secret": cleaned} if setting.is_secret else {"value": cleaned, "secret": None}


def locked(tx: Transaction, tenant_id: UUID, key: str) -> TenantSetting | None:
    """The override; two who change the same one come one after the other, also where there is none yet.

    Not FOR UPDATE: of who may only ask for a change, row-level security would hide the row.
    """
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{tenant_id}:{key}", 26))))
    own = select(TenantSetting).where(TenantSetting.tenant_id == tenant_id, TenantSetting.key == key)
    return tx.session.scalars(own.execution_options(populate_existing=True)).one_or_none()


def require_version(found: TenantSetting | None, version: int | None) -> None:
    """`version` 0 is no override. Raises Conflict for another one than that."""
    present = found.version if found else 0
    if version is None or version == present:
        return
    if found is None:
        raise Conflict("This override was cleared while you edited it. Look at the value that counts now.")
    raise conflict(TenantSetting, found.id, since=version, current=present)


def put(tx: Transaction, tenant_id: UUID, key: str, wish: Wish, found: TenantSetting | None) -> TenantSetting:
    """Makes the override or changes the one that is there."""
    _remember(tx, tenant_id, key, "set", found.value if found else None, wish)
    values = {
        "value": wish.value, "secret": wish.secret, "reason": wish.reason, "expires_at": wish.expires_at,
        "set_by": wish.by, "set_by_name": wish.by_name, "approved_by_name": wish.approved_by_name,
    }  # fmt: skip
    if found is None:
        return tx.add(TenantSetting(tenant_id=tenant_id, key=key, **values))
    for name, value in values.items():
        setattr(found, name, value)
    return found


def remove(tx: Transaction, found: TenantSetting | None, wish: Wish, *, change: str = "cleared") -> None:
    """Raises NotFound when the tenant has no override."""
    if found is None:
        raise NotFound("This tenant has no override of this setting, or is not among those you may see.")
    _remember(tx, found.tenant_id, found.key, change, found.value, wish)
    tx.delete(found)


def _remember(tx: Transaction, tenant_id: UUID, key: str, change: str, before: Any, wish: Wish) -> None:
    tx.add(
        TenantSettingChange(
            tenant_id=tenant_id, key=key, at=tx.now, change=change, before=before, after=wish.value, by_name=wish.by_name,
            approved_by_name=wish.approved_by_name, reason=wish.reason, expires_at=wish.expires_at,
        )
    )  # fmt: skip
