"""All that the public page shows at one moment, and nothing else: what is not in here cannot get onto the page."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from core.reliability.status_page.history import Day
from core.reliability.status_page.state import overall


@dataclass(frozen=True, slots=True)
class Component:
    """`uptime_ratio` of what was observed in 90 days, None when nothing was."""

    id: UUID
    name: str
    description: str
    group: str
    position: int
    state: str
    days: tuple[Day, ...]
    uptime_ratio: float | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Update:
    """What was told at one moment; `components` are the states that hold from then on, by component."""

    id: UUID
    status: str
    body: str
    at: datetime
    components: dict[str, str]


@dataclass(frozen=True, slots=True)
class Incident:
    """`updates` newest first; `impact` is none, minor, major or critical."""

    id: UUID
    title: str
    status: str
    impact: str
    started_at: datetime
    created_at: datetime
    updated_at: datetime
    monitoring_at: datetime | None
    resolved_at: datetime | None
    updates: tuple[Update, ...]
    component_ids: tuple[str, ...]

    @property
    def is_live(self) -> bool:
        return self.status != "resolved"


@dataclass(frozen=True, slots=True)
class Maintenance:
    """One occurrence of an announced window; `status` is scheduled, in_progress or completed."""

    id: UUID
    title: str
    body: str
    status: str
    since: datetime
    until: datetime
    created_at: datetime
    updated_at: datetime
    component_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Components in the order of the page, incidents newest first, maintenance by its start."""

    components: tuple[Component, ...]
    incidents: tuple[Incident, ...]
    maintenances: tuple[Maintenance, ...]

    @property
    def indicator(self) -> str:
        return self._overall[0]

    @property
    def description(self) -> str:
        return self._overall[1]

    @property
    def _overall(self) -> tuple[str, str]:
        """Once a fix is in place, an incident is a minor one."""
        impacts = ["minor" if one.status == "monitoring" else one.impact for one in self.live]
        return overall((one.state for one in self.components), impacts)

    @property
    def live(self) -> list[Incident]:
        return [one for one in self.incidents if one.is_live]

    def of_status(self, *statuses: str) -> list[Maintenance]:
        """Maintenance in these states."""
        return [one for one in self.maintenances if one.status in statuses]

    @property
    def groups(self) -> list[tuple[str, list[Component]]]:
        """Components by group, each group where its first component is; the group of none has no name."""
        found: dict[str, list[Component]] = {}
        for one in self.components:
            found.setdefault(one.group, []).append(one)
        return list(found.items())

    def names(self, component_ids: tuple[str, ...]) -> list[str]:
        """Of components that are on the page."""
        return [one.name for one in self.components if str(one.id) in component_ids]

    def digest(self) -> bytes:
        """The same as long as the page tells the same; figures of the running day, which move each minute, do not count."""
        told = [
            [
                [one.id, one.name, one.description, one.group, one.state, [day.state for day in one.days]]
                for one in self.components
            ],
            self.incidents,
            self.maintenances,
        ]
        return hashlib.sha256(orjson.dumps(told)).digest()
