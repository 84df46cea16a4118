"""Changes of protected flags: one person proposes, another approves exactly what was read."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from core.kernel.actor import Actor
from core.kernel.errors import Conflict, Denied, Invalid
from core.kernel.writes import Transaction, write
from core.platform.flags import cleaning
from core.platform.flags.actions.overrides import clean_override, put_override, remove_override
from core.platform.flags.applying import (
    change_environment,
    change_flag,
    clean_environment,
    clean_flag,
    environment_of,
    live,
)
from core.platform.flags.audience import require_in_sight
from core.platform.flags.models import Flag, FlagChange, FlagEnvironment
from core.platform.flags.review import PARTS, content_hash


def propose(
    actor: Actor, flag_id: UUID, environment: str, *, content: Mapping[str, Any], explanation: str
) -> FlagChange:
    """Lays a change before a colleague. `content` has any of the parts flag, environment, override, clear_override.

    Raises Invalid as the change itself would, and Denied for a key: persons review persons.
    """
    _require_person(actor)
    if not explanation.strip():
        raise cleaning.bad("Explain the change to the colleague who reviews it.", "explanation")
    with write(actor, "flags.propose") as tx:
        flag, row = environment_of(tx, flag_id, environment)
        tx.note(flag=flag.key, environment=environment)
        cleaned = _clean(tx, flag, content)
        _try(tx, flag, row, cleaned)
        bases = {"base_flag_version": flag.version, "base_version": row.version}
        change = FlagChange(
            flag_id=flag.id, environment=environment, content=cleaned, explanation=cleaning.clean_text(explanation),
            content_hash=content_hash(flag.id, environment, cleaned, **bases), proposed_by=actor.operator_id,
            proposed_by_name=actor.name, **bases,
        )  # fmt: skip
        return tx.add(change)


def _require_person(actor: Actor) -> None:
    if actor.operator_id is None:
        raise Denied("Changes are proposed and reviewed by persons. Sign in to do this.")


def _clean(tx: Transaction, flag: Flag, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content as JSON, cleaned as the change itself would clean it."""
    if not content or set(content) - set(PARTS) or not all(content.values()):
        raise cleaning.bad(f"A change has one or more of the parts {', '.join(PARTS)}.", "content")
    cleaned: dict[str, Any] = {}
    if "flag" in content:
        cleaned["flag"] = clean_flag(flag.kind, content["flag"])
    variants = cleaned.get("flag", {}).get("variants", flag.variants)
    if "environment" in content:
        cleaned["environment"] = clean_environment(variants, content["environment"])
    if "override" in content:
        tenant_id = cleaning.clean_id(content["override"].get("tenant_id"))
        if tenant_id is None:
            raise cleaning.bad("Say which tenant the override is for.", "tenant_id")
        cleaned["override"] = clean_override(variants, content["override"], tx.now) | {"tenant_id": tenant_id}
    if "clear_override" in content:
        cleaned["clear_override"] = cleaning.clean_id(content["clear_override"])
    _require_tenants(tx.actor, cleaned)
    found: dict[str, Any] = orjson.loads(orjson.dumps(cleaned, default=_plain))
    return found


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


def _require_tenants(actor: Actor, content: Mapping[str, Any]) -> None:
    for part in (content.get("override", {}).get("tenant_id"), content.get("clear_override")):
        tenant_id = cleaning.clean_id(part)
        if tenant_id is not None:
            require_in_sight(actor, tenant_id)


def _try(tx: Transaction, flag: Flag, row: FlagEnvironment, content: Mapping[str, Any]) -> None:
    """Applies the change and takes it back: what cannot be applied need not be reviewed. Raises Invalid."""
    with tx.attempt() as attempt:
        _apply(tx, flag, row, content)
        tx.session.flush()
        if not tx.changed:
            raise Invalid("This proposal changes nothing.")
        _undo()
    if attempt.problem is not None and not isinstance(attempt.problem, _Tried):
        raise attempt.problem
    tx.session.refresh(flag)
    tx.session.refresh(row)


class _Tried(Invalid):
    """Ends an attempt that is meant to be undone."""

    def __init__(self) -> None:
        super().__init__("Tried.")


def _undo() -> None:
    raise _Tried


def _apply(tx: Transaction, flag: Flag, row: FlagEnvironment, content: Mapping[str, Any]) -> None:
    if "flag" in content:
        change_flag(tx, flag, content["flag"])
    if "environment" in content:
        change_environment(tx, flag, row, content["environment"])
    if "override" in content:
        given = content["override"]
        put_override(tx, flag, row.environment, UUID(given["tenant_id"]), given)
    if "clear_override" in content:
        remove_override(tx, flag, row.environment, UUID(content["clear_override"]))


def approve(actor: Actor, change_id: UUID, *, content_hash: str) -> FlagChange:
    """Applies a change that a colleague proposed, exactly as it was read: `content_hash` is that of the reviewed content.

    Raises Denied for the proposer, Conflict when the content is another or the flag was changed since, Invalid when it was
    decided already.
    """
    _require_person(actor)
    with write(actor, "flags.approve") as tx:
        change = _waiting(tx, change_id)
        if change.proposed_by == actor.operator_id:
            raise Denied("You proposed this change; somebody else approves it.")
        _require_reviewed(change, content_hash)
        flag = live(tx, change.flag_id, version=change.base_flag_version)
        _, row = environment_of(tx, change.flag_id, change.environment, version=change.base_version)
        _require_tenants(actor, change.content)
        _apply(tx, flag, row, change.content)
        _decide(tx, change, "approved", None)
        tx.note(flag=flag.key, environment=change.environment, change=change.id)
    return change


def _require_reviewed(change: FlagChange, reviewed: str) -> None:
    bases = {"base_flag_version": change.base_flag_version, "base_version": change.base_version}
    own = content_hash(change.flag_id, change.environment, change.content, **bases)
    if not reviewed == change.content_hash == own:
        raise Conflict("This is not the content that was reviewed. Read the change again before you approve it.")


def _waiting(tx: Transaction, change_id: UUID) -> FlagChange:
    change = tx.lock(FlagChange, change_id)
    if change.outcome != "waiting":
        raise Invalid(f"This change was {change.outcome} already.")
    return change


def _decide(tx: Transaction, change: FlagChange, outcome: str, reason: str | None) -> None:
    change.outcome, change.decided_at, change.decision_reason = outcome, tx.now, reason
    change.decided_by, change.decided_by_name = tx.actor.id, tx.actor.name


def reject(actor: Actor, change_id: UUID, *, reason: str) -> FlagChange:
    """Turns a change down and says why. Raises Invalid when it was decided already."""
    _require_person(actor)
    with write(actor, "flags.reject", reason=reason) as tx:
        change = _waiting(tx, change_id)
        _decide(tx, change, "rejected", reason.strip())
        tx.note(environment=change.environment, change=change.id)
    return change


def withdraw(actor: Actor, change_id: UUID) -> FlagChange:
    """Takes one's own proposal back. Raises Denied for another's, Invalid when it was decided already."""
    with write(actor, "flags.withdraw") as tx:
        change = _waiting(tx, change_id)
        if change.proposed_by != actor.operator_id:
            raise Denied("Only who proposed a change can withdraw it; you can reject it.")
        _decide(tx, change, "withdrawn", None)
        tx.note(environment=change.environment, change=change.id)
    return change
