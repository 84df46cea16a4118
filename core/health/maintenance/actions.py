"""What can be done with a maintenance window."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.health.maintenance import rules
from core.health.maintenance.models import MaintenanceWindow
from core.health.monitors.models import Monitor
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid, NotFound
from core.kernel.writes import Transaction, write


def create(
    actor: Actor, *, title: str, starts_at: datetime, duration_s: int, once: str | None = None, **values: Any
) -> MaintenanceWindow:
    """Plans a window. Raises Invalid naming every bad field, Denied, NotFound for a monitor that is not in sight.

    Values: rule, zone, covers (all, tags, monitors), tags, monitor_ids, policy (excluded, counted), reason. Who does not see
    all tenants names the monitors.
    """
    given = {"title": title, "starts_at": starts_at, "duration_s": duration_s, "covers": "all"} | values
    defaults: dict[str, Any] = {
        "rule": None,
        "zone": "UTC",
        "tags": [],
        "monitor_ids": [],
        "policy": "excluded",
        "reason": "",
    }
    clean = defaults | rules.clean(given)
    _require_reach(actor, clean["covers"])
    with write(actor, "maintenance.create", once=once) as tx:
        made = MaintenanceWindow(**clean, created_by=actor.id)
        _settle(tx, made)
        tx.add(made)
    return made


def update(actor: Actor, window_id: UUID, *, version: int, **values: Any) -> MaintenanceWindow:
    """Changes a window from now on: what was checked before keeps what counted then. Raises Invalid, Conflict, Denied."""
    clean = rules.clean(values)
    with write(actor, "maintenance.update") as tx:
        window = tx.lock(MaintenanceWindow, window_id, version=version)
        _require_open(window)
        for field, value in clean.items():
            setattr(window, field, value)
        _require_reach(actor, window.covers)
        _settle(tx, window)
    return window


def cancel(actor: Actor, window_id: UUID, *, reason: str, version: int | None = None) -> MaintenanceWindow:
    """Ends the window, also one that runs. Raises Invalid when it is cancelled already."""
    with write(actor, "maintenance.cancel", reason=reason) as tx:
        window = tx.lock(MaintenanceWindow, window_id, version=version)
        _require_open(window)
        window.cancelled_at, window.cancelled_by, window.cancelled_reason = tx.now, actor.id, reason.strip()[:500]
    return window


def _require_open(window: MaintenanceWindow) -> None:
    if window.cancelled_at is not None:
        raise Invalid("This window is cancelled. Plan a new one.")


def _require_reach(actor: Actor, covers: str) -> None:
    if covers != "monitors" and actor.scope != "all":
        raise Denied("Only who sees all tenants may plan a window for all monitors or for tags. Choose monitors.")


def _settle(tx: Transaction, window: MaintenanceWindow) -> None:
    """Drops what the coverage does not use, and checks that the fields fit each other."""
    if window.covers != "tags":
        window.tags = []
    if window.covers != "monitors":
        window.monitor_ids = []
    rules.require_sound(window)
    window.over_at = rules.over_at(window)
    _require_seen(tx, window.monitor_ids)


def _require_seen(tx: Transaction, monitor_ids: Sequence[UUID]) -> None:
    if not monitor_ids:
        return
    with tx.session.no_autoflush:
        seen = tx.session.scalar(select(func.count()).select_from(Monitor).where(Monitor.id.in_(monitor_ids)))
    if seen != len(set(monitor_ids)):
        raise NotFound("One of these monitors does not exist, or is not among those you may see.")
