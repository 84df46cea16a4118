"""The permission table: one string names the permission to act, the audit entry and the event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.kernel.actor import Actor
from core.kernel.errors import Denied

Severity = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What an action asks for. `requires` is `resource:verb`, or None for what anybody may do (signing in)."""

    requires: str | None
    reason: bool = False
    severity: Severity = "info"
    during_maintenance: bool = False


_table: dict[str, Rule] = {}


def declare(rules: Mapping[str, Rule]) -> None:
    """Adds actions to the permission table."""
    _table.update(rules)


def table() -> Mapping[str, Rule]:
    """Every action of the product by its name."""
    return dict(_table)


def rule_of(name: str) -> Rule:
    """Raises LookupError for an action that nobody declared: a programming error, and never a way in."""
    if name not in _table:
        raise LookupError(f"{name} is not in the permission table (core/permissions.py).")
    return _table[name]


def require(actor: Actor, permission: str) -> None:
    """Raises Denied, naming the permission that is missing."""
    if not actor.may(permission):
        raise Denied(f"Your role ({actor.role.replace('_', ' ')}) does not have {permission}. Ask an administrator.")
