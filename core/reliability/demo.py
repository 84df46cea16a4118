"""Demo data of reliability: what contracts were kept to, incidents, who was called, what was told and learned."""

from datetime import datetime
from random import Random
from uuid import UUID

from core.kernel.actor import Actor
from core.reliability.communication import demo as communication
from core.reliability.incidents import demo as incidents
from core.reliability.on_call import demo as on_call
from core.reliability.review import demo as review
from core.reliability.sla import demo as sla


def seed(system: Actor, seed: int, now: datetime, operators: dict[str, UUID]) -> None:
    """After contracts, monitors, alerts, errors, deployments and tickets."""
    sla.seed(system, Random(seed + 41), now, operators)
    incidents.seed(system, Random(seed + 42), now, operators)
    review.seed(system, Random(seed + 46), now)
    on_call.seed(system, Random(seed + 44), now, operators)
    communication.seed(system, Random(seed + 43), now, operators)
