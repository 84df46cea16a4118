"""Maintenance windows for machines."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Once,
    area,
    collection,
    entity,
)
from api.health.monitor_forms import WindowCancelling, WindowChange, WindowIn, WindowOut, WindowPage, WindowSettingsOut
from core.health.maintenance import actions, queries
from core.health.maintenance.models import MaintenanceWindow
from core.kernel.actor import Actor

router = area("/superadmin/maintenance-windows", "monitors")
PATH = "/api/v1/superadmin/maintenance-windows"
_CAN_BE_NULL = {"rule"}


def _settings(window: MaintenanceWindow) -> dict[str, Any]:
    return WindowSettingsOut.model_validate(window).model_dump()


def _version(actor: Actor, window_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one(actor, window_id)["version"]))


@router.get("", response_model=WindowPage)
def list_maintenance_windows(
    request: Request, actor: CurrentActor, fields: Fields, past: bool = False, cursor: Cursor = None, limit: Limit = 50
) -> Response:  # fmt: skip
    """The windows that run or come; with `past` those that are over or cancelled."""
    page = queries.listing(actor, past=past, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("", status_code=201, response_model=WindowSettingsOut)
def create_maintenance_window(request: Request, actor: CurrentActor, given: WindowIn, once: Once) -> Response:
    """Plans a window. Checks during it count or not, as its policy says."""
    made = actions.create(actor, **given.model_dump(), once=once)
    return entity(request, _settings(made), status=201, location=f"{PATH}/{made.id}")


@router.get("/{window_id}", response_model=WindowOut)
def get_maintenance_window(request: Request, actor: CurrentActor, window_id: UUID) -> Response:
    """One window, with its version as ETag."""
    return entity(request, queries.one(actor, window_id))


@router.patch("/{window_id}", response_model=WindowSettingsOut)
def change_maintenance_window(
    request: Request, actor: CurrentActor, window_id: UUID, given: WindowChange, match: IfMatch
) -> Response:
    """Changes a window from now on. With If-Match, 412 when somebody was faster; without it, your values win."""
    asked = given.model_dump(exclude_unset=True)
    values = {name: value for name, value in asked.items() if value is not None or name in _CAN_BE_NULL}
    version = _version(actor, window_id, match) or int(queries.one(actor, window_id)["version"])
    return entity(request, _settings(actions.update(actor, window_id, version=version, **values)))


@router.post("/{window_id}/cancel", response_model=WindowSettingsOut)
def cancel_maintenance_window(
    request: Request, actor: CurrentActor, window_id: UUID, given: WindowCancelling, match: IfMatch
) -> Response:
    """Ends a window, also one that runs."""
    version = _version(actor, window_id, match)
    return entity(request, _settings(actions.cancel(actor, window_id, reason=given.reason, version=version)))
