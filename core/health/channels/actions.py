"""What can be done with a channel. Its URL goes in and never comes out again."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update

from core.health.channels import reaching
from core.health.channels.models import AlertChannel, AlertNotification, AlertRoute
from core.health.channels.rules import MAX_CHANNELS, clean_name
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write


def create(actor: Actor, *, name: str, url: str, once: str | None = None) -> AlertChannel:
    """Makes a channel of an Apprise URL, or of mail://address,address. Raises Invalid for a URL that cannot be called."""
    clean, reach = clean_name(name), reaching.reach(url)
    with write(actor, "alert_channels.create", once=once) as tx:
        if (tx.session.scalar(select(func.count()).select_from(AlertChannel)) or 0) >= MAX_CHANNELS:
            raise Invalid(f"There are {MAX_CHANNELS} channels already. Delete one that nobody needs.")
        values = {"kind": reach.kind, "url": reach.url, "target": reach.target, "created_by": actor.id}
        return tx.add(AlertChannel(name=clean, **values))


def edit(
    actor: Actor, channel_id: UUID, *, version: int | None = None, name: str | None = None, url: str | None = None
) -> AlertChannel:
    """Changes the name or the URL; what is None stays. Raises Invalid, Conflict."""
    clean = None if name is None else clean_name(name)
    reach = None if url is None else reaching.reach(url)
    with write(actor, "alert_channels.update") as tx:
        channel = tx.lock(AlertChannel, channel_id, version=version)
        channel.name = clean or channel.name
        if reach is not None:
            channel.kind, channel.url, channel.target = reach.kind, reach.url, reach.target
    return channel


def enable(actor: Actor, channel_id: UUID, *, version: int | None = None) -> AlertChannel:
    """Alerts are told to it again, those that open from now on. Raises Invalid when it is enabled."""
    with write(actor, "alert_channels.enable") as tx:
        channel = tx.lock(AlertChannel, channel_id, version=version)
        if channel.is_enabled:
            raise Invalid("This channel is enabled already.")
        channel.is_enabled = True
    return channel


def disable(actor: Actor, channel_id: UUID, *, reason: str, version: int | None = None) -> AlertChannel:
    """Nothing is sent to it any more, what waits neither. Raises Invalid when it is disabled."""
    with write(actor, "alert_channels.disable", reason=reason) as tx:
        channel = tx.lock(AlertChannel, channel_id, version=version)
        if not channel.is_enabled:
            raise Invalid("This channel is disabled already.")
        channel.is_enabled = False
        tx.note(suppressed=_suppress(tx, channel_id, "The channel was disabled."))
    return channel


def delete(actor: Actor, channel_id: UUID, *, reason: str, version: int | None = None) -> None:
    """Removes the channel; its delivery log stays. Raises Invalid while a route sends to it, naming the route."""
    with write(actor, "alert_channels.delete", reason=reason) as tx:
        channel = tx.lock(AlertChannel, channel_id, version=version)
        used = select(AlertRoute.name).where(
            or_(AlertRoute.channel_ids.contains([channel_id]), AlertRoute.escalation_channel_ids.contains([channel_id]))
        )
        routes = list(tx.session.scalars(used.order_by(AlertRoute.position)))
        if routes:
            raise Invalid(f"The route “{routes[0]}” sends to this channel. Change the route first.")
        tx.note(name=channel.name, suppressed=_suppress(tx, channel_id, "The channel was deleted."))
        tx.delete(channel)


def _suppress(tx: Transaction, channel_id: UUID, why: str) -> int:
    table = AlertNotification
    waiting = update(table).where(table.channel_id == channel_id, table.status == "waiting")
    values: dict[str, Any] = {"status": "suppressed", "error": why, "finished_at": tx.now}
    return tx.bulk(waiting.values(**values))
