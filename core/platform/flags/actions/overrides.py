"""What one tenant gets whatever the rules say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.writes import Transaction, write
from core.platform.flags import cleaning
from core.platform.flags.applying import environment_of, require_direct
from core.platform.flags.audience import require_in_sight
from core.platform.flags.models import Flag, FlagOverride


def set_override(
    actor: Actor, flag_id: UUID, tenant_id: UUID, *, environment: str, reason: str, variant: str | None = None,
    config: Mapping[str, Any] | None = None, expires_at: datetime | None = None,
) -> FlagOverride:  # fmt: skip
    """Gives a tenant a variant, settings, or both, until `expires_at`; one that it has already is replaced.

    Raises Invalid (also for production of a protected flag), and NotFound for a tenant out of sight.
    """
    require_in_sight(actor, tenant_id)
    values = {"variant": variant, "config": config, "expires_at": expires_at, "reason": reason}
    with write(actor, "flags.set_override", reason=reason) as tx:
        flag, _ = environment_of(tx, flag_id, environment)
        tx.note(flag=flag.key, environment=environment)
        require_direct(flag, environment)
        return put_override(tx, flag, environment, tenant_id, values)


def clean_override(variants: Mapping[str, Any], values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The values of an override as they are stored. Raises Invalid naming the bad field."""
    variant, config = values.get("variant"), values.get("config")
    if variant is None and not config:
        raise cleaning.bad("Say which variant the tenant gets, or which settings.", "variant")
    if variant is not None and not cleaning.is_one(variant, variants):
        raise cleaning.bad(f"{variant} is no variant of this flag.", "variant")
    until = cleaning.clean_moment(values.get("expires_at"))
    if until is not None and until <= now:
        raise cleaning.bad("The override must end in the future.", "expires_at")
    return {"variant": variant, "config": cleaning.clean_config(config) if config else None, "expires_at": until,
            "reason": cleaning.clean_text(values.get("reason"))}  # fmt: skip


def _existing(tx: Transaction, flag: Flag, environment: str, tenant_id: UUID) -> FlagOverride | None:
    own = FlagOverride.flag_id == flag.id, FlagOverride.environment == environment, FlagOverride.tenant_id == tenant_id
    return tx.session.scalars(select(FlagOverride).where(*own).with_for_update()).one_or_none()


def put_override(
    tx: Transaction, flag: Flag, environment: str, tenant_id: UUID, values: Mapping[str, Any]
) -> FlagOverride:
    """Makes the override or changes the one that is there."""
    cleaned = clean_override(flag.variants, values, tx.now) | {"set_by": tx.actor.id}
    found = _existing(tx, flag, environment, tenant_id)
    if found is None:
        return tx.add(FlagOverride(flag_id=flag.id, environment=environment, tenant_id=tenant_id, **cleaned))
    for name, value in cleaned.items():
        setattr(found, name, value)
    return found


def remove_override(tx: Transaction, flag: Flag, environment: str, tenant_id: UUID) -> None:
    """Raises NotFound when the tenant has none."""
    found = _existing(tx, flag, environment, tenant_id)
    if found is None:
        raise NotFound("This tenant has no override here, or is not among those you may see.")
    tx.delete(found)


def clear_override(actor: Actor, flag_id: UUID, tenant_id: UUID, *, environment: str) -> None:
    """Lets the rules decide for the tenant again. Raises NotFound when it has no override, Invalid as set_override."""
    with write(actor, "flags.clear_override") as tx:
        flag, _ = environment_of(tx, flag_id, environment)
        tx.note(flag=flag.key, environment=environment)
        require_direct(flag, environment)
        remove_override(tx, flag, environment, tenant_id)
