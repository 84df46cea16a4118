"""The steps that actions share: a flag or its environment takes cleaned values, or says why not."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid, NotFound
from core.kernel.writes import Transaction
from core.platform.flags import cleaning, cleaning_targeting
from core.platform.flags.conditions import as_moment
from core.platform.flags.guardrails import METRICS
from core.platform.flags.models import ENVIRONMENTS, UNITS, Flag, FlagEnvironment, FlagOverride, FlagSegment

PROTECTED_FIELDS = ("variants", "off_variant", "config", "unit")


def live(tx: Transaction, flag_id: UUID, *, version: int | None = None) -> Flag:
    """The flag, locked. Raises NotFound, Conflict, and Invalid for an archived one."""
    flag = tx.lock(Flag, flag_id, version=version)
    if flag.archived_at is not None:
        raise Invalid("This flag is archived. Restore it before you change it.")
    return flag


def environment_of(
    tx: Transaction, flag_id: UUID, environment: str, *, version: int | None = None
) -> tuple[Flag, FlagEnvironment]:
    """The flag and its behaviour in one environment, which is locked. Raises NotFound, Conflict, Invalid."""
    flag = tx.get(Flag, flag_id)
    if flag.archived_at is not None:
        raise Invalid("This flag is archived. Restore it before you change it.")
    own = FlagEnvironment.flag_id == flag_id, FlagEnvironment.environment == environment
    key = tx.session.scalar(select(FlagEnvironment.id).where(*own))
    if key is None:
        raise NotFound(f"There is no environment {environment}; choose one of {', '.join(ENVIRONMENTS)}.")
    return flag, tx.lock(FlagEnvironment, key, version=version)


def require_direct(flag: Flag, environment: str) -> None:
    """What a protected flag does in production is changed under review. Raises Invalid."""
    if flag.is_protected and environment == "production":
        raise Invalid(f"{flag.name} is protected: propose this change of production, and let a colleague approve it.")


def change_flag(tx: Transaction, flag: Flag, values: Mapping[str, Any]) -> None:
    """Takes new values of the flag itself. Raises Invalid naming every bad field."""
    cleaned = clean_flag(flag.kind, values)
    variants = cleaned.get("variants", flag.variants)
    if cleaned.get("off_variant", flag.off_variant) not in variants:
        raise cleaning.bad("The variant served when the flag is off must be one of its variants.", "off_variant")
    _require_unused(tx, flag, set(flag.variants) - set(variants))
    for name, value in cleaned.items():
        setattr(flag, name, value)


def clean_flag(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a flag as they are stored. Raises Invalid naming every bad field."""
    return cleaned(values, {
        "name": cleaning.clean_name, "description": cleaning.clean_text, "owner_id": cleaning.clean_id,
        "expires_on": cleaning.clean_day, "off_variant": str, "config": cleaning.clean_config,
        "unit": cleaning.one_of("unit", UNITS), "is_protected": cleaning.truth,
        "variants": lambda value: cleaning.clean_variants(kind, value),
    })  # fmt: skip


def _require_unused(tx: Transaction, flag: Flag, removed: set[str]) -> None:
    """A variant that an environment or an override serves cannot go. Raises Invalid."""
    if not removed:
        return
    rows = tx.session.scalars(select(FlagEnvironment).where(FlagEnvironment.flag_id == flag.id))
    used = {name: row.environment for row in rows for name in _served(row)}
    own = select(FlagOverride.variant).where(FlagOverride.flag_id == flag.id, FlagOverride.variant.is_not(None))
    used |= {str(name): "an override" for name in tx.session.scalars(own.distinct())}
    for name in sorted(removed & set(used)):
        raise cleaning.bad(f"The variant {name} is served in {used[name]}. Serve another one there first.", "variants")


def _served(row: FlagEnvironment) -> set[str]:
    served = [row.serve, *(rule["serve"] for rule in row.rules)]
    return {name for one in served for name in ([one["variant"]] if "variant" in one else one["split"])}


def clean_environment(variants: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an environment as they are stored. Raises Invalid naming every bad field."""
    return cleaned(values, {
        "is_enabled": cleaning.truth, "rollout_percentage": cleaning.clean_percentage,
        "rules": lambda value: cleaning_targeting.clean_rules(value, variants),
        "serve": lambda value: cleaning_targeting.clean_serve(value, variants),
        "prerequisites": cleaning_targeting.clean_prerequisites, "ramp": cleaning_targeting.clean_ramp,
        "enable_at": cleaning.clean_moment, "disable_at": cleaning.clean_moment,
        "guardrails": lambda value: cleaning_targeting.clean_guardrails(value, METRICS),
    })  # fmt: skip


def change_environment(tx: Transaction, flag: Flag, row: FlagEnvironment, values: Mapping[str, Any]) -> None:
    """Takes new values of one environment. Raises Invalid naming the bad fields.

    A percentage set by hand ends a ramp: what somebody lowered must not rise by itself.
    """
    cleaned = clean_environment(flag.variants, values)
    _require_segments(tx, cleaned.get("rules", []))
    _require_prerequisites(tx, flag, row, cleaned.get("prerequisites", []))
    if (
        "rollout_percentage" in cleaned
        and "ramp" not in cleaned
        and cleaned["rollout_percentage"] != row.rollout_percentage
    ):
        cleaned["ramp"] = [step for step in row.ramp if step["applied_at"]]
    if "ramp" in cleaned:
        cleaned["ramp"] = _remember_applied(row.ramp, cleaned["ramp"])
    for name, value in cleaned.items():
        setattr(row, name, value)
    _require_order(row)
    row.next_step_at = next_step(row)


def _remember_applied(before: list[Any], steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {(as_moment(one["at"]), one["percentage"]): one["applied_at"] for one in before}
    return [{**one, "applied_at": known.get((as_moment(one["at"]), one["percentage"]))} for one in steps]


def _require_order(row: FlagEnvironment) -> None:
    if row.enable_at and row.disable_at and row.disable_at <= row.enable_at:
        raise cleaning.bad("The flag must be switched off after it was switched on.", "disable_at")


def next_step(row: FlagEnvironment) -> datetime | None:
    """When the ramp's next step is due; None without one, and while the flag is killed or paused."""
    if row.killed_at or row.paused_at:
        return None
    return min((as_moment(step["at"]) for step in row.ramp if not step["applied_at"]), default=None)


def hold_over(row: FlagEnvironment, waited: timedelta) -> None:
    """Moves the steps of a ramp that are still to come by the time for which they had to wait."""
    row.ramp = [
        step if step["applied_at"] else {**step, "at": (as_moment(step["at"]) + waited).isoformat()}
        for step in row.ramp
    ]
    row.next_step_at = next_step(row)


def _require_segments(tx: Transaction, rules: Iterable[Mapping[str, Any]]) -> None:
    named = {rule["segment"] for rule in rules if rule["segment"]}
    if not named:
        return
    known = set(tx.session.scalars(select(FlagSegment.key).where(FlagSegment.key.in_(named))))
    for missing in sorted(named - known):
        raise cleaning.bad(f"There is no segment {missing}.", "rules")


def _require_prerequisites(tx: Transaction, flag: Flag, row: FlagEnvironment, wanted: list[dict[str, Any]]) -> None:
    """Prerequisites are live flags, name their variants, and do not lead back to the flag. Raises Invalid."""
    if not wanted:
        return
    own = FlagEnvironment.environment == row.environment
    joined = select(Flag.key, Flag.variants, FlagEnvironment.prerequisites).join(
        FlagEnvironment, own & (FlagEnvironment.flag_id == Flag.id)
    )
    known = {one.key: one for one in tx.session.execute(joined.where(Flag.archived_at.is_(None))).all()}
    for one in wanted:
        if one["flag"] not in known:
            raise cleaning.bad(f"There is no flag {one['flag']}.", "prerequisites")
        if unknown := set(one["variants"]) - set(known[one["flag"]].variants):
            raise cleaning.bad(f"{one['flag']} has no variant {min(unknown)}.", "prerequisites")
    needs = {key: [each["flag"] for each in one.prerequisites] for key, one in known.items()}
    needs[flag.key] = [one["flag"] for one in wanted]
    if leads_back(flag.key, needs):
        raise cleaning.bad("These prerequisites lead back to the flag itself.", "prerequisites")


def leads_back(key: str, needs: Mapping[str, list[str]]) -> bool:
    """Whether the prerequisites of `key`, and theirs, arrive at `key` again."""
    waiting, seen = list(needs.get(key, [])), set()
    while waiting:
        one = waiting.pop()
        if one == key:
            return True
        if one not in seen:
            seen.add(one)
            waiting += needs.get(one, [])
    return False
