"""Messages go out as jobs; what the mail server did not take waits for the next minute."""

from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.tasks import every, task
from core.reliability.communication import delivering, expanding, reminding
from core.reliability.communication.steps import DELIVER


@task(DELIVER, retry=3, timeout_s=900)
def deliver(actor: Actor, *, message_id: str) -> None:
    """Finds the recipients of a sent message, and writes to them. Harmless when it is run again."""
    expanding.expand(actor, UUID(message_id))
    delivering.deliver(actor)


@every("incident_messages.deliver_waiting", seconds=60)
def deliver_waiting(actor: Actor) -> None:
    """Sends what could not be sent before."""
    delivering.deliver(actor)


@every("incident_messages.remind", seconds=60)
def remind(actor: Actor) -> None:
    """Tells those who lead an incident that the promised word is late, once for each promise."""
    reminding.remind(actor)
