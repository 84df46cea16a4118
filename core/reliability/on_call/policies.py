"""Escalation policies: whom to page, step by step. A page that runs goes on as its policy was when it began."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write
from core.reliability.on_call import people, rules
from core.reliability.on_call.models import EscalationPolicy, OnCallSchedule


def create_policy(
    actor: Actor, *, name: str, steps: Sequence[Mapping[str, Any]], once: str | None = None, **values: Any
) -> EscalationPolicy:  # fmt: skip
    """Makes a policy of name, steps, repeats, repeat_after_minutes, severities and services. Raises Invalid."""
    cleaned = rules.clean_policy({"name": name, "steps": steps, **values})
    with write(actor, "on_call.create_policy", once=once) as tx:
        _require_free(tx, cleaned["name"])
        _require_reachable(tx, cleaned["steps"])
        return tx.add(EscalationPolicy(**cleaned))


def update_policy(actor: Actor, policy_id: UUID, *, version: int | None = None, **values: Any) -> EscalationPolicy:
    """Changes it for pages that begin from now on. Raises Invalid, NotFound, Conflict."""
    cleaned = rules.clean_policy(values)
    with write(actor, "on_call.update_policy") as tx:
        policy = in_use(tx, policy_id, version=version)
        if "name" in cleaned:
            _require_free(tx, cleaned["name"], but=policy_id)
        if "steps" in cleaned:
            _require_reachable(tx, cleaned["steps"], known=policy.steps)
        for name, value in cleaned.items():
            setattr(policy, name, value)
    return policy


def archive_policy(actor: Actor, policy_id: UUID, *, version: int | None = None) -> EscalationPolicy:
    """It pages for nothing new. Raises Invalid, NotFound, Conflict."""
    with write(actor, "on_call.archive_policy") as tx:
        policy = in_use(tx, policy_id, version=version)
        policy.archived_at = tx.now
    return policy


def in_use(tx: Transaction, policy_id: UUID, *, version: int | None = None) -> EscalationPolicy:
    """The policy, locked. Raises Invalid for an archived one, NotFound, Conflict."""
    policy = tx.lock(EscalationPolicy, policy_id, version=version)
    if policy.archived_at is not None:
        raise Invalid("This policy is archived. Choose another one.")
    return policy


def _named(steps: Sequence[Mapping[str, Any]], what: str) -> set[UUID]:
    return {UUID(one) for step in steps for one in step.get(what, ())}


def _require_reachable(
    tx: Transaction, steps: Sequence[Mapping[str, Any]], known: Sequence[Mapping[str, Any]] = ()
) -> None:
    """All that is named anew exists and is in use; what was named before may be gone, and the policy can be edited still."""
    schedules = _named(steps, "schedules") - _named(known, "schedules")
    found = select(OnCallSchedule.id).where(OnCallSchedule.id.in_(schedules), OnCallSchedule.archived_at.is_(None))
    if schedules - set(tx.session.scalars(found)):
        told = "This schedule does not exist, or is archived. Choose another one."
        raise Invalid(told, {"steps": told})
    people.require_in_service(_named(steps, "operators") - _named(known, "operators"), "steps")
    people.require_channels(_named(steps, "channels") - _named(known, "channels"))


def _require_free(tx: Transaction, name: str, *, but: UUID | None = None) -> None:
    same = select(EscalationPolicy.id).where(func.lower(EscalationPolicy.name) == name.lower())
    if tx.session.scalar(same.where(EscalationPolicy.id != but) if but else same) is not None:
        told = f"There is a policy named {name} already. Choose another name."
        raise Invalid(told, {"name": told})
