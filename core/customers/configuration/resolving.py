"""What a setting is for a tenant, and why. Pure, but for the two selects it begins from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, or_, select

from core.customers.configuration.catalogue import SETTINGS, Setting
from core.customers.configuration.models import TenantSetting
from core.customers.configuration.rules import clean
from core.customers.plans.models import Plan
from core.customers.tenants.models import Tenant
from core.kernel.errors import Invalid, NotFound
from core.kernel.reads import AnySelect, Reading

Source = Literal["default", "plan", "override"]
# Of a secret only whether there is one: nobody's read decrypts it.
OVERRIDE = (
    TenantSetting.tenant_id, TenantSetting.key, TenantSetting.value, TenantSetting.secret.is_not(None).label("has_secret"),
    TenantSetting.reason, TenantSetting.expires_at, TenantSetting.set_by_name, TenantSetting.approved_by_name,
    TenantSetting.updated_at, TenantSetting.version,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resolved:
    """`value` is None of a secret; `is_set` says whether there is any. `problem` tells of a value that does not count."""

    setting: Setting
    value: Any
    source: Source
    is_set: bool
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One tenant with what its plan says, and its overrides that count now, by key."""

    tenant_id: UUID
    name: str
    plan: str
    plan_settings: Mapping[str, Any]
    overrides: Mapping[str, Any]


def allowed(setting: Setting, value: Any) -> bool:
    """Whether the catalogue still takes the value: what was stored earlier, or typed at a plan, may not fit any more."""
    try:
        clean(setting, value)
    except Invalid:
        return False
    return True


def resolve(setting: Setting, plan_settings: Mapping[str, Any], override: Any | None) -> Resolved:
    """Override before plan before default; what the catalogue does not allow is passed over and told.

    `override` has value and has_secret; None is no override.
    """
    if setting.is_secret:
        is_set = override is not None and override.has_secret
        return Resolved(setting, None, "override" if is_set else "default", is_set)
    problem = None
    if override is not None:
        if allowed(setting, override.value):
            return Resolved(setting, override.value, "override", True)
        problem = f"The override {override.value!r} is not allowed any more and does not count."
    if setting.key in plan_settings:
        if allowed(setting, plan_settings[setting.key]):
            return Resolved(setting, plan_settings[setting.key], "plan", True, problem)
        problem = problem or f"The plan says {plan_settings[setting.key]!r}, which is not allowed and does not count."
    return Resolved(setting, setting.default, "default", setting.default is not None, problem)


def resolve_all(held: Held) -> Iterator[Resolved]:
    """Every setting of the catalogue, in its order."""
    return (resolve(one, held.plan_settings, held.overrides.get(one.key)) for one in SETTINGS.values())


def counting() -> Any:
    """The condition that an override counts now."""
    return or_(TenantSetting.expires_at.is_(None), TenantSetting.expires_at > func.now())


def _tenants(ids: list[UUID]) -> AnySelect:
    plan = select(Tenant.id, Tenant.name, Tenant.tier, Plan.settings).outerjoin(Plan, Plan.key == Tenant.tier)
    return plan.where(Tenant.id.in_(ids))


def held_by(rx: Reading, ids: list[UUID]) -> list[Held]:
    """What these tenants have, in the order asked for; two statements. Raises NotFound for one that is not in sight."""
    tenants = {row.id: row for row in rx.rows(_tenants(ids))}
    if set(ids) - set(tenants):
        raise NotFound("This tenant does not exist, or is not among those you may see.")
    overrides: dict[UUID, dict[str, Any]] = {key: {} for key in ids}
    for row in rx.rows(select(*OVERRIDE).where(TenantSetting.tenant_id.in_(ids), counting())):
        overrides[row.tenant_id][row.key] = row
    return [Held(key, tenants[key].name, tenants[key].tier, tenants[key].settings or {}, overrides[key]) for key in ids]


def effective_values(rx: Reading, tenant_id: UUID) -> dict[str, Any]:
    """For the portal's own use: what counts now by key, without secrets. Raises NotFound."""
    found = resolve_all(held_by(rx, [tenant_id])[0])
    return {one.setting.key: one.value for one in found if not one.setting.is_secret}
