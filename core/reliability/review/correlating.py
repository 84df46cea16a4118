"""What changed just before an incident: flags, configuration, deployments and new errors, the likeliest first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, or_, select

from core.health.errors.models import ERROR_ROLLUP, ErrorGroup
from core.kernel.actor import Actor
from core.kernel.audit import AuditEntry
from core.kernel.permissions import require
from core.kernel.reads import read
from core.reliability.deployments.models import Deployment
from core.reliability.incidents import queries
from core.reliability.incidents.models import IncidentTenant

KINDS = {
    "flag": "flags:read", "configuration": "configuration:read", "deployment": "deployments:read", "error": "errors:read",
}  # fmt: skip
BEFORE, AFTER = timedelta(hours=24), timedelta(minutes=15)  # what is noticed late may have begun before it was dated
HALF = 60.0  # minutes after which a change is half as likely to be the cause
MOST = 300  # of each kind
COLUMNS = ("kind", "at", "minutes_before", "what", "who", "key", "tenant_id", "overlap", "score")
_AUDITED = {"flag": ("flags.%",), "configuration": ("configuration.%", "settings.%", "providers.%", "plans.%")}
_SILENT = ("flags.propose", "configuration.propose", "flags.withdraw", "configuration.withdraw")


@dataclass(frozen=True, slots=True)
class Window:
    """What an incident was about: its beginning, services, and the tenants that it hit as far as that is known."""

    started_at: datetime
    services: frozenset[str]
    tenants: frozenset[UUID]

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        return self.started_at - BEFORE, self.started_at + AFTER


def closeness(minutes_before: float) -> float:
    """From 1 (at the same moment) towards 0; halved for every HALF minutes, on either side."""
    return float(0.5 ** (abs(minutes_before) / HALF))


def score(minutes_before: float, overlap: float | None) -> float:
    """How likely a change is the cause, from 0 to 1: by time, and by the share of what was hit that it could have touched.

    An unknown overlap counts as half.
    """
    return closeness(minutes_before) * (0.4 + 0.6 * (0.5 if overlap is None else overlap))


def changes(actor: Actor, incident_id: UUID) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """COLUMNS, the likeliest first: at in UTC, `minutes_before` negative for what came after the beginning, `overlap` from 0
    to 1 (NA unknown); and the kinds that the actor may not see. Raises Denied, NotFound."""
    require(actor, "incidents:read")
    window = _window(actor, incident_id)
    hidden = tuple(kind for kind, permission in KINDS.items() if not actor.may(permission))
    rows = [row for kind, find in _FIND.items() if kind not in hidden for row in find(actor, window)]
    frame = pd.DataFrame([_scored(row, window) for row in rows], columns=list(COLUMNS))
    return frame.sort_values("score", ascending=False, kind="stable").reset_index(drop=True), hidden


def _window(actor: Actor, incident_id: UUID) -> Window:
    incident = queries.one(actor, incident_id)
    hit = select(IncidentTenant.tenant_id).where(IncidentTenant.incident_id == incident_id).limit(5_000)
    with read(Actor.system("incidents")) as rx:
        tenants = frozenset(row.tenant_id for row in rx.rows(hit))
    return Window(incident["started_at"], frozenset(incident["services"]), tenants)


def _scored(row: Mapping[str, Any], window: Window) -> dict[str, Any]:
    minutes = (window.started_at - row["at"]).total_seconds() / 60
    return {**row, "minutes_before": minutes, "score": score(minutes, row["overlap"])}


def _audited(kind: str) -> Callable[[Actor, Window], list[dict[str, Any]]]:
    """Changes that the trail tells of. It is read as the portal itself: who may see flags may see who changed them."""

    def find(actor: Actor, window: Window) -> list[dict[str, Any]]:
        entry = AuditEntry
        since, until = window.bounds
        found = (
            select(entry.id, entry.occurred_at, entry.action, entry.actor_name, entry.tenant_id, entry.details)
            .where(entry.occurred_at.between(since, until), entry.outcome == "done", entry.action.not_in(_SILENT))
            .where(or_(*(entry.action.like(pattern) for pattern in _AUDITED[kind])))
            .order_by(entry.occurred_at.desc())
            .limit(MOST)
        )
        with read(Actor.system("incidents")) as rx:
            rows = rx.rows(found)
        seen = [row for row in rows if row.tenant_id is None or actor.scope == "all"]
        return [
            _row(kind, row.occurred_at, _said(row), row.actor_name, str(row.id), row.tenant_id, window) for row in seen
        ]

    return find


def _said(entry: Any) -> str:
    """The action in words, with what it was about."""
    about = entry.details.get("key") or entry.details.get("name") or ""
    return f"{entry.action.replace('.', ': ').replace('_', ' ')} {about}".strip()


def _row(
    kind: str, at: datetime, what: str, who: str, key: str, tenant_id: UUID | None, window: Window
) -> dict[str, Any]:
    """A change that touches one tenant, or everybody."""
    touched = None if not window.tenants else float(tenant_id is None or tenant_id in window.tenants)
    return {"kind": kind, "at": at, "what": what, "who": who, "key": key, "tenant_id": tenant_id, "overlap": touched}


def _deployments(actor: Actor, window: Window) -> list[dict[str, Any]]:
    since, until = window.bounds
    found = select(Deployment).where(Deployment.at.between(since, until)).order_by(Deployment.at.desc()).limit(MOST)
    with read(actor) as rx:
        rows = [one for (one,) in rx.rows(found)]
        return [
            {
                "kind": "deployment", "at": one.at, "what": f"{one.service} {one.release} to {one.environment} ({one.status})",
                "who": one.deployed_by, "key": str(one.id), "tenant_id": None,
                "overlap": float(one.service in window.services) if window.services else None,
            }
            for one in rows
        ]  # fmt: skip


def _errors(actor: Actor, window: Window) -> list[dict[str, Any]]:
    """Causes that were seen for the first time."""
    since, until = window.bounds
    group = ErrorGroup
    new = select(group.fingerprint, group.type, group.message, group.service, group.first_seen_at)
    new = new.where(group.first_seen_at.between(since, until)).order_by(group.first_seen_at.desc()).limit(MOST)
    with read(actor) as rx:
        rows = rx.rows(new)
    shares = _shares([row.fingerprint for row in rows], window)
    return [
        {
            "kind": "error", "at": row.first_seen_at, "what": f"New error in {row.service}: {row.type}: {row.message[:120]}",
            "who": "", "key": row.fingerprint, "tenant_id": None, "overlap": shares.get(row.fingerprint),
        }
        for row in rows
    ]  # fmt: skip


def _shares(fingerprints: list[str], window: Window) -> dict[str, float]:
    """The share of the tenants hit that each error was seen at."""
    if not fingerprints or not window.tenants:
        return {}
    hours: Any = ERROR_ROLLUP.hour
    since, until = window.bounds
    counted = (
        select(hours.fingerprint, func.count(hours.tenant_id.distinct()).label("tenants"))
        .where(hours.fingerprint.in_(fingerprints), hours.bucket.between(since - timedelta(hours=1), until))
        .where(hours.tenant_id.in_(window.tenants))
        .group_by(hours.fingerprint)
    )
    with read(Actor.system("incidents")) as rx:
        known = {row.fingerprint: row.tenants / len(window.tenants) for row in rx.rows(counted)}
    return {one: known.get(one, 0.0) for one in fingerprints}


_FIND: dict[str, Callable[[Actor, Window], list[dict[str, Any]]]] = {
    "flag": _audited("flag"), "configuration": _audited("configuration"), "deployment": _deployments, "error": _errors,
}  # fmt: skip
