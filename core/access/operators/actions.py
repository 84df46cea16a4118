"""What can be done with an operator's account."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from core.access.operators import rules
from core.access.operators.models import Operator
from core.access.roles.models import RoleRow
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid
from core.kernel.writes import Transaction, write

_LOCK_FIRST = text("SELECT pg_advisory_xact_lock(hashtext('qd_first_operator'))")


def _require_role(tx: Transaction, role: str) -> None:
    if tx.session.get(RoleRow, role) is None:
        raise Invalid(f"There is no role {role}. Choose one of the list.", {"role": "Choose one of the list."})


def create_first(*, email: str, name: str, password: str) -> Operator:
    """Makes the first operator, a super admin. Raises Denied as soon as there is one, Invalid for bad input."""
    email, name = rules.clean_email(email), rules.clean_name(name)
    rules.require_password(password, email=email)
    with write(Actor.system("first start", channel="page"), "operators.create_first") as tx:
        tx.session.execute(_LOCK_FIRST)
        if tx.session.scalar(select(Operator.id).limit(1)) is not None:
            raise Denied("There is an operator already. Sign in, or ask an administrator for an account.")
        hashed = rules.hash_password(password)
        return tx.add(Operator(email=email, name=name, role="super_admin", password_hash=hashed))


def create(
    actor: Actor, *, email: str, name: str, role: str, password: str, scope: str | None = None, once: str | None = None
) -> Operator:
    """Makes an account; without a scope, the role's counts. Raises Invalid for bad input, also for an address in use."""
    email, name, scope = rules.clean_email(email), rules.clean_name(name), rules.clean_scope(scope)
    rules.require_password(password, email=email)
    with write(actor, "operators.create", once=once) as tx:
        _require_role(tx, role)
        hashed = rules.hash_password(password)
        return tx.add(Operator(email=email, name=name, role=role, scope=scope, password_hash=hashed))


def update(actor: Actor, operator_id: UUID, *, version: int, **values: Any) -> Operator:
    """Changes name, role, scope or time_zone. Raises Invalid, NotFound, Conflict; nobody widens his own rights."""
    clean = {"name": rules.clean_name, "time_zone": rules.clean_time_zone, "scope": rules.clean_scope}
    if unknown := set(values) - {"name", "role", "scope", "time_zone"}:
        raise Invalid(f"{', '.join(sorted(unknown))} cannot be edited here.")
    with write(actor, "operators.update") as tx:
        operator = tx.lock(Operator, operator_id, version=version)
        _require_role(tx, values.get("role", operator.role))
        held = (operator.role, operator.scope)
        for field, value in values.items():
            setattr(operator, field, clean.get(field, lambda same: same)(value))
        if operator_id == actor.operator_id and (operator.role, operator.scope) != held:
            raise Invalid(
                "You cannot change your own role or scope. Ask another administrator.", {"role": "Not your own."}
            )
    return operator


def choose_time_zone(actor: Actor, time_zone: str | None) -> None:
    """Sets the zone in which the actor sees times; None is the browser's. Raises Invalid."""
    chosen = rules.clean_time_zone(time_zone)
    # An operator may change this of himself whatever his role grants.
    with write(replace(actor, grants=frozenset({"*"})), "operators.choose_time_zone") as tx:
        tx.lock(Operator, actor.operator_id).time_zone = chosen


def disable(actor: Actor, operator_id: UUID, *, reason: str) -> Operator:
    """Takes the account out of service; its sessions end at their next step. Raises Invalid for one's own."""
    with write(actor, "operators.disable", reason=reason) as tx:
        operator = tx.lock(Operator, operator_id)
        if operator_id == actor.operator_id:
            raise Invalid("You cannot disable yourself. Ask another administrator.")
        if operator.disabled_at is not None:
            raise Invalid("This operator is disabled already.")
        operator.disabled_at, operator.disabled_by = tx.now, actor.operator_id
    return operator


def enable(actor: Actor, operator_id: UUID) -> Operator:
    """Puts a disabled account back into service. Raises Invalid when it is in service."""
    with write(actor, "operators.enable") as tx:
        operator = tx.lock(Operator, operator_id)
        if operator.disabled_at is None:
            raise Invalid("This operator is not disabled.")
        operator.disabled_at = operator.disabled_by = None
    return operator
