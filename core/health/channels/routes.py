"""What can be done with routes: which alerts go to whom, and in which order that is asked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.health.alerts.measures import MEASURES
from core.health.alerts.models import SEVERITIES
from core.health.channels import rules
from core.health.channels.models import AlertChannel, AlertRoute
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write

AREAS = tuple(sorted({measure.area for measure in MEASURES.values()}))
_FRESH: dict[str, Any] = {
    "severities": (), "areas": (), "weekdays": (), "starts_at": None, "ends_at": None, "time_zone": "UTC",
    "continues": False, "escalate_after_minutes": None, "escalation_channel_ids": (), "repeat_every_minutes": None,
}  # fmt: skip


def create(
    actor: Actor, *, name: str, channel_ids: Sequence[UUID], once: str | None = None, **values: Any
) -> AlertRoute:
    """Makes the last route. Values: severities, areas, weekdays, starts_at, ends_at, time_zone, continues,
    escalate_after_minutes, escalation_channel_ids, repeat_every_minutes. Raises Invalid naming every bad field.
    """  # fmt: skip
    clean = _clean(_FRESH | values | {"name": name, "channel_ids": channel_ids})
    with write(actor, "alert_routes.create", once=once) as tx:
        routes = _all_locked(tx)
        if len(routes) >= rules.MAX_ROUTES:
            raise Invalid(f"There are {rules.MAX_ROUTES} routes already. Delete one that nobody needs.")
        made = AlertRoute(**clean, position=max((route.position for route in routes), default=0) + 1)
        _require_sound(tx, made)
        tx.add(made)
    return made


def edit(actor: Actor, route_id: UUID, *, version: int | None = None, **values: Any) -> AlertRoute:
    """Changes the given fields. Raises Invalid, Conflict."""
    clean = _clean(values)
    with write(actor, "alert_routes.update") as tx:
        route = tx.lock(AlertRoute, route_id, version=version)
        for field, value in clean.items():
            setattr(route, field, value)
        _require_sound(tx, route)
    return route


def move(actor: Actor, route_id: UUID, *, to: int) -> AlertRoute:
    """Puts the route at place `to` (1 is asked first); the others keep their order."""
    with write(actor, "alert_routes.move") as tx:
        route = tx.get(AlertRoute, route_id)
        others = [one for one in _all_locked(tx) if one.id != route_id]
        place = min(max(to, 1), len(others) + 1) - 1
        for number, one in enumerate([*others[:place], route, *others[place:]], start=1):
            if one.position != number:
                one.position = number
    return route


def enable(actor: Actor, route_id: UUID, *, version: int | None = None) -> AlertRoute:
    """Alerts that open from now on are told along it again."""
    with write(actor, "alert_routes.enable") as tx:
        return _switched(tx, route_id, version, is_enabled=True)


def disable(actor: Actor, route_id: UUID, *, version: int | None = None) -> AlertRoute:
    """Alerts that open from now on pass it by; what it began to escalate is not taken further."""
    with write(actor, "alert_routes.disable") as tx:
        return _switched(tx, route_id, version, is_enabled=False)


def delete(actor: Actor, route_id: UUID, *, reason: str, version: int | None = None) -> None:
    """Removes the route, and what it would still escalate."""
    with write(actor, "alert_routes.delete", reason=reason) as tx:
        route = tx.lock(AlertRoute, route_id, version=version)
        tx.note(name=route.name)
        tx.delete(route)


def _switched(tx: Transaction, route_id: UUID, version: int | None, *, is_enabled: bool) -> AlertRoute:
    route = tx.lock(AlertRoute, route_id, version=version)
    if route.is_enabled == is_enabled:
        raise Invalid(f"This route is {'enabled' if is_enabled else 'disabled'} already.")
    route.is_enabled = is_enabled
    return route


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    return rules.clean_route(values, severities=SEVERITIES, areas=AREAS)


def _all_locked(tx: Transaction) -> list[AlertRoute]:
    """All routes in their order; locked, so that two who reorder come one after the other."""
    found = select(AlertRoute).order_by(AlertRoute.position, AlertRoute.id).with_for_update()
    return list(tx.session.scalars(found.execution_options(populate_existing=True)))


def _require_sound(tx: Transaction, route: AlertRoute) -> None:
    rules.require_sound(route)
    asked = {*route.channel_ids, *route.escalation_channel_ids}
    known = set(tx.session.scalars(select(AlertChannel.id).where(AlertChannel.id.in_(asked))))
    if asked - known:
        sentence = "A chosen channel does not exist any more. Choose another."
        raise Invalid(sentence, {"channel_ids": sentence})
