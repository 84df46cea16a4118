"""Rows that tests of the status page need."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from core.health.monitors import actions as monitors
from core.health.monitors.models import MONITOR_ROLLUP, CheckerRun, MonitorChange, MonitorState
from core.kernel import rollups
from core.kernel.actor import Actor
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.reliability.communication.models import IncidentMessage
from core.reliability.incidents.models import Incident
from core.reliability.status_page import actions
from core.reliability.status_page.models import StatusComponent

SYSTEM = Actor.system("test")


def monitor(
    name: str = "Inner gateway", state: str = "up", url: str = "https://inner.secret-host.example/health"
) -> UUID:
    """One that was just looked at, by a checker that runs."""
    made = monitors.create(SYSTEM, name=name, kind="http", settings={"url": url}).monitor
    now = utc_now()
    with record(SYSTEM) as tx:
        tx.execute(
            MonitorState.__table__.update().where(MonitorState.monitor_id == made.id)
            .values(state=state, since=now, checked_at=now, due_by=now + timedelta(minutes=5), detail="secret cause")
        )  # fmt: skip
        run = {"host": "test", "pid": 1, "started_at": now, "seen_at": now, "monitors": 1}
        tx.execute(insert(CheckerRun).values(id=uuid4(), **run))
        change = {"monitor_id": made.id, "at": now, "state": state, "previous": "unknown", "cause": "secret cause"}
        tx.execute(insert(MonitorChange).values(id=uuid4(), **change))
    return made.id


def measured(monitor_id: UUID, day: datetime, **seconds: float) -> None:
    """What the monitor was on that day; `excluded` during maintenance."""
    rows = [
        {"bucket": day, "monitor_id": monitor_id, "state": "up" if state == "excluded" else state,
         "is_counted": state != "excluded", "total": 1, "timed": 0, "seconds_sum": value, "latency_ms_sum": 0.0,
         "latency_ms_max": None, "sketch_keys": [], "sketch_counts": []}
        for state, value in seconds.items()
    ]  # fmt: skip
    with record(SYSTEM) as tx:
        rollups.fill(tx, MONITOR_ROLLUP, "day", rows)


def component(name: str = "API", **values: Any) -> StatusComponent:
    return actions.create_component(SYSTEM, name=name, **values)


def incident(*, title: str = "Inner title of Acme", **values: Any) -> UUID:
    """A public one."""
    now = utc_now()
    known = {
        "title": title, "description": "secret description", "severity": "sev2", "services": ["secret-service"],
        "reported_by_name": "Secret Reporter", "started_at": now, "declared_at": now, "is_public": True, "source": "manual",
        "root_cause": "secret root cause", "resolution": "secret resolution", "public_title": "Slow answers",
    }  # fmt: skip
    with write(SYSTEM, "incidents.declare") as tx:
        made = tx.add(Incident(**(known | values)))
    return made.id


def told(incident_id: UUID, body: str = "We look into it.", status: str = "investigating", **values: Any) -> UUID:
    """An update that was sent to the page."""
    known = {
        "channel": "status_page", "audience": "public", "status": "sent", "sent_at": utc_now(), "subject": "",
        "written_by_name": "Secret Writer", "components": {},
    }  # fmt: skip
    with write(SYSTEM, "incident_messages.send") as tx:
        about = {"incident_id": incident_id, "body": body, "incident_status": status}
        made = tx.add(IncidentMessage(**(known | about | values)))
    return made.id
