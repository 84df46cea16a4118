"""What is done with tickets by the clock."""

from core.kernel.actor import Actor
from core.kernel.tasks import every
from core.support.tickets import attachments, bulk, closing, following, rated

__all__ = ["following", "rated"]

_ROUNDS = 100  # of one run; the next goes on


@every("tickets.close_resolved", seconds=3_600)
def close_resolved(actor: Actor) -> None:
    """Closes tickets that stayed resolved."""
    for _ in range(_ROUNDS):
        if closing.close_resolved(actor) < bulk.MOST:
            return


@every("tickets.drop_unused", cron="37 2 * * *")
def drop_unused(actor: Actor) -> None:
    """Removes files that were attached to nothing."""
    for _ in range(_ROUNDS):
        if attachments.drop_unused(actor) < attachments.MOST:
            return
