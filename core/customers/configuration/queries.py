"""What counts for a tenant and why, and two tenants compared."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import pandas as pd
from sqlalchemy import select

from core.customers.configuration.catalogue import SETTINGS, Setting
from core.customers.configuration.lists import (
    READ,
    Filters,
    chunks,
    history,
    overrides,
    request,
    request_listing,
    requests,
    waiting,
)
from core.customers.configuration.models import TenantSettingRequest
from core.customers.configuration.resolving import Held, Resolved, held_by, resolve, resolve_all
from core.customers.configuration.rules import setting_of
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import Reading, read

__all__ = [
    "READ", "Filters", "Whole", "chunks", "compare", "effective", "history", "one", "overrides", "request", "request_listing",
    "requests", "settings", "titles", "waiting", "whole",
]  # fmt: skip
_DTYPES = {
    # Values of every kind: pandas would make floats of numbers beside what is missing.
    "value": "object", "default": "object", "plan_value": "object",
    "is_set": "boolean", "waiting": "boolean", "version": "Int64", "expires_at": "datetime64[us, UTC]",
    "set_at": "datetime64[us, UTC]",
}  # fmt: skip


def effective(actor: Actor, tenant_id: UUID) -> pd.DataFrame:
    """One row per setting, in the order of the catalogue.

    Columns: key, title, area, kind, unit, about, options, sensitivity, control, value (None of a secret), is_set, source
    (default, plan, override), default, plan_value, problem, reason, expires_at, set_by_name, approved_by_name, set_at (UTC),
    version (of the override, 0 without one), waiting (a request waits). Raises Denied, NotFound.
    """
    require(actor, READ)
    with read(actor) as rx:
        held = held_by(rx, [tenant_id])[0]
        waiting = _waiting_keys(rx, tenant_id)
    return _frame(held, waiting)


def _waiting_keys(rx: Reading, tenant_id: UUID) -> set[str]:
    here = TenantSettingRequest
    return {row.key for row in rx.rows(select(here.key).where(here.tenant_id == tenant_id, here.outcome == "waiting"))}


def _frame(held: Held, waiting: set[str]) -> pd.DataFrame:
    rows = [_row(held, one) | {"waiting": one.setting.key in waiting} for one in resolve_all(held)]
    return pd.DataFrame({name: _series(name, [row[name] for row in rows]) for name in rows[0]})


def _series(name: str, values: list[Any]) -> pd.Series:
    dtype = _DTYPES.get(name, "object")
    given = pd.to_datetime(values, utc=True) if dtype.startswith("datetime") else values
    return pd.Series(given, dtype=dtype)


def _row(held: Held, one: Resolved) -> dict[str, Any]:
    setting, own = one.setting, held.overrides.get(one.setting.key)
    return {
        "key": setting.key, "title": setting.title, "area": setting.area, "kind": setting.kind, "unit": setting.unit,
        "about": setting.about, "options": list(setting.options), "sensitivity": setting.sensitivity,
        "control": setting.control, "value": one.value, "is_set": one.is_set, "source": one.source,
        "default": setting.default, "plan_value": None if setting.is_secret else held.plan_settings.get(setting.key),
        "problem": one.problem, "reason": own.reason if own else None, "expires_at": own.expires_at if own else None,
        "set_by_name": own.set_by_name if own else None, "approved_by_name": own.approved_by_name if own else None,
        "set_at": own.updated_at if own else None, "version": own.version if own else 0,
    }  # fmt: skip


def one(actor: Actor, tenant_id: UUID, key: str) -> dict[str, Any]:
    """One setting of a tenant as in `effective`. Raises Denied, NotFound."""
    require(actor, READ)
    setting = setting_of(key)
    with read(actor) as rx:
        held = held_by(rx, [tenant_id])[0]
        waiting = _waiting_keys(rx, tenant_id)
    found = resolve(setting, held.plan_settings, held.overrides.get(key))
    return _row(held, found) | {"waiting": key in waiting}


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything that counts for a tenant now; `digest` changes whenever a value, a source or a secret does."""

    tenant_id: UUID
    plan: str
    settings: dict[str, dict[str, Any]]
    digest: str


def whole(actor: Actor, tenant_id: UUID) -> Whole:
    """For programs: key -> value, source, is_set. Of a secret only whether it is set. Raises Denied, NotFound."""
    require(actor, READ)
    with read(actor) as rx:
        held = held_by(rx, [tenant_id])[0]
    told = {
        found.setting.key: {"value": found.value, "source": found.source, "is_set": found.is_set}
        for found in resolve_all(held)
    }
    versions = {key: own.version for key, own in held.overrides.items()}
    text = orjson.dumps([str(tenant_id), held.plan, told, versions], option=orjson.OPT_SORT_KEYS)
    return Whole(tenant_id, held.plan, told, hashlib.sha256(text).hexdigest()[:20])


def compare(actor: Actor, first: UUID, second: UUID) -> pd.DataFrame:
    """Two tenants side by side, one row per setting.

    Columns: key, title, area, kind, unit, sensitivity, first, first_source, second, second_source, differs. Secrets are
    compared by whether they are set (their value is the words "Set" or "Not set"). Raises Denied, NotFound.
    """
    require(actor, READ)
    with read(actor) as rx:
        sides = held_by(rx, [first, second])
    pairs = zip(resolve_all(sides[0]), resolve_all(sides[1]), strict=True)
    return pd.DataFrame([_pair(one, other) for one, other in pairs])


def _pair(one: Resolved, other: Resolved) -> dict[str, Any]:
    setting, shown = one.setting, [_told(each) for each in (one, other)]
    return {
        "key": setting.key, "title": setting.title, "area": setting.area, "kind": setting.kind, "unit": setting.unit,
        "sensitivity": setting.sensitivity, "first": shown[0], "first_source": one.source, "second": shown[1],
        "second_source": other.source, "differs": shown[0] != shown[1],
    }  # fmt: skip


def _told(one: Resolved) -> Any:
    return ("Set" if one.is_set else "Not set") if one.setting.is_secret else one.value


def settings(actor: Actor) -> list[Setting]:
    """The catalogue, in its order. Raises Denied."""
    require(actor, READ)
    return list(SETTINGS.values())


def titles() -> dict[str, str]:
    """key -> title of every setting, in the order of the catalogue."""
    return {key: one.title for key, one in SETTINGS.items()}
