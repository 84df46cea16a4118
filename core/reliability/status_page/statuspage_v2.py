"""The page as JSON in the shape of the Statuspage API v2 (https://metastatuspage.com/api/v2). Pure.

Beyond it there is one word: `unknown`, as a component's status and as the indicator, for what nobody observes.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from core.reliability.status_page.snapshot import Component, Incident, Maintenance, Snapshot, Update
from core.reliability.status_page.state import worst

PAGE_ID = "status"


def _at(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if moment else None


def _group_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def _component(one: Component) -> dict[str, Any]:
    return {
        "id": str(one.id), "name": one.name, "status": one.state, "created_at": _at(one.created_at),
        "updated_at": _at(one.updated_at), "position": one.position, "description": one.description or None,
        "showcase": True, "start_date": one.created_at.date().isoformat(),
        "group_id": _group_id(one.group) if one.group else None, "page_id": PAGE_ID, "group": False,
        "only_show_if_degraded": False,
    }  # fmt: skip


def _group(name: str, members: Sequence[Component], indicator: str) -> dict[str, Any]:
    first = min(one.created_at for one in members)
    return {
        "id": _group_id(name), "name": name, "status": indicator, "created_at": _at(first),
        "updated_at": _at(max(one.updated_at for one in members)), "position": members[0].position, "description": None,
        "showcase": False, "start_date": None, "group_id": None, "page_id": PAGE_ID, "group": True,
        "only_show_if_degraded": False, "components": [str(one.id) for one in members],
    }  # fmt: skip


def _components(snapshot: Snapshot) -> list[dict[str, Any]]:
    groups = [_group(name, members, worst(one.state for one in members)) for name, members in snapshot.groups if name]
    return groups + [_component(one) for one in snapshot.components]


def _update(one: Update, incident: Incident, snapshot: Snapshot, before: dict[str, str]) -> dict[str, Any]:
    names = {str(component.id): component.name for component in snapshot.components}
    affected = [
        {"code": key, "name": names[key], "old_status": before.get(key, "operational"), "new_status": state}
        for key, state in one.components.items()
        if key in names
    ]
    return {
        "id": str(one.id), "status": one.status, "body": one.body, "incident_id": str(incident.id), "created_at": _at(one.at),
        "updated_at": _at(one.at), "display_at": _at(one.at), "affected_components": affected or None,
        "deliver_notifications": True, "custom_tweet": None, "tweet_id": None,
    }  # fmt: skip


def _updates(incident: Incident, snapshot: Snapshot) -> list[dict[str, Any]]:
    known: dict[str, str] = {}
    found = []
    for one in reversed(incident.updates):
        found.append(_update(one, incident, snapshot, dict(known)))
        known |= one.components
    return found[::-1]


def _incident(one: Incident, snapshot: Snapshot, page_url: str) -> dict[str, Any]:
    affected = [_component(part) for part in snapshot.components if str(part.id) in one.component_ids]
    return {
        "id": str(one.id), "name": one.title, "status": one.status, "created_at": _at(one.created_at),
        "updated_at": _at(one.updated_at), "monitoring_at": _at(one.monitoring_at), "resolved_at": _at(one.resolved_at),
        "impact": one.impact, "shortlink": f"{page_url}/incidents/{one.id}.html", "started_at": _at(one.started_at),
        "page_id": PAGE_ID, "incident_updates": _updates(one, snapshot), "components": affected, "reminder_intervals": None,
    }  # fmt: skip


def _maintenance(one: Maintenance, snapshot: Snapshot, page_url: str) -> dict[str, Any]:
    affected = [_component(part) for part in snapshot.components if str(part.id) in one.component_ids]
    told = {
        "id": str(one.id), "status": one.status, "body": one.body, "incident_id": str(one.id), "created_at": _at(one.updated_at),
        "updated_at": _at(one.updated_at), "display_at": _at(one.updated_at), "affected_components": None,
        "deliver_notifications": True, "custom_tweet": None, "tweet_id": None,
    }  # fmt: skip
    return {
        "id": str(one.id), "name": one.title, "status": one.status, "created_at": _at(one.created_at),
        "updated_at": _at(one.updated_at), "monitoring_at": None,
        "resolved_at": _at(one.until) if one.status == "completed" else None, "impact": "maintenance",
        "shortlink": f"{page_url}/history.html", "started_at": _at(one.since), "page_id": PAGE_ID, "incident_updates": [told],
        "components": affected, "scheduled_for": _at(one.since), "scheduled_until": _at(one.until),
        "reminder_intervals": None,
    }  # fmt: skip


def documents(snapshot: Snapshot, *, name: str, page_url: str, rendered_at: datetime) -> dict[str, bytes]:
    """Each document by its path below the page. `page.updated_at` is the moment of rendering."""
    page = {"id": PAGE_ID, "name": name, "url": page_url, "time_zone": "Etc/UTC", "updated_at": _at(rendered_at)}
    status = {"indicator": snapshot.indicator, "description": snapshot.description}
    components = _components(snapshot)
    incidents = [_incident(one, snapshot, page_url) for one in snapshot.incidents]
    live = [one for one in incidents if one["status"] != "resolved"]
    planned = [_maintenance(one, snapshot, page_url) for one in snapshot.maintenances]
    ahead = [one for one in planned if one["status"] != "completed"]
    parts: dict[str, dict[str, Any]] = {
        "summary": {"components": components, "incidents": live, "scheduled_maintenances": ahead, "status": status},
        "status": {"status": status},
        "components": {"components": components},
        "incidents": {"incidents": incidents},
        "incidents/unresolved": {"incidents": live},
        "scheduled-maintenances": {"scheduled_maintenances": planned},
        "scheduled-maintenances/upcoming": {"scheduled_maintenances": _of(ahead, "scheduled")},
        "scheduled-maintenances/active": {"scheduled_maintenances": _of(ahead, "in_progress")},
    }
    return {f"api/v2/{path}.json": orjson.dumps({"page": page, **part}) for path, part in parts.items()}


def _of(planned: Sequence[dict[str, Any]], status: str) -> list[dict[str, Any]]:
    return [one for one in planned if one["status"] == status]
