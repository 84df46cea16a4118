"""Demo overrides, what was changed before, and requests; the same for the same seed, dated relative to now."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.access.operators.models import Operator
from core.customers.configuration.catalogue import SETTINGS
from core.customers.configuration.models import TenantSetting, TenantSettingChange, TenantSettingRequest
from core.kernel.writes import Transaction

_WISHES: tuple[tuple[str, Any, str], ...] = (
    ("data.retention_days", 2_555, "Works council asks for seven years"),
    ("data.exports", "nobody", "Their legal department stopped exports"),
    ("api.calls_per_minute", 1_500, "Nightly import into their data warehouse"),
    ("messages.digest", "daily", "Asked for it at the quarterly review"),
    ("messages.sender_name", "Speak up line", "Their own name for the channel"),
    ("sign_in.session_minutes", 30, "Shared computers on the shop floor"),
    ("sign_in.email_domains", ["example.com", "example.org"], "Two companies after the merger"),
    ("sign_in.sso_required", True, "Sign-in through their identity provider only"),
    ("cases.first_response_hours", 24, "Promised in the contract"),
    ("interface.language", "de", "Most of their people are in Germany"),
    ("interface.time_zone", "Europe/Berlin", "Headquarters in Munich"),
    ("ai.enabled", False, "Their data protection officer has not agreed yet"),
    ("support.access", "always", "During the introduction only"),
    ("data.attachment_mb", 250, "Audio files of the hotline"),
)
_ASKED: tuple[tuple[str, Any, str, str], ...] = (
    ("data.retention_days", 365, "waiting", "New retention policy from January on"),
    ("sign_in.second_factor", "everybody", "waiting", "Their auditor asks for it"),
    ("cases.anonymous_reports", False, "waiting", "Their works agreement forbids anonymous reports"),
    ("support.access", "always", "rejected", "To debug an import"),
    ("ai.training", True, "withdrawn", "Misunderstood the question of the customer"),
)


def seed(tx: Transaction, random: Random, now: datetime, tenants: list[UUID], operators: Mapping[str, UUID]) -> None:
    """Overrides of every third tenant, by the administrator; five requests of second-line support."""
    names = {row.id: row.name for row in tx.session.execute(select(Operator.id, Operator.name))}
    who = {"set_by": operators.get("admin"), "set_by_name": _named(names, operators.get("admin"))}
    changes: list[dict[str, Any]] = []
    overrides: list[dict[str, Any]] = []
    for tenant_id in tenants[::3]:
        for key, value, reason in random.sample(_WISHES, random.randint(1, 4)):
            one = _override(random, now, tenant_id, key, value, reason) | who | _approval(key, names, operators)
            overrides.append(one)
            changes += _changes(random, one)
    overrides.append(_token(now, tenants[0]) | who | _approval("sign_in.scim_token", names, operators))
    tx.bulk(insert(TenantSetting), overrides)
    tx.bulk(insert(TenantSettingChange), [*changes, *_changes(random, overrides[-1])])
    _requests(tx, random, now, tenants, operators, names)


def _named(names: Mapping[UUID, str], operator_id: UUID | None) -> str:
    return names.get(operator_id, "demo data") if operator_id else "demo data"


def _approval(key: str, names: Mapping[UUID, str], operators: Mapping[str, UUID]) -> dict[str, Any]:
    is_limited = SETTINGS[key].control == "limited"
    return {"approved_by_name": _named(names, operators.get("support_admin")) if is_limited else None}


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _override(random: Random, now: datetime, tenant_id: UUID, key: str, value: Any, reason: str) -> dict[str, Any]:
    made = now - timedelta(days=random.randint(2, 300), minutes=random.randint(0, 1_439))
    ends = now + timedelta(days=random.randint(1, 60)) if random.random() < 0.3 else None
    return {
        "id": _id(random), "tenant_id": tenant_id, "key": key, "value": value, "secret": None, "reason": reason,
        "expires_at": ends, "created_at": made, "updated_at": made, "version": 1,
    }  # fmt: skip


def _token(now: datetime, tenant_id: UUID) -> dict[str, Any]:
    """Real random bits that nobody was shown."""
    made = now - timedelta(days=44)
    return {
        "id": UUID(int=0x26_0001, version=4), "tenant_id": tenant_id, "key": "sign_in.scim_token", "value": None,
        "secret": secrets.token_urlsafe(24), "reason": "Their directory creates people from now on", "expires_at": None,
        "created_at": made, "updated_at": made, "version": 1,
    }  # fmt: skip


def _changes(random: Random, one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How the override came to be; of every third, there was another one before, whose time was over."""
    base = {"tenant_id": one["tenant_id"], "key": one["key"], "by_name": one["set_by_name"], "expires_at": None}
    now = base | {
        "at": one["created_at"], "change": "set", "before": None, "after": one["value"], "reason": one["reason"],
        "approved_by_name": one["approved_by_name"], "expires_at": one["expires_at"],
    }  # fmt: skip
    if random.random() > 0.33 or one["value"] is None:
        return [now]
    first = base | {"approved_by_name": None, "after": one["value"], "before": None, "reason": "Trial of two weeks"}
    began = one["created_at"] - timedelta(days=40)
    last = first | {"after": None, "before": one["value"], "reason": "Its time was over: Trial of two weeks"}
    ended = began + timedelta(days=14)
    return [first | {"at": began, "change": "set"}, last | {"at": ended, "change": "expired"}, now]


def _requests(
    tx: Transaction, random: Random, now: datetime, tenants: list[UUID], operators: Mapping[str, UUID],
    names: Mapping[UUID, str],
) -> None:  # fmt: skip
    asks, decides = operators.get("support_tier_2"), operators.get("support_admin")
    if asks is None or decides is None:
        return
    rows = []
    for place, (key, value, outcome, reason) in enumerate(_ASKED):
        made = now - timedelta(hours=5 + 31 * place)
        decided = None if outcome == "waiting" else made + timedelta(hours=3)
        decider = asks if outcome == "withdrawn" else decides
        rows.append({
            "id": _id(random), "tenant_id": tenants[3 * place + 1], "key": key, "operation": "set", "value": value,
            "secret": None, "reason": reason, "expires_at": None, "base_version": 0, "proposed_by": asks,
            "proposed_by_name": names[asks],
            "outcome": outcome, "decided_at": decided, "decided_by": decider if decided else None,
            "decided_by_name": names[decider] if decided else None,
            "decision_reason": "A look on request is enough" if outcome == "rejected" else None, "created_at": made,
            "updated_at": decided or made, "version": 2 if decided else 1,
        })  # fmt: skip
    tx.bulk(insert(TenantSettingRequest), rows)
