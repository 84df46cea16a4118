"""What can be done with the status page: its components, its announcements, its subscribers."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.health.maintenance.models import MaintenanceWindow
from core.health.monitors.models import Monitor
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.writes import Transaction, write
from core.reliability.status_page import rules
from core.reliability.status_page.models import StatusComponent, StatusMaintenance, StatusSubscriber

RENDER, MAIL = "status_page.render", "status_page.mail"


def create_component(actor: Actor, *, name: str, once: str | None = None, **values: Any) -> StatusComponent:
    """Puts a component onto the page, at its end unless `position` says where.

    Values: description, group_name, position, monitor_ids, services. Raises Invalid naming every bad field, NotFound for a
    monitor that is not in sight.
    """
    cleaned = rules.clean_component({"name": name} | values)
    with write(actor, "status_page.create_component", once=once) as tx:
        known = _positions(tx)
        if len(known) >= rules.MOST_COMPONENTS:
            raise Invalid(f"The page has {rules.MOST_COMPONENTS} components already. Archive one first.")
        _require_monitors(tx, cleaned.get("monitor_ids", ()))
        made = StatusComponent(**({"position": max(known, default=0) + 1} | cleaned))
        tx.add(made)
    return made


def _positions(tx: Transaction) -> list[int]:
    return list(tx.session.scalars(select(StatusComponent.position).where(StatusComponent.archived_at.is_(None))))


def _require_monitors(tx: Transaction, monitor_ids: Iterable[UUID]) -> None:
    wanted = set(monitor_ids)
    with tx.session.no_autoflush:
        seen = tx.session.scalar(select(func.count()).select_from(Monitor).where(Monitor.id.in_(wanted)))
    if seen != len(wanted):
        raise NotFound("One of these monitors does not exist, or is not among those you may see.")


def _open(tx: Transaction, component_id: UUID, version: int | None) -> StatusComponent:
    component = tx.lock(StatusComponent, component_id, version=version)
    if component.archived_at is not None:
        raise Invalid("This component was taken off the page. Create a new one.")
    return component


def update_component(actor: Actor, component_id: UUID, *, version: int | None = None, **values: Any) -> StatusComponent:
    """Changes name, description, group_name, position, monitor_ids or services. Raises Invalid, NotFound, Conflict."""
    cleaned = rules.clean_component(values)
    with write(actor, "status_page.update_component") as tx:
        component = _open(tx, component_id, version)
        _require_monitors(tx, set(cleaned.get("monitor_ids", ())) - set(component.monitor_ids))
        for field, value in cleaned.items():
            setattr(component, field, value)
    return component


def arrange(actor: Actor, component_ids: Sequence[UUID]) -> None:
    """Puts these components into this order; others keep theirs behind them. Raises Invalid for one that is named twice."""
    if len(set(component_ids)) != len(component_ids):
        raise Invalid("A component is named twice. Name each once.")
    with write(actor, "status_page.arrange") as tx:
        rows = {row.id: row for row in tx.session.scalars(_all_locked())}
        if not rows.keys() >= set(component_ids):
            raise NotFound("One of these components is not on the page any more. Load the page again.")
        rest = sorted((row for key, row in rows.items() if key not in component_ids), key=lambda row: row.position)
        for place, row in enumerate([*(rows[key] for key in component_ids), *rest], start=1):
            row.position = place


def _all_locked() -> Any:
    shown = select(StatusComponent).where(StatusComponent.archived_at.is_(None))
    return shown.order_by(StatusComponent.id).with_for_update()


def set_state(
    actor: Actor, component_id: UUID, *, state: str, reason: str, version: int | None = None
) -> StatusComponent:
    """Shows this state, whatever monitors and incidents say, until `clear_state`. The reason stays inside.

    Raises Invalid, NotFound, Conflict.
    """
    chosen = rules.clean_state(state)
    with write(actor, "status_page.set_state", reason=reason) as tx:
        component = _open(tx, component_id, version)
        component.manual_state, component.manual_reason = chosen, reason.strip()[: rules.MAX_REASON]
    return component


def clear_state(actor: Actor, component_id: UUID, *, version: int | None = None) -> StatusComponent:
    """Shows what monitors and incidents say again. Raises Invalid when nothing was set, NotFound, Conflict."""
    with write(actor, "status_page.clear_state") as tx:
        component = _open(tx, component_id, version)
        if component.manual_state is None:
            raise Invalid("Nobody has set a state. It follows monitors and incidents already.")
        component.manual_state, component.manual_reason = None, ""
    return component


def archive_component(actor: Actor, component_id: UUID, *, version: int | None = None) -> StatusComponent:
    """Takes a component off the page for good. Raises Invalid when it is off already, NotFound, Conflict."""
    with write(actor, "status_page.archive_component") as tx:
        component = _open(tx, component_id, version)
        component.archived_at = tx.now
    return component


def announce(
    actor: Actor,
    window_id: UUID,
    *,
    title: str,
    body: str = "",
    component_ids: Sequence[UUID] = (),
    once: str | None = None,
) -> StatusMaintenance:
    """Announces a maintenance window in words for the public. Raises Invalid for one that is announced, cancelled or over,
    NotFound."""
    cleaned = rules.clean_announcement({"title": title, "body": body, "component_ids": component_ids})
    with write(actor, "status_page.announce", once=once) as tx:
        window = tx.get(MaintenanceWindow, window_id)
        if window.cancelled_at is not None or (window.over_at is not None and window.over_at <= tx.now):
            raise Invalid("This window is cancelled or over. Choose one that comes or runs.")
        _require_components(tx, cleaned["component_ids"])
        known = tx.session.scalar(
            select(StatusMaintenance).where(StatusMaintenance.window_id == window_id).with_for_update()
        )
        if known is None:
            return tx.add(StatusMaintenance(window_id=window_id, **cleaned))
        if known.withdrawn_at is None:
            raise Invalid("This window is announced already. Edit that announcement.")
        for field, value in {**cleaned, "withdrawn_at": None}.items():
            setattr(known, field, value)
        return known


def _require_components(tx: Transaction, component_ids: Sequence[UUID]) -> None:
    shown = StatusComponent.id.in_(component_ids) & StatusComponent.archived_at.is_(None)
    with tx.session.no_autoflush:
        if tx.session.scalar(select(func.count()).select_from(StatusComponent).where(shown)) != len(component_ids):
            raise NotFound("One of these components is not on the page any more. Load the page again.")


def update_announcement(
    actor: Actor, maintenance_id: UUID, *, version: int | None = None, **values: Any
) -> StatusMaintenance:
    """Changes title, body or component_ids. Raises Invalid, NotFound, Conflict."""
    cleaned = rules.clean_announcement(values)
    with write(actor, "status_page.update_announcement") as tx:
        told = tx.lock(StatusMaintenance, maintenance_id, version=version)
        if told.withdrawn_at is not None:
            raise Invalid("This announcement was withdrawn. Announce the window again.")
        _require_components(tx, cleaned.get("component_ids", ()))
        for field, value in cleaned.items():
            setattr(told, field, value)
    return told


def withdraw(actor: Actor, maintenance_id: UUID, *, version: int | None = None) -> StatusMaintenance:
    """Takes an announcement off the page; the window itself stays. Raises Invalid when it is off, NotFound, Conflict."""
    with write(actor, "status_page.withdraw") as tx:
        told = tx.lock(StatusMaintenance, maintenance_id, version=version)
        if told.withdrawn_at is not None:
            raise Invalid("This announcement was withdrawn already.")
        told.withdrawn_at = tx.now
    return told


def remove_subscriber(actor: Actor, subscriber_id: UUID, *, reason: str) -> None:
    """Forgets an address, with what was sent to it. Raises NotFound."""
    with write(actor, "status_page.remove_subscriber", reason=reason) as tx:
        tx.delete(tx.lock(StatusSubscriber, subscriber_id))
        tx.note(subscriber_id=subscriber_id)


def render(actor: Actor) -> None:
    """Has the page rendered, and what is news told, as soon as a worker is free; at most one such job waits."""
    with write(actor, "status_page.render") as tx:
        tx.enqueue(RENDER, priority=5, key=RENDER)
        tx.enqueue(MAIL, key=MAIL)
