"""Demo flags with their segments, overrides, a proposal that waits, and 30 days of adoption."""

import secrets
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.access.operators.models import Operator
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.telemetry import record
from core.kernel.writes import Transaction
from core.platform.flags import actions
from core.platform.flags.applying import clean_environment, clean_flag
from core.platform.flags.cleaning_targeting import clean_conditions
from core.platform.flags.demo_examples import EXAMPLES, SEGMENTS, Example
from core.platform.flags.models import ENVIRONMENTS, Flag, FlagEnvironment, FlagExposure, FlagOverride, FlagSegment
from core.roles import ROLES

DAY = timedelta(days=1)
PILOTS = ("whatsapp-channel", "ai_powered_routing", "legacy-csv-export")


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def seed(
    tx: Transaction, random: Random, now: datetime, tenants: list[UUID], operators: dict[str, UUID]
) -> dict[str, UUID]:
    """Makes segments, flags and overrides. Returns the ids of the flags by their keys."""
    tx.bulk(insert(FlagSegment), [_segment(random, one, now) for one in SEGMENTS])
    flags = [_flag(random, one, now, operators) for one in EXAMPLES]
    tx.bulk(insert(Flag), flags)
    ids = {flag["key"]: flag["id"] for flag in flags}
    behaviours = [
        _environment(random, example, flag, environment, now)
        for example, flag in zip(EXAMPLES, flags, strict=True)
        for environment in ENVIRONMENTS
    ]
    tx.bulk(insert(FlagEnvironment), behaviours)
    chosen = [(key, tenant_id) for key in PILOTS for tenant_id in random.sample(tenants, min(3, len(tenants)))]
    if chosen:
        tx.bulk(insert(FlagOverride), [_override(random, ids[key], tenant_id, now) for key, tenant_id in chosen])
    return ids


def _segment(random: Random, one: dict[str, Any], now: datetime) -> dict[str, Any]:
    made = now - timedelta(days=random.randint(60, 200))
    stamps = {"id": _id(random), "created_at": made, "updated_at": made, "version": 1}
    return {"match": "all", **one, "conditions": clean_conditions(one["conditions"]), **stamps}


def _flag(random: Random, one: Example, now: datetime, operators: dict[str, UUID]) -> dict[str, Any]:
    about: dict[str, Any] = {
        "kind": "boolean",
        "variants": None,
        "off_variant": "off",
        "unit": "tenant",
        "is_protected": False,
        "config": {},
    }
    about |= one.about
    expires_on = (now + DAY * one.expires).date() if one.expires is not None else None
    given = {name: value for name, value in about.items() if name != "kind"}
    values = clean_flag(about["kind"], given | {"name": one.name, "description": one.description})
    made = now - DAY * one.age - timedelta(minutes=random.randint(0, 1_000))
    return {
        **values, "id": _id(random), "key": one.key, "kind": about["kind"], "owner_id": operators.get(one.role),
        "expires_on": expires_on, "salt": secrets.token_hex(8), "created_at": made, "updated_at": made, "version": 1,
    }  # fmt: skip


def _environment(random: Random, one: Example, flag: dict[str, Any], environment: str, now: datetime) -> dict[str, Any]:
    on = next(name for name in sorted(flag["variants"]) if name != flag["off_variant"])
    is_production = environment == "production"
    given = {"serve": {"variant": on}, "is_enabled": environment != "production", "rollout_percentage": 100, "rules": [],
             "prerequisites": [], "ramp": [], "guardrails": [], "enable_at": None}  # fmt: skip
    if is_production:
        given |= {"is_enabled": False, "rollout_percentage": 0} | one.production | {"ramp": _steps(one, now)}
        given["enable_at"] = now + DAY * one.enable_in if one.enable_in is not None else None
    changed = now - DAY * (one.quiet if is_production else one.age)
    values = clean_environment(flag["variants"], given)
    return {
        **values, **_held(one if is_production else None, changed), "next_step_at": _next(one, now) if is_production else None,
        "id": _id(random), "flag_id": flag["id"], "environment": environment, "created_at": flag["created_at"],
        "updated_at": changed, "version": 1,
    }  # fmt: skip


def _steps(one: Example, now: datetime) -> list[dict[str, Any]]:
    return [{"at": (now + DAY * days).isoformat(), "percentage": share, "applied_at": None} for days, share in one.ramp]


def _next(one: Example, now: datetime) -> datetime | None:
    return now + DAY * one.ramp[0][0] if one.ramp else None


def _held(one: Example | None, at: datetime) -> dict[str, Any]:
    kind, reason = one.held if one and one.held else ("", None)
    is_killed, is_paused = kind == "kill", kind == "pause"
    return {"killed_at": at if is_killed else None, "kill_reason": reason if is_killed else None,
            "paused_at": at if is_paused else None, "pause_reason": reason if is_paused else None}  # fmt: skip


def _override(random: Random, flag_id: UUID, tenant_id: UUID, now: datetime) -> dict[str, Any]:
    made = now - timedelta(days=random.randint(1, 20))
    until = now + timedelta(days=random.randint(3, 45)) if random.random() < 0.7 else None
    return {
        "id": _id(random), "flag_id": flag_id, "environment": "production", "tenant_id": tenant_id, "variant": "on",
        "config": None, "expires_at": until, "reason": random.choice(("Pilot", "Asked for by their CSM", "Contract")),
        "set_by": None, "created_at": made, "updated_at": made,
    }  # fmt: skip


def seed_use(system: Actor, random: Random, now: datetime, flags: dict[str, UUID], operators: dict[str, UUID]) -> None:
    """Makes the figures of the last 30 days, and a change of a protected flag that waits for its review."""
    rows = [row for one in EXAMPLES if one.daily for row in _exposures(random, one, flags[one.key], now)]
    with record(system) as tx:
        tx.copy(FlagExposure, rows)
    proposer = operators.get("developer")
    if proposer is not None:
        content = {"environment": {"rollout_percentage": 25}}
        actions.propose(
            _operator(system, proposer), flags["sms-failover"], "production", content=content,
            explanation="Two weeks without a failover that lost a message: begin with a quarter of all tenants.",
        )  # fmt: skip


def _operator(system: Actor, operator_id: UUID) -> Actor:
    with read(system) as rx:
        name = rx.value(select(Operator.name).where(Operator.id == operator_id))
    return Actor(operator_id, name, "developer", ROLES["developer"].grants, "all", "page")


def _exposures(random: Random, one: Example, flag_id: UUID, now: datetime) -> list[dict[str, Any]]:
    variants = one.about.get("variants") or {"on": True, "off": False}
    weights = {name: random.uniform(0.5, 2) for name in variants}
    found = []
    for back in range(min(30, one.age)):
        day = now - DAY * back
        busy = (0.35 if day.weekday() >= 5 else 1.0) * random.uniform(0.8, 1.2) * (1 - back / 90)
        for name, weight in weights.items():
            count = round(one.daily * busy * weight / sum(weights.values()))
            found.append({"flag_id": flag_id, "environment": "production", "day": day.date(), "variant": name,
                          "evaluations": count, "last_at": day})  # fmt: skip
    return [row for row in found if row["evaluations"]]
