"""What can be done with the rules of alerts. They watch the whole platform, so whoever changes one sees all of it."""

from typing import Any
from uuid import UUID

from core.health.alerts.cleaning import EDITABLE, clean
from core.health.alerts.models import AlertRule
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid, NotFound
from core.kernel.writes import Transaction, write


def require_platform(actor: Actor) -> None:
    """Raises Denied."""
    if actor.scope != "all":
        raise Denied("Rules and silences concern every tenant, so only those who see all tenants may change them.")


def create(actor: Actor, *, once: str | None = None, **values: Any) -> AlertRule:
    """A new rule; `values` as in cleaning.py. Raises Denied, Invalid."""
    with write(actor, "alert_rules.create", once=once) as tx:
        require_platform(actor)
        rule = tx.add(AlertRule(**clean(values)))
        tx.note(rule=rule.name)
    return rule


def update(actor: Actor, rule_id: UUID, *, version: int | None = None, **values: Any) -> AlertRule:
    """Changes what is given. Alerts that are live go on under the new bounds. Raises Denied, Invalid, NotFound, Conflict."""
    with write(actor, "alert_rules.update") as tx:
        rule = _locked(tx, rule_id, version)
        if "is_enabled" in values:
            raise Invalid("Enable or disable the rule instead.", {"is_enabled": "This cannot be edited."})
        for field, value in clean({name: getattr(rule, name) for name in EDITABLE} | values).items():
            setattr(rule, field, value)
        tx.note(rule=rule.name)
    return rule


def enable(actor: Actor, rule_id: UUID) -> AlertRule:
    """Watches again. Raises Denied, Invalid, NotFound."""
    with write(actor, "alert_rules.enable") as tx:
        rule = _locked(tx, rule_id, None)
        if rule.is_enabled:
            raise Invalid(f"{rule.name} is enabled already.")
        rule.is_enabled = True
        tx.note(rule=rule.name)
    return rule


def disable(actor: Actor, rule_id: UUID, *, reason: str) -> AlertRule:
    """Watches no more; its live alerts end with the next look at the rules.

    Raises Denied, Invalid, NotFound, ReasonRequired.
    """
    with write(actor, "alert_rules.disable", reason=reason) as tx:
        rule = _locked(tx, rule_id, None)
        if not rule.is_enabled:
            raise Invalid(f"{rule.name} is disabled already.")
        rule.is_enabled = False
        tx.note(rule=rule.name)
    return rule


def delete(actor: Actor, rule_id: UUID, *, reason: str, version: int | None = None) -> None:
    """Removes a rule; its live alerts end with the next look, and what it found stays.

    Raises Denied, NotFound, Conflict, ReasonRequired.
    """
    with write(actor, "alert_rules.delete", reason=reason) as tx:
        rule = _locked(tx, rule_id, version)
        rule.deleted_at, rule.is_enabled = tx.now, False
        tx.note(rule=rule.name)


def _locked(tx: Transaction, rule_id: UUID, version: int | None) -> AlertRule:
    require_platform(tx.actor)
    rule = tx.lock(AlertRule, rule_id, version=version)
    if rule.deleted_at is not None:
        raise NotFound("This alert rule was deleted.")
    return rule
