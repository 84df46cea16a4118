"""Alerts that open and end, with channels that lead to a receiver, for tests of routing and sending."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.health.alerts import lifecycle
from core.health.alerts.findings import Finding
from core.health.alerts.models import Alert, AlertRule
from core.health.channels import actions, routes, routing
from core.kernel.actor import Actor
from core.kernel.dispatch import busy, dispatch
from core.kernel.events import subscribers
from core.kernel.reads import read

SYSTEM = Actor.system("tests")


def hand_over() -> None:
    """Hands waiting events to the routing of alerts."""
    assert routing
    mine = next(one for one in subscribers() if one.name == "alert_channels.route")
    while busy([mine]) and dispatch(mine):
        pass


def rule_of(key: str = "server-cpu") -> AlertRule:
    with read(SYSTEM) as rx:
        return rx.session.scalars(select(AlertRule).where(AlertRule.key == key)).one()


def fire(*subjects: str, key: str = "server-cpu") -> list[UUID]:
    """Opens an alert per subject; returns their ids in that order."""
    rule = rule_of(key)
    findings = [
        Finding(rule, subject, 0.92, subject=subject, summary=f"CPU used is 92 % ({subject}).", unit="ratio")
        for subject in subjects
    ]
    lifecycle.open_many(SYSTEM, findings)
    hand_over()
    with read(SYSTEM) as rx:
        found = {row.subject: row.id for row in rx.rows(select(Alert.subject, Alert.id).order_by(Alert.opened_at))}
    return [found[subject] for subject in subjects]


def clear(*ids: UUID) -> None:
    lifecycle.clear_many(SYSTEM, ids, note="The condition is over.")
    hand_over()


def channel(name: str, url: str) -> UUID:
    return actions.create(SYSTEM, name=name, url=url).id


def route(*channel_ids: UUID, name: str = "All", **values: Any) -> UUID:
    return routes.create(SYSTEM, name=name, channel_ids=list(channel_ids), **values).id


def later(now: datetime, **given: float) -> datetime:
    return now + timedelta(**given)
