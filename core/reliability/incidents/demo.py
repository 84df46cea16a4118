"""Demo incidents: 120 days of them with timelines, roles and links; two that run. Their impact is what the demo data say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from core.access.operators.models import Operator
from core.health.alerts.models import Alert, AlertRule
from core.health.errors.models import ErrorGroup
from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write
from core.reliability.deployments import demo as deployments
from core.reliability.incidents import collecting, impact
from core.reliability.incidents.demo_course import Course, course
from core.reliability.incidents.demo_stories import STORIES, Story
from core.reliability.incidents.models import Incident, IncidentEvent, IncidentLink, IncidentRole
from core.support.tickets import numbers
from core.support.tickets.models import Ticket, TicketLink

_LEADS = ("developer", "support_admin", "admin")
_BESIDE = {"communications": "support_admin", "operations": "developer", "scribe": "support_tier_2"}
_TICKETS_AFTER, _NOTICED_TWICE = timedelta(hours=36), timedelta(minutes=4)


@dataclass
class Known:
    """What the stories refer to, and what is made of them."""

    staff: list[tuple[str, UUID, str]]  # role, id, name
    alerts: Mapping[str, list[Any]]
    errors: Mapping[str, str]
    tickets: Sequence[Any]
    deployed: Sequence[Mapping[str, Any]]
    links: list[dict[str, Any]] = field(default_factory=list)
    ticket_links: list[dict[str, Any]] = field(default_factory=list)


def seed(system: Actor, random: Random, now: datetime, operators: dict[str, UUID]) -> None:
    """Needs demo alerts, errors and tickets. Numbers follow the declarations."""
    with write(system, "demo.seed", once="demo.incidents") as tx:
        deployed = deployments.seed(tx, random, now)
        known = _known(tx, operators, deployed)
        courses = _courses(random, known, now)
        _store(tx, random, courses, known)
    ids = [one.row["id"] for one in courses if one.row["merged_into_id"] is None]
    collecting.collect_all(ids)
    impact.compute(ids)


def _known(tx: Transaction, operators: dict[str, UUID], deployed: Sequence[Mapping[str, Any]]) -> Known:
    names = {row.id: row.name for row in tx.session.execute(select(Operator.id, Operator.name))}
    staff = [(role, key, names[key]) for role, key in operators.items()]
    rows = tx.session.execute(
        select(AlertRule.key, Alert.id, Alert.opened_at, Alert.summary)
        .join(AlertRule, AlertRule.id == Alert.rule_id).where(AlertRule.key.is_not(None)).order_by(Alert.opened_at)
    )  # fmt: skip
    alerts: dict[str, list[Any]] = {}
    for row in rows:
        alerts.setdefault(row.key, []).append(row)
    errors = {row.fingerprint: row.type for row in tx.session.execute(select(ErrorGroup.fingerprint, ErrorGroup.type))}
    tickets = tx.session.execute(
        select(Ticket.id, Ticket.number, Ticket.tenant_id, Ticket.created_at).order_by(Ticket.created_at)
    )
    return Known(staff, alerts, errors, tickets.all(), deployed)


def _courses(random: Random, known: Known, now: datetime) -> list[Course]:
    """In the order of their declarations."""
    begun: dict[str, datetime] = {}
    made = []
    for story in STORIES:
        into = begun.get(story.merged_into)
        begun[story.title] = into + _NOTICED_TWICE if into else _begun(random, story, known, now)
        made.append(_course(random, story, begun[story.title], known, now))
    return sorted(made, key=lambda one: one.row["declared_at"])


def _course(random: Random, story: Story, started_at: datetime, known: Known, now: datetime) -> Course:
    role = random.choice(_LEADS)
    lead = next(one for one in known.staff if one[0] == role)
    made = course(random, story, started_at, now, lead)
    _link(random, made, story, known)
    return made


def _begun(random: Random, story: Story, known: Known, now: datetime) -> datetime:
    """With the alert, or shortly after the release, that it has to do with."""
    about = now - timedelta(days=story.ago)
    found: list[datetime] = [one.opened_at for one in known.alerts.get(story.alert, ())]
    if found:
        return min(found, key=lambda at: abs(at - about)) - timedelta(minutes=2)
    if story.deployed:
        before = [one["at"] for one in known.deployed if one["service"] == story.deployed and one["at"] < about]
        return before[-1] + timedelta(minutes=6) if before else about
    if story.is_live:
        return about
    return about - timedelta(minutes=random.uniform(0, 300))


def _link(random: Random, made: Course, story: Story, known: Known) -> None:
    row, started_at = made.row, made.row["started_at"]
    alerts = [one for one in known.alerts.get(story.alert, ()) if abs(one.opened_at - started_at) < timedelta(hours=1)]
    found = [("alert", str(one.id), one.summary) for one in alerts]
    if story.error in known.errors:
        found.append(("error", story.error, known.errors[story.error]))
    released = [one for one in known.deployed if one["service"] == story.deployed and one["at"] <= started_at]
    if released:
        found.append(("deployment", str(released[-1]["id"]), f"{story.deployed} {released[-1]['release']}"))
    near = [one for one in known.tickets if started_at <= one.created_at <= started_at + _TICKETS_AFTER]
    for ticket in sorted(random.sample(near, min(story.tickets, len(near))), key=lambda one: one.number):
        found.append(("ticket", str(ticket.id), numbers.shown(ticket.number)))
        known.ticket_links.append(_ticket_link(random, made, ticket))
    by = row["reported_by_name"]
    at = row["declared_at"]
    for place, (kind, target, label) in enumerate(found):
        linked_at = at + timedelta(minutes=1 + place)
        known.links.append({
            "id": _id(random), "incident_id": row["id"], "kind": kind, "target": target, "label": label,
            "created_by_name": by, "created_at": linked_at,
        })  # fmt: skip
        made.tell(linked_at, "link", f"Linked {kind}: {label}", by=by, link=kind, target=target)


def _ticket_link(random: Random, made: Course, ticket: Any) -> dict[str, Any]:
    return {
        "id": _id(random), "ticket_id": ticket.id, "tenant_id": ticket.tenant_id, "kind": "incident",
        "target": str(made.row["id"]), "created_by_name": made.row["reported_by_name"],
        "created_at": max(made.row["declared_at"], ticket.created_at),
    }  # fmt: skip


def _store(tx: Transaction, random: Random, courses: Sequence[Course], known: Known) -> None:
    by_title = {one.story.title: one for one in courses}
    for one in courses:
        if one.story.merged_into:
            one.merge(by_title[one.story.merged_into])
    tx.bulk(insert(Incident), [one.row | {"merged_into_id": None} for one in courses])
    for one in courses:
        if one.row["merged_into_id"]:
            gone = update(Incident).where(Incident.id == one.row["id"])
            tx.bulk(gone.values(merged_into_id=one.row["merged_into_id"]))
    tx.bulk(insert(IncidentEvent), [{"id": _id(random), **event} for one in courses for event in one.events])
    tx.bulk(insert(IncidentRole), [role for one in courses for role in _roles(random, one, known)])
    tx.bulk(insert(IncidentLink), known.links)
    if known.ticket_links:
        tx.bulk(insert(TicketLink), known.ticket_links)


def _roles(random: Random, made: Course, known: Known) -> list[dict[str, Any]]:
    """A lead for each that somebody took, and a crew for the grave ones."""
    if made.row["lead_id"] is None:
        return []
    at, held = made.row["acknowledged_at"], [("lead", made.row["lead_id"])]
    staff = {role: key for role, key, _ in known.staff}
    if made.row["severity"] != "sev3":
        held += [(role, staff[who]) for role, who in _BESIDE.items() if who in staff and random.random() < 0.8]
    return [{"incident_id": made.row["id"], "role": role, "operator_id": key, "created_at": at} for role, key in held]


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
