"""What tests of on-call begin with: colleagues, a schedule, a policy, an incident."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from core.access.operators import actions as operators
from core.access.operators import rules as operator_rules
from core.kernel.actor import Actor
from core.kernel.events import Event
from core.kernel.times import utc_now
from core.reliability.incidents import actions as incidents
from core.reliability.on_call import actions, policies, rotations

SYSTEM = Actor.system("test")


def colleague(name):
    """An operator in service, whose address is name@example.com."""
    address = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())
    operator_rules.COST, cost = 4, operator_rules.COST
    try:
        return operators.create(
            SYSTEM, email=f"{address}@example.com", name=name, role="support", password="correct horse battery"
        ).id  # fmt: skip
    finally:
        operator_rules.COST = cost


def schedule(name="Primary", people=(), *, since=None, zone="Europe/Berlin", **values):
    """A schedule with one weekly layer of these people, if there are any."""
    made = actions.create_schedule(SYSTEM, name=name, time_zone=zone)
    if people:
        begun = since or utc_now() - timedelta(hours=1)
        layer = {"name": "Weekly", "starts_at": begun, "operator_ids": list(people), **values}
        rotations.set_rotations(SYSTEM, made.id, rotations=[layer])
    return made


def policy(*steps, name="Default", **values):
    """A policy that pages for SEV1; `steps` are (after minutes, schedules, operators, channels)."""
    described = [
        {"after_minutes": after, "schedules": schedules, "operators": people, "channels": channels}
        for after, schedules, people, channels in steps
    ]
    return policies.create_policy(SYSTEM, name=name, steps=described, **({"severities": ["sev1"]} | values))


def incident(severity="sev1", **values):
    return incidents.declare(SYSTEM, title="Checkout fails", severity=severity, **values)


def event(kind, found, *, at=None, **payload):
    """What the dispatcher would hand over."""
    return Event(
        id=uuid4(), type=kind, tenant_id=None, payload={"incident_id": str(found.id), **payload}, actor_id=None,
        actor_name="Ann", request_id="test", occurred_at=at or datetime.now(UTC),
    )  # fmt: skip
