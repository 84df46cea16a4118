"""A flag is made, described, archived and restored."""

import secrets
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.access.operators.models import Operator
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.reads import read
from core.kernel.writes import Transaction, write
from core.platform.flags import cleaning
from core.platform.flags.applying import PROTECTED_FIELDS, change_flag, clean_flag, live, require_direct
from core.platform.flags.models import ENVIRONMENTS, KINDS, Flag, FlagEnvironment


def _require_owner(owner_id: Any) -> None:
    """Owners are operators. Read as the portal itself: who makes a flag need not see the operators' accounts."""
    key = cleaning.clean_id(owner_id)
    if key is None:
        return
    with read(Actor.system("flags")) as rx:
        if rx.value(select(Operator.id).where(Operator.id == key)) is None:
            raise cleaning.bad("Choose an operator as owner.", "owner_id")


def create(  # noqa: PLR0913  (the columns of the record)
    actor: Actor, *, key: str, name: str, description: str = "", kind: str = "boolean",
    variants: dict[str, Any] | None = None, off_variant: str | None = None, unit: str = "tenant",
    owner_id: UUID | None = None, expires_on: date | None = None, is_protected: bool = False,
    config: dict[str, Any] | None = None, is_enabled: bool = False, rollout_percentage: float = 0, once: str | None = None,
) -> Flag:  # fmt: skip
    """Makes a flag with its three environments, off unless `is_enabled`. Raises Invalid naming every bad field.

    A boolean flag has the variants on and off; others serve by default the first variant by name that is not the off one.
    """
    cleaning.one_of("kind", KINDS)(kind)
    if is_protected and (is_enabled or rollout_percentage):
        raise Invalid("A protected flag begins switched off; propose to switch it on.", {"is_enabled": "Must be off."})
    given = {"name": name, "description": description, "variants": variants, "unit": unit, "expires_on": expires_on,
             "is_protected": is_protected, "config": config, "owner_id": owner_id or actor.operator_id}  # fmt: skip
    share = cleaning.clean_percentage(rollout_percentage)
    values = clean_flag(kind, given) | {"key": cleaning.clean_key(key)}
    _require_owner(owner_id)
    off = off_variant or ("off" if "off" in values["variants"] else min(values["variants"]))
    if off not in values["variants"]:
        raise cleaning.bad("The variant served when the flag is off must be one of its variants.", "off_variant")
    with write(actor, "flags.create", once=once) as tx:
        flag = tx.add(Flag(**values, kind=kind, off_variant=off, salt=secrets.token_hex(8)))
        tx.session.flush()
        serve = {"variant": min(name for name in values["variants"] if name != off)}
        behaviour = {"serve": serve, "is_enabled": cleaning.truth(is_enabled), "rollout_percentage": share}
        tx.add_all(FlagEnvironment(flag_id=flag.id, environment=one, **behaviour) for one in ENVIRONMENTS)
        tx.note(flag=flag.key)
    return flag


def update(actor: Actor, flag_id: UUID, *, version: int, **values: Any) -> Flag:
    """Changes name, description, owner_id, expires_on, variants, off_variant, config, unit or is_protected.

    What changes a protected flag's behaviour, and its protection, is proposed instead. Raises Invalid, NotFound, Conflict.
    """
    _require_owner(values.get("owner_id"))
    with write(actor, "flags.update") as tx:
        flag = live(tx, flag_id, version=version)
        if flag.is_protected and any(name in values for name in (*PROTECTED_FIELDS, "is_protected")):
            require_direct(flag, "production")
        change_flag(tx, flag, values)
        tx.note(flag=flag.key)
    return flag


def archive(actor: Actor, flag_id: UUID, *, reason: str, version: int | None = None) -> Flag:
    """Takes a flag out of service: it is not found by evaluation any more. Its key stays taken, its history stays.

    Raises Invalid for one that is protected or that another flag needs.
    """
    with write(actor, "flags.archive", reason=reason) as tx:
        flag = live(tx, flag_id, version=version)
        if flag.is_protected:
            raise Invalid(f"{flag.name} is protected. Propose to take its protection off, then archive it.")
        _require_unneeded(tx, flag)
        flag.archived_at, flag.archived_by = tx.now, actor.id
        tx.note(flag=flag.key)
    return flag


def _require_unneeded(tx: Transaction, flag: Flag) -> None:
    needs = FlagEnvironment.prerequisites.contains([{"flag": flag.key}])
    users = select(Flag.name).join(FlagEnvironment).where(needs, Flag.archived_at.is_(None)).limit(1)
    other = tx.session.scalar(users)
    if other is not None:
        raise Invalid(f"{other} needs this flag. Take the prerequisite out there first.")


def restore(actor: Actor, flag_id: UUID) -> Flag:
    """Puts an archived flag into service again, switched off everywhere. Raises Invalid, NotFound."""
    with write(actor, "flags.restore") as tx:
        flag = tx.lock(Flag, flag_id)
        if flag.archived_at is None:
            raise Invalid("This flag is not archived; there is nothing to restore.")
        flag.archived_at = flag.archived_by = None
        for row in tx.session.scalars(
            select(FlagEnvironment).where(FlagEnvironment.flag_id == flag_id).with_for_update()
        ):
            row.is_enabled, row.enable_at = False, None
        tx.note(flag=flag.key)
    return flag
