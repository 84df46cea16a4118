"""The fields of a flag and of its environments in words, for tables of differences."""

from typing import Any
from uuid import UUID

from pages.platform._flags.words import Here, compact, guardrail, moment, prerequisites, ramp, rule, serve, share

_TOLD = {
    "rollout_percentage": lambda value: share(float(value)),
    "serve": serve,
    "is_enabled": lambda value: "on" if value else "off",
    "prerequisites": prerequisites,
    "guardrails": lambda value: "; ".join(map(guardrail, value)) or "none",
}
MOMENTS = ("enable_at", "disable_at", "expires_at", "killed_at", "paused_at", "next_step_at", "archived_at")
FIELDS = {
    "is_enabled": "Flag", "rules": "Rules", "serve": "Everybody else gets", "rollout_percentage": "Rollout",
    "prerequisites": "Prerequisites", "ramp": "Ramp", "enable_at": "Turns on at", "disable_at": "Turns off at",
    "guardrails": "Guardrails", "name": "Name", "description": "Description", "owner_id": "Owner", "unit": "Counts",
    "expires_on": "Expires", "variants": "Variants", "off_variant": "Variant when off", "config": "Settings",
    "is_protected": "Protected", "tenant_id": "Tenant", "variant": "Variant", "expires_at": "Until", "reason": "Reason",
    "killed_at": "Killed", "kill_reason": "Why killed", "paused_at": "Paused", "pause_reason": "Why paused",
    "next_step_at": "Next step", "archived_at": "Archived", "salt": "Salt", "key": "Key", "kind": "Kind",
}  # fmt: skip


def told(field: str, value: Any, here: Here) -> str:
    """The value of any field of a flag or of its environment, for a table of differences."""
    if field in MOMENTS or value is None:
        return moment(value, here.zone)
    if field == "ramp":
        return ramp(value, here.zone)
    if field == "rules":
        return "\n".join(f"{place}. {rule(one, here.names)}" for place, one in enumerate(value, 1)) or "none"
    if field in _TOLD:
        return str(_TOLD[field](value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return here.names.get(str(value), str(value)) if isinstance(value, str | UUID) else compact(value)


def field(name: str) -> str:
    return FIELDS.get(name, name.replace("_", " ").capitalize())
