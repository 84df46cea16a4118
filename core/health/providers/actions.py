"""What can be done with a provider. Events name who was used before and who is from now on: the same, or a failover."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.health.providers import rules
from core.health.providers.models import Provider
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write


def create(
    actor: Actor, *, name: str, channel: str, note: str = "", is_enabled: bool = True, once: str | None = None
) -> Provider:
    """Adds a provider as the last of its channel. Raises Invalid, Denied."""
    cleaned = rules.clean({"name": name, "channel": channel, "note": note})
    with write(actor, "providers.create", once=once) as tx:
        order = _order(tx, actor, cleaned["channel"])
        if cleaned["name"] in [one.name for one in order]:
            sentence = f"{cleaned['name']} is already a provider of {cleaned['channel']}."
            raise Invalid(sentence, {"name": sentence})
        before = _active(order)
        position = order[-1].position + 1 if order else 1
        row = tx.add(Provider(position=position, is_enabled=is_enabled, **cleaned))
        tx.note(channel=row.channel, from_provider=before, to_provider=_active([*order, row]))
    return row


def update(actor: Actor, provider_id: UUID, *, version: int | None = None, **values: Any) -> Provider:
    """Changes name or note. Raises Invalid, NotFound, Conflict."""
    with write(actor, "providers.update") as tx:
        rules.require_platform(actor)
        row = tx.lock(Provider, provider_id, version=version)
        _require_editable(values)
        for field, value in rules.clean(values).items():
            setattr(row, field, value)
    return row


def _require_editable(values: dict[str, Any]) -> None:
    fixed = sorted(set(values) - {"name", "note"})
    if fixed:
        raise Invalid("Only name and note are edited.", dict.fromkeys(fixed, "This cannot be edited."))


def enable(actor: Actor, provider_id: UUID, *, version: int | None = None) -> Provider:
    """Lets a provider be used again, in its place of the order. Raises Invalid, NotFound, Conflict."""
    with write(actor, "providers.enable") as tx:
        order = _order(tx, actor, tx.get(Provider, provider_id).channel)
        row = tx.lock(Provider, provider_id, version=version)
        if row.is_enabled:
            raise Invalid(f"{row.name} is enabled already.")
        before = _active(order)
        row.is_enabled = True
        row.disabled_at = row.disabled_by_name = row.disabled_reason = None
        tx.note(channel=row.channel, from_provider=before, to_provider=_active(order))
    return row


def disable(
    actor: Actor, provider_id: UUID, *, reason: str, leave_none: bool = False, version: int | None = None
) -> Provider:
    """Takes a provider out of use; if it was the active one, the next enabled in the order follows.

    The last enabled one of a channel goes only with `leave_none`. Raises Invalid, NotFound, Conflict.
    """
    with write(actor, "providers.disable", reason=reason) as tx:
        order = _order(tx, actor, tx.get(Provider, provider_id).channel)
        row = tx.lock(Provider, provider_id, version=version)
        if not row.is_enabled:
            raise Invalid(f"{row.name} is disabled already.")
        before = _active(order)
        row.is_enabled = False
        after = _active(order)
        if after is None and not leave_none:
            sentence = f"Nothing would be left to carry {row.channel}. Confirm that, or enable another provider first."
            raise Invalid(sentence, {"leave_none": sentence})
        row.disabled_at, row.disabled_by_name, row.disabled_reason = tx.now, actor.name, reason.strip()
        tx.note(channel=row.channel, from_provider=before, to_provider=after)
    return row


def reorder(
    actor: Actor, channel: str, provider_ids: Sequence[UUID], *, was: Sequence[UUID] | None = None
) -> list[Provider]:
    """Sets the order of a channel, of all its providers. `was` is the order that the caller saw.

    Raises Conflict when it is another by now, Invalid for ids that are not exactly those of the channel.
    """
    with write(actor, "providers.reorder") as tx:
        order = _order(tx, actor, channel)
        rules.require_order(channel, provider_ids, [one.id for one in order], was)
        before, places = _active(order), {key: place for place, key in enumerate(provider_ids, start=1)}
        for one in order:
            one.position = places[one.id]
        order.sort(key=lambda one: one.position)
        tx.note(channel=channel, from_provider=before, to_provider=_active(order))
    return order


def _order(tx: Transaction, actor: Actor, channel: str) -> list[Provider]:
    """The providers of a channel in their order. One change of a channel at a time, also of a provider that is new."""
    rules.require_platform(actor)
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"provider:{channel}"))))
    found = select(Provider).where(Provider.channel == channel).order_by(Provider.position)
    return list(tx.session.scalars(found.execution_options(populate_existing=True)))


def _active(order: Sequence[Provider]) -> str | None:
    return rules.active((one.name, one.is_enabled) for one in order)
